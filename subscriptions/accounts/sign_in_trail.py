"""Record sign-ins, failures and sign-outs of both sites on the audit trail, and when each session began.

No input is kept: a password typed into the user name field would be on the trail.
"""

from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest

from secretary.kernel.audit.audit import record_audit
from secretary.kernel.time.clock import now
from subscriptions.accounts.one_session import begin_session
from subscriptions.accounts.sign_in_limits import REFUSED, succeeded
from subscriptions.models import AgencyStaff, Official

SIGNED_IN_AT = "signed_in_at"  # in the session: seconds since the epoch
MARK = "staff_session"  # in the session: which of the account's sessions it is
RECOVERED = "_by_recovery_code"  # attribute of an account that is signing in


def watch() -> None:
    """Connect the receivers; called once, when the apps are ready."""
    user_logged_in.connect(signed_in, dispatch_uid="trail.signed_in")
    user_logged_out.connect(signed_out, dispatch_uid="trail.signed_out")
    user_login_failed.connect(failed, dispatch_uid="trail.failed")


def signed_in(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    at = now()
    request.session[SIGNED_IN_AT] = at.timestamp()
    request.session.set_expiry(None)  # idle as staff: a citizen may have used this browser's session before, for longer
    request.session[MARK] = begin_session(user, at)
    factor = "with a second factor" if getattr(user, "otp_device", None) else "with a password"
    if getattr(user, RECOVERED, False):
        factor = "with a recovery code"
    record_audit(now=at, actor=actor(user), action="signed in", object=f"user:{user.pk}", reason=factor)
    succeeded(request, user, at)


def signed_out(sender: Any, request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    if user is not None and user.pk is not None:
        record_audit(now=now(), actor=actor(user), action="signed out", object=f"user:{user.pk}")


def failed(sender: Any, credentials: Any, request: HttpRequest | None = None, **kwargs: Any) -> None:
    """Record a wrong password. Once axes or a limit has locked, further tries leave no lines."""
    if request is None or getattr(request, REFUSED, None) or not hasattr(request, "axes_failures_since_start"):
        return
    user = User.objects.filter(username=str(credentials.get("username") or "")).first()
    action = "sign-in locked" if getattr(request, "axes_locked_out", False) else "sign-in failed"
    place = f"user:{user.pk}" if user else "unknown account"
    record_audit(now=now(), actor="visitor", action=action, object=place)


def second_factor_failed(user: User) -> None:
    record_audit(now=now(), actor=actor(user), action="second factor failed", object=f"user:{user.pk}")


def actor(user: User) -> str:
    """Return the actor: `official:12` for officials, `agency:knpa:5` for people of agencies, `staff:3` for every other
    account."""
    if user.is_staff:
        return f"staff:{user.pk}"
    of_agency = AgencyStaff.objects.select_related("agency").filter(user=user).first()
    if of_agency is not None:
        return of_agency.actor
    official = Official.objects.filter(user=user).values_list("pk", flat=True).first()
    return f"official:{official}" if official is not None else f"staff:{user.pk}"
