from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    """What every page needs to know of the installation."""
    return {"official_site": settings.OFFICIAL_SITE, "sandbox_url": settings.SANDBOX_URL}
