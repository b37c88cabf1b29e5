"""Create sample accounts of staff and agencies with well-known passwords: only where ENVIRONMENT is local."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, User
from django.db import transaction

from subscriptions.accounts import roles
from subscriptions.models import Agency, AgencyStaff, Office, Official

PASSWORD = "sample-password-2026"  # noqa: S105  (printed by `manage.py sample_accounts`; never made in production)


class NotLocal(RuntimeError):
    """Sample accounts were requested outside a local installation."""


@dataclass(frozen=True, slots=True)
class Account:
    """A sample account. `office`: code of the office of an official, or of its `manager`; `agency`: of a person of an
    agency; neither for an administrator with `roles`."""

    username: str
    role_ko: str
    role_en: str
    office: str = ""
    roles: tuple[str, ...] = ()
    manager: bool = False
    agency: str = ""


DAILY = (roles.READER, roles.OPERATOR, roles.REFUNDS, roles.CALL_CENTRE)
# 행정동코드 of no real place: 99 is no province.
OFFICES = {"9911051000": ("가상동", "Gasang-dong"), "9911052000": ("모의동", "Moui-dong")}
ACCOUNTS = (
    Account("official1", "가상동 담당 공무원", "official of Gasang-dong", "9911051000"),
    Account("official2", "모의동 담당 공무원", "official of Moui-dong", "9911052000"),
    Account("manager1", "가상동 기관 관리자", "office manager of Gasang-dong", "9911051000", manager=True),
    Account("admin1", "관리자(작성)", "administrator (writes)", roles=(roles.WRITER, *DAILY)),
    Account("admin2", "관리자(승인)", "administrator (approves)", roles=(roles.APPROVER, *DAILY)),
    Account("admin3", "관리자(계정)", "administrator (accounts)", roles=(roles.ACCOUNTS,)),
    Account("auditor1", "감사자", "auditor", roles=(roles.AUDITOR,)),
    Account("agency1", "경찰청 기관 담당자", "person of an agency (police)", agency="knpa"),
)


@transaction.atomic
def ensure_sample_accounts() -> Official:
    """Create missing accounts; return the official of the first office. Existing passwords stay. Raises NotLocal."""
    if settings.ENVIRONMENT != "local":
        raise NotLocal("sample accounts are for ENVIRONMENT=local only")
    offices = {code: _office(code, *names) for code, names in OFFICES.items()}
    officials = [_ensure(account, offices) for account in ACCOUNTS]
    return next(official for official in officials if official is not None)


def _office(code: str, name_ko: str, name_en: str) -> Office:
    return Office.objects.get_or_create(code=code, defaults={"name_ko": name_ko, "name_en": name_en})[0]


def _ensure(account: Account, offices: dict[str, Office]) -> Official | None:
    users = get_user_model().objects
    user = users.filter(username=account.username).first()
    if user is None:
        admin = not (account.office or account.agency)
        user = users.create(username=account.username, password=make_password(PASSWORD), is_staff=admin)
    if account.roles:
        user.groups.set(Group.objects.filter(name__in=account.roles))
    if user.is_superuser:  # of an earlier release, when roles were not there yet
        users.filter(pk=user.pk).update(is_superuser=False)
    if account.agency:
        _bind(user, account.agency)
    if not account.office:
        return None
    work = {"office": offices[account.office], "manager": account.manager}
    return Official.objects.get_or_create(user=user, defaults=work)[0]


def _bind(user: User, code: str) -> None:
    """Make the account that of a person of this agency; there is none before the catalogue is loaded."""
    if not AgencyStaff.objects.filter(user=user).exists() and (agency := Agency.objects.filter(code=code).first()):
        AgencyStaff.objects.create(user=user, agency=agency)
