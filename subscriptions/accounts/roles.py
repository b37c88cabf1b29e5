"""Define the shipped roles. `migrate` makes each a group with exactly these rights; other groups are left alone.

Account managers approve nothing, whichever other roles they have (`subscriptions.accounts.approvers`). Officials and
office managers work at their office, outside the administration: they are `Official` rows, no groups.
"""

from collections.abc import Iterable
from typing import Any

from django.apps import AppConfig, apps

from secretary.kernel.audit.audit import record_audit
from secretary.kernel.time.clock import now

WRITER, APPROVER, READER = "writer (작성자)", "approver (승인자)", "reader (열람자)"
REFUNDS, ACCOUNTS, CALL_CENTRE = "refunds (환불 담당자)", "accounts (계정 관리자)", "call centre (상담원)"
OPERATOR, AUDITOR = "operator (운영자)", "auditor (감사자)"

DEFINITIONS = ("agency", "datatype", "datatypeversion", "stage", "messagetemplate", "templatevariant", "consenttext")
PEOPLE = (
    *("citizen", "citizenkey", "contact", "consent", "subscription", "channelchoice", "tosslink", "unreached"),
    *("receiptnumber", "familymember", "familytext"),
)
SIGN_IN = ("authenticator", "recoverycode", "staffsession", "invitation", "givenpassword")
LISTS = ("bulkupload", "bulkchunk", "bulkrefusal")
NOTICES = (
    *("notice", "delivery", "deliveryblock", "queueentry", "bundle", "bundleentry", "record", "receiptevent"),
    *("trialmessage", "yearlymessage", "yearlyrefusal", "yearlyrun", "handedover"),
)
FEEDS = ("feed", "feedrun", "batchfigures", "refusedline", "ingestbatch", "pushmessage", "agencykey", "serialpattern")
CHANNELS = (
    *("channelstate", "providerstate", "templatestop", "templatetrouble", "templatecomplaint"),
    *("alarm", "alarmmessage"),
)
COUNTS = ("deliverychange", "deliveryhour", "reachchange", "reachday")
MONEY = (
    *("bill", "payment", "settlement", "refund", "providerevent", "eventcount", "agencyposting"),
    *("journal", "ledgerentry", "quote", "reconcilerun", "difference"),
)

AUDIT = (
    *("auditend", "auditevent", "auditlink", "auditpending"),
    *("lookreport", "lookreportmember", "lookreportline"),
)
SITE = ("calendarfeed", "calendarentry", "dataexport", "erasure", "officecall", "readnotice", "recordwalk")


def _rights(app: str, verbs: str, models: Iterable[str]) -> set[str]:
    return {f"{app}.{verb}_{model}" for verb in verbs.split() for model in models}


SHOWN_TO_ALL = _rights("subscriptions", "view", DEFINITIONS) | _rights("notifications", "view", CHANNELS)
ROLES: dict[str, set[str]] = {
    WRITER: SHOWN_TO_ALL | _rights("subscriptions", "add change", ("agency", "datatype", "datatypeversion")),
    APPROVER: SHOWN_TO_ALL | {"subscriptions.approve_datatypeversion"},
    READER: SHOWN_TO_ALL
    | _rights(
        "subscriptions",
        "view",
        (
            *PEOPLE,
            "office",
            "official",
            "agencystaff",
            "attempt",
            "phonecode",
            "accountchange",
            "namekeymove",
            "familynumber",
            *LISTS,
        ),
    )
    | _rights("notifications", "view", (*NOTICES, *FEEDS, *COUNTS))
    | _rights("payments", "view", MONEY)
    | _rights("citizens", "view", SITE)
    | _rights("common", "view", (*AUDIT, "scheduledrun"))
    | _rights("axes", "view", ("accessattempt", "accesslog", "accessfailurelog")),
    REFUNDS: _rights("payments", "view", MONEY)
    | _rights("payments", "change", ("payment", "agencyposting", "difference"))
    | _rights("payments", "add change", ("refund",))
    | _rights("notifications", "view change", ("alarm",)),
    ACCOUNTS: _rights("auth", "view add change", ("user",))
    | _rights("subscriptions", "view add change", ("office", "official", "agencystaff"))
    | _rights("subscriptions", "view", ("accountchange", *SIGN_IN))
    | _rights("auth", "view", ("group",))
    | _rights("axes", "view", ("accessattempt", "accesslog", "accessfailurelog")),
    CALL_CENTRE: SHOWN_TO_ALL
    | _rights("subscriptions", "view", PEOPLE)
    | _rights("notifications", "view", ("notice", "delivery", "record", "reachday"))
    | _rights("payments", "view", ("bill", "payment", "settlement", "refund"))
    | {"subscriptions.reveal_citizen", "subscriptions.help_caller"},
    OPERATOR: SHOWN_TO_ALL
    | _rights("subscriptions", "view", ("attempt", "phonecode", "unreached", *LISTS))
    | _rights("notifications", "view", (*NOTICES, *FEEDS, *COUNTS))
    | _rights("notifications", "add change", ("feed", "agencykey", "serialpattern"))
    | _rights("notifications", "change", (*CHANNELS, "notice"))
    | _rights("subscriptions", "change", ("unreached",))
    | _rights("notifications", "view add change", ("declaredholiday",))
    | _rights("payments", "view", ("agencyposting", "reconcilerun", "difference"))
    | _rights("citizens", "view", ("dataexport", "erasure", "recordwalk"))
    | _rights("common", "view", ("scheduledrun",)),
    AUDITOR: _rights("common", "view", AUDIT)
    | {"common.export_auditevent"}
    | _rights("notifications", "view", ("reachday",)),
}


def ensure_roles(app_config: AppConfig, **_: Any) -> None:
    """Create every role with its rights after `migrate`. Runs once, when the last app has its permissions.

    A role whose rights a release changes is recorded on the trail. This is no change of the accounts that have it.
    """
    if app_config is not [app for app in apps.get_app_configs() if app.models_module][-1]:  # no signal without models
        return
    from django.contrib.auth.models import Group, Permission

    named = Permission.objects.values_list("content_type__app_label", "codename", "pk")
    known = {f"{app}.{codename}": pk for app, codename, pk in named}
    link: Any = Group.permissions.through
    before = set(Group.objects.filter(name__in=ROLES).values_list("name", flat=True))
    Group.objects.bulk_create([Group(name=name) for name in ROLES if name not in before])
    groups = {group.name: group for group in Group.objects.filter(name__in=ROLES)}
    for name, rights in ROLES.items():
        group = groups[name]
        wanted = {known[right] for right in rights if right in known}
        has = set(link.objects.filter(group=group).values_list("permission_id", flat=True))
        if wanted == has:
            continue
        link.objects.filter(group=group, permission_id__in=has - wanted).delete()
        link.objects.bulk_create([link(group=group, permission_id=pk) for pk in sorted(wanted - has)])
        done = f"{len(wanted - has)} added, {len(has - wanted)} removed"
        if name in before:
            place = f"group:{group.pk} {name}"
            record_audit(now=now(), actor="system:migrate", action="role changed", object=place, reason=done)
