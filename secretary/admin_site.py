"""Set up Django admin for administrators: second factor in production, our name on top."""

from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, include, path, reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters

from secretary.kernel.time.clock import now

NEXT = "admin_next"  # in the session, between the password and the code


class SecretaryAdminConfig(AdminConfig):
    default_site = "secretary.admin_site.SecretaryAdminSite"


class SecretaryAdminSite(AdminSite):
    site_header = site_title = _("Public Secretary administration")
    index_title = _("Overview")
    index_template = "admin/secretary/index.html"

    def has_permission(self, request: HttpRequest) -> bool:
        """Staff only, and behind a verified second factor where the installation requires one."""
        if not super().has_permission(request):
            return False
        verified = getattr(request.user, "is_verified", None)
        return not settings.STAFF_TOTP_REQUIRED or bool(verified and verified())

    def get_urls(self) -> list[URLPattern | URLResolver]:
        return [
            path("login/code/", self.second_factor, name="second_factor"),
            path("call-centre/", include("citizens.call_centre.urls")),
            path("dashboard/", self.admin_view(self.dashboard), name="dashboard"),
            *super().get_urls(),
        ]

    @method_decorator((never_cache, csrf_protect, sensitive_post_parameters()))
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Check name and password; then, for an account with an authenticator, lead to the page for its code."""
        from django.contrib.admin.forms import AdminAuthenticationForm
        from django.contrib.auth.views import LoginView

        site = self
        if request.method == "GET" and self.has_permission(request):
            return HttpResponseRedirect(reverse("admin:index"))

        class PasswordView(LoginView):
            def form_valid(self, form: Any) -> HttpResponse:
                return site._password_was_right(self.request, form.get_user(), self.get_redirect_url())

        context = {**self.each_context(request), "title": _("Sign in"), "subtitle": None, **(extra_context or {})}
        context |= {"app_path": request.get_full_path(), "next": request.GET.get("next") or reverse("admin:index")}
        request.current_app = self.name
        view = PasswordView.as_view(
            extra_context=context, authentication_form=AdminAuthenticationForm, template_name="admin/login.html"
        )
        answer = view(request)
        assert isinstance(answer, HttpResponse)  # a page or a redirect, nothing that streams
        return answer

    @method_decorator((never_cache, csrf_protect, sensitive_post_parameters()))
    def second_factor(self, request: HttpRequest) -> HttpResponse:
        """Check the code of the authenticator, once; the password was right and is not requested again."""
        from subscriptions.web.forms import posted
        from subscriptions.web.staff.second_factor import TokenForm, enter, matching_device, pending_user, time_is_over

        user = pending_user(request)
        if user is None or not user.is_staff:
            time_is_over(request)
            return redirect("admin:login")
        form, status = TokenForm(posted(request)), 200
        if request.method == "POST" and form.is_valid():
            if (device := matching_device(user, form)) is not None:
                after = request.session.pop(NEXT, "")
                enter(request, user, device)
                return HttpResponseRedirect(_safe(request, after))
            status = 200 if form.has_error("code") else 429
        context = {**self.each_context(request), "title": _("Second step"), "form": form}
        return render(request, "admin/secretary/second_factor.html", context, status=status)

    @method_decorator(sensitive_post_parameters())
    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One's own password, behind the old one and a code; all other sessions end."""
        from django.contrib.auth.models import User

        from subscriptions.web.staff.own_password import change_own_password

        assert isinstance(request.user, User)
        context = {**self.each_context(request), "title": _("Change your password"), **(extra_context or {})}
        return change_own_password(
            request, request.user, template="admin/secretary/own_password.html", then="admin:index", context=context
        )

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        from secretary.ops.overview import overview

        response = super().index(request, {"overview": overview(now()), **(extra_context or {})})
        response["Cache-Control"] = "no-store"
        return response

    def dashboard(self, request: HttpRequest) -> HttpResponse:
        from secretary.ops.dashboard.page import dashboard

        return dashboard(request, self.each_context(request), now=now())

    def _password_was_right(self, request: HttpRequest, user: Any, after: str) -> HttpResponse:
        from django_otp import user_has_device

        from subscriptions.web.staff.second_factor import enter, password_was_right

        if user_has_device(user):
            password_was_right(request, user)
            request.session[NEXT] = after
            return redirect("admin:second_factor")
        if settings.STAFF_TOTP_REQUIRED:
            context = {**self.each_context(request), "title": _("A second factor is needed")}
            return render(request, "admin/secretary/no_device.html", context, status=403)
        enter(request, user)
        return HttpResponseRedirect(_safe(request, after))


def _safe(request: HttpRequest, after: str) -> str:
    """Return where to go after signing in: a page of this site, otherwise the overview."""
    ours = url_has_allowed_host_and_scheme(after, {request.get_host()}, require_https=request.is_secure())
    return after if after and ours else reverse("admin:index")
