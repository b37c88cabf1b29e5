"""What an official has typed stays while text size, contrast or language change; nothing of it is stored by that."""

import re

import pytest
from django.test import Client

from secretary.kernel.models import AuditEvent
from subscriptions.models import Citizen, Subscription
from tests.subscriptions import cast
from tests.subscriptions.web.officials.test_official_pages import PASSWORD, paper

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("offered")]
DISPLAY = (
    ({"set-size": "150"}, 'class="size-150'),
    ({"set-contrast": "on"}, 'class="size-150 contrast"'),
    ({"set-language": "en"}, '<html lang="en"'),
    ({"set-language": "ko"}, '<html lang="ko"'),
)


def assert_kept(client: Client, path: str, typed: dict[str, str]) -> None:
    """As a browser without scripts sends it: the buttons of the header belong to the form of the page."""
    page = client.get(path).content.decode()
    assert 'form="page-form" formnovalidate class="quiet" name="set-language"' in page, path
    assert len(re.findall(r'<form [^>]*id="page-form"', page)) == 1, path
    for button, sign in DISPLAY:
        page = client.post(path, typed | button).content.decode()
        assert sign in page and "error-summary" not in page, (path, button)
        for name, value in typed.items():
            [*inputs] = re.findall(rf'<input[^>]+name="{name}"[^>]*>', page)
            if 'type="password"' in inputs[0]:
                assert value not in page, (path, name)
            elif 'type="radio"' in inputs[0]:
                [chosen] = [each for each in inputs if "checked" in each]
                assert f'value="{value}"' in chosen, (path, button, name)
            else:
                assert f'value="{value}"' in inputs[0], (path, button, name)


def test_text_size_contrast_and_language_keep_what_an_official_typed(client: Client) -> None:
    official = cast.official()
    assert_kept(client, "/officials/login/", PASSWORD)
    client.post("/officials/login/", PASSWORD)
    entry = f"/officials/list/{cast.register(official).pk}/"
    unfinished = {"name": "박샘플", "birth_date": "194", "phone": "010-0000", "channel": "naver"}
    assert_kept(client, "/officials/", paper(paper_form="A-2", **unfinished))
    assert_kept(client, entry, {"reason": "민원 전화"})
    assert_kept(client, f"{entry}end/", {"reason": "본인 요청"})
    assert_kept(client, f"{entry}correct/", {"name": "박예시", "birth_date": "19480510", "reason": "오타 정정"})
    assert_kept(
        client,
        "/officials/password/",
        {"old": "right-password-1", "new": "right-password-2", "again": "right-password-3"},
    )
    assert Citizen.objects.get().name == "최어르신"  # nothing was stored
    assert Subscription.objects.filter(ended_at=None).count() == 1
    assert not AuditEvent.objects.filter(action="registration.revealed").exists()
