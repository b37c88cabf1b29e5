"""Set up Django admin for administrators: second factor in production, our name on top."""

from collections.abc import Hashable, Mapping
from functools import cache
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, get_script_prefix, include, path, reverse
from django.utils.decorators import method_decorator
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters

from secretary import env
from secretary.kernel.time.clock import now


class SecretaryAdminConfig(AdminConfig):
    """Load the admin's pages with the applications; a process without pages does so only with `secretary.urls`."""

    default_site = "secretary.admin_site.SecretaryAdminSite"

    def ready(self) -> None:
        if env.process not in ("worker", "receiver"):
            super().ready()


@cache
def _kept_of(
    model: type[Model], site: str, _language: str | None, _prefix: str
) -> tuple[dict[str, Any], dict[str, Any], str, str]:
    """Return what a list of apps has of the app and of the model, and the addresses of its list and of its form to add
    a row. None of it differs from request to request."""
    meta = model._meta
    name = f"admin:{meta.app_label}_{meta.model_name}"
    app = {
        "name": str(apps.get_app_config(meta.app_label).verbose_name),
        "app_label": meta.app_label,
        "app_url": reverse("admin:app_list", kwargs={"app_label": meta.app_label}, current_app=site),
    }
    listed = {
        "model": model,
        "name": str(capfirst(meta.verbose_name_plural)),
        "object_name": meta.object_name,
        "admin_url": None,
        "add_url": None,
    }
    return app, listed, reverse(f"{name}_changelist", current_app=site), reverse(f"{name}_add", current_app=site)


def _rights_of(user: Any) -> Hashable:
    """Return what decides on what an account may do; that of a superuser, who may do everything, is not read."""
    if user.is_active and user.is_superuser:
        return "all"
    return frozenset(user.get_all_permissions())


Perms = dict[str, bool]  # "add", "change", "delete", "view"
MOST_RIGHTS = 100  # sets of rights, each for a role or for several together


class SecretaryAdminSite(AdminSite):
    site_header = site_title = _("Public Secretary administration")
    index_title = _("Overview")
    index_template = "admin/secretary/index.html"

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self._perms_of: dict[Hashable, Mapping[type[Model], Perms]] = {}

    def has_permission(self, request: HttpRequest) -> bool:
        """Staff only, and behind a verified second factor where the installation requires one."""
        if not super().has_permission(request):
            return False
        verified = getattr(request.user, "is_verified", None)
        return not settings.STAFF_TOTP_REQUIRED or bool(verified and verified())

    def _build_app_dict(self, request: HttpRequest, label: Any = None) -> dict[str, Any]:
        """Return what Django's would, by what is kept of each model: every page of the administration lists them all,
        for which Django looks up a hundred addresses and translates each name anew."""
        built: dict[str, Any] = {}
        for model, perms in self._perms(request).items():
            if label and model._meta.app_label != label:
                continue
            app, listed, admin_url, add_url = _kept_of(model, self.name, get_language(), get_script_prefix())
            entry = {**listed, "perms": {**perms}}
            if perms.get("change") or perms.get("view"):
                entry |= {"view_only": not perms.get("change"), "admin_url": admin_url}
            if perms.get("add"):
                entry["add_url"] = add_url
            built.setdefault(app["app_label"], {**app, "has_module_perms": True, "models": []})["models"].append(entry)
        return built

    def _perms(self, request: HttpRequest) -> Mapping[type[Model], Perms]:
        """Return the models that the account may do something with. To ask each takes a quarter of a page, and what
        they say of no row in particular depends on the rights alone.
        """
        rights = _rights_of(request.user)
        found = self._perms_of.get(rights)
        if found is None:
            asked = {
                model: model_admin.get_model_perms(request)
                for model, model_admin in self._registry.items()
                if model_admin.has_module_permission(request)
            }
            found = {model: perms for model, perms in asked.items() if True in perms.values()}
            if len(self._perms_of) < MOST_RIGHTS:
                self._perms_of[rights] = found
        return found

    def get_urls(self) -> list[URLPattern | URLResolver]:
        return [
            path("login/code/", self.entrance, {"page": "code_page"}, name="second_factor"),
            path("login/recovery/", self.entrance, {"page": "recovery_page"}, name="recovery"),
            path("login/set-up/", self.entrance, {"page": "enrol_page"}, name="enrol"),
            *self._own_second_factor_urls(),
            path("more-time/", self.admin_view(self.more_time), name="more_time"),
            path("call-centre/", include("citizens.call_centre.urls")),
            path("reach/", include("notifications.reach.urls")),
            path("dashboard/", self.admin_view(self.dashboard), name="dashboard"),
            path("try-messages/<int:version_id>/", self.admin_view(self.try_messages), name="try_messages"),
            *super().get_urls(),
        ]

    def _own_second_factor_urls(self) -> list[URLPattern]:
        view = self.admin_view(self.own_second_factor)
        pages = {"": "my_second_factor", "another/": "another_authenticator", "codes/": "recovery_codes"}
        return [path(f"second-factor/{end}", view, {"page": name}, name=name) for end, name in pages.items()]

    @method_decorator((never_cache, csrf_protect, sensitive_post_parameters()))
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Check name and password; then, for an account with an authenticator, lead to the page for its code."""
        from django.contrib.admin.forms import AdminAuthenticationForm
        from django.contrib.auth.views import LoginView

        from subscriptions.web.staff.entrance import password_accepted

        site = self
        if request.method == "GET" and self.has_permission(request):
            return HttpResponseRedirect(reverse("admin:index"))

        class PasswordView(LoginView):
            def form_valid(self, form: Any) -> HttpResponse:
                after = self.get_redirect_url()
                return password_accepted(self.request, site._staff_site(), form.get_user(), after)

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
    def entrance(self, request: HttpRequest, page: str) -> HttpResponse:
        """Show a page between the password and the administration: `page` of subscriptions.web.staff.entrance."""
        from subscriptions.web.staff import entrance

        answer: HttpResponse = getattr(entrance, page)(request, self._staff_site())
        return answer

    @method_decorator(sensitive_post_parameters())
    def own_second_factor(self, request: HttpRequest, page: str) -> HttpResponse:
        """Show a page about one's own second factor: `page` of subscriptions.web.staff.own_second_factor."""
        from subscriptions.web.staff import own_second_factor

        answer: HttpResponse = getattr(own_second_factor, page)(request, self._staff_site(), request.user)
        return answer

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

    def try_messages(self, request: HttpRequest, version_id: int) -> HttpResponse:
        from notifications.admin.try_messages import try_messages

        return try_messages(request, version_id, self.each_context(request), now=now())

    def dashboard(self, request: HttpRequest) -> HttpResponse:
        from secretary.ops.dashboard.page import dashboard

        return dashboard(request, self.each_context(request), now=now())

    def more_time(self, request: HttpRequest) -> HttpResponse:
        from subscriptions.web.staff.session_end import more_time

        return more_time(request, self._staff_site())

    def _context_of_staff(self, request: HttpRequest) -> dict[str, Any]:
        """Between password and second factor there is nothing to go to yet."""
        context = self.each_context(request)
        inside = bool(context["has_permission"])
        return {**context, "is_nav_sidebar_enabled": inside and context["is_nav_sidebar_enabled"]}

    def _staff_site(self) -> Any:
        from subscriptions.web.staff.site import StaffSite

        return StaffSite(
            name="admin",
            home=lambda _request: reverse("admin:index"),
            page="admin/secretary/staff_page.html",
            fields="admin/secretary/fields.html",
            admits=lambda user: user.is_staff,
            context=self._context_of_staff,
        )
