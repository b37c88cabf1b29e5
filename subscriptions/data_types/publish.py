"""Publish drafts: one person submits, another approves; the switch is one transaction."""

from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _

from subscriptions.accounts.approvers import why_not_approve
from subscriptions.data_types.drafts import Refused, account_id, copy_as_draft, record, speaks_of_another
from subscriptions.data_types.version_mapping import digest_of, problems_of
from subscriptions.events import announce_published
from subscriptions.models import Agency, DataType, DataTypeVersion, MessageTemplate, TemplateVariant
from subscriptions.models.data_type import CONTACT

LATEST: Final = timedelta(days=90)  # how far ahead a version may be approved to go live


@transaction.atomic
def submit(
    *, version: DataTypeVersion, by: AbstractBaseUser, now: datetime, note: str | None = None
) -> DataTypeVersion:
    """Submit a complete draft to a second person, with the agency's present name and telephone.

    `note`: what the approver reads first; None leaves the one that is there. Raises Refused with the missing parts.
    """
    draft = _locked(version, DataTypeVersion.DRAFT)
    refuse_problems(draft)
    _take_contact(draft)
    draft.state = DataTypeVersion.REVIEW
    draft.submitted_by_id, draft.submitted_at = account_id(by), now
    draft.sent_back, draft.note = "", draft.note if note is None else note
    draft.save()
    record(version=draft, action="version submitted", by=by, now=now)
    return draft


@transaction.atomic
def send_back(*, version: DataTypeVersion, by: AbstractBaseUser, now: datetime, reason: str) -> DataTypeVersion:
    """Return a submitted version to its authors, who read the reason; one that waits for its time does not go live."""
    draft = _locked(version, DataTypeVersion.REVIEW)
    draft.state = DataTypeVersion.DRAFT
    draft.submitted_by_id, draft.submitted_at, draft.sent_back = None, None, reason
    draft.approved_by_id, draft.approved_at, draft.live_at = None, None, None
    draft.save()
    record(version=draft, action="version sent back", by=by, now=now, reason=reason)
    return draft


@transaction.atomic
def approve(
    *,
    version: DataTypeVersion,
    by: AbstractBaseUser,
    now: datetime,
    seen: str | None = None,
    live_at: datetime | None = None,
    copies_confirmed: bool = False,
) -> DataTypeVersion:
    """Make a submitted version live in place of the one before, at once or at `live_at`.

    Message templates that were copied unchanged keep the code under which their vendor approved them; the others have
    none yet: receivers of `published` submit them, or an operator enters the code (`set_vendor_template`).

    `copies_confirmed`: texts that name the data type they were copied from may go out so. `seen`: the digest of what
    the approver read. Raises Refused where it is another by now, where such copies are unconfirmed, for its own author
    or submitter, for an account that is no second person (`approvers`), and for a version with problems.
    """
    lock_data_type(version)
    new = _locked(version, DataTypeVersion.REVIEW)
    if reason := why_not_approve(by=by, authors=authors_of(new), now=now):
        raise Refused(reason)
    if seen is not None and seen != new.digest:
        raise Refused(_("This version has changed since you read it. Please read it again."))
    if new.live_at is not None:
        raise Refused(_("It is approved already, and goes live at its time. Cancel that first."))
    if live_at is not None and not now < live_at <= now + LATEST:
        raise Refused(_("Choose a time that is yet to come, within 90 days."))
    refuse_problems(new)
    copies = _refuse_copies(new, confirmed=copies_confirmed)
    new.approved_by_id, new.approved_at, new.live_at = account_id(by), now, live_at
    new.save(update_fields=["approved_by", "approved_at", "live_at"])
    if live_at is None:
        make_live(new)
    contact = " ".join(new.contact().values())
    action = "version approved" if live_at is None else "version approved for later"
    record(version=new, action=action, by=by, now=now, reason=f"{live_at or ''} {contact}".strip())
    if copies:
        record(version=new, action="version copies confirmed", by=by, now=now, reason=str(copies))
    return new


def _refuse_copies(version: DataTypeVersion, *, confirmed: bool) -> int:
    """Return how many of its messages are unchanged copies that name the other data type. Raises Refused."""
    copies = speaks_of_another(version)
    if copies and not confirmed:
        raise Refused(_("Messages that were copied unchanged name another data type or its agency. Confirm them."))
    return copies


def make_live(new: DataTypeVersion) -> None:
    """Put an approved version, whose data type is locked, in place of the live one; `published` follows the commit."""
    data_type = new.data_type
    data_type.versions.filter(state=DataTypeVersion.LIVE).update(state=DataTypeVersion.RETIRED)
    new.state, new.live_at, new.digest = DataTypeVersion.LIVE, None, digest_of(new)
    new.save()
    data_type.live_version = new
    data_type.save(update_fields=["live_version"])
    new.refresh_from_db(fields=CONTACT)
    _settle_agency(data_type.agency)
    announce_published(new.pk)


def lock_data_type(version: DataTypeVersion) -> DataType:
    rows = DataType.objects.select_for_update(of=("self",)).select_related("agency")
    return rows.get(pk=version.data_type_id)


def new_draft(*, data_type: DataType, by: AbstractBaseUser, now: datetime) -> DataTypeVersion:
    """Return a copy of the live version to work on. Raises Refused where none is live or a draft is open."""
    if data_type.live_version is None:
        raise Refused(_("No version is live yet."))
    return copy_as_draft(version=data_type.live_version, action="draft started", by=by, now=now)


@transaction.atomic
def roll_back(*, version: DataTypeVersion, by: AbstractBaseUser, now: datetime, reason: str) -> DataTypeVersion:
    """Return a new version with the content of an earlier one, submitted: another person approves it like any other.

    It stays a draft where the earlier one would not be approved any more.
    """
    if version.state != DataTypeVersion.RETIRED:
        raise Refused(_("Only a version that was live before can be brought back."))
    draft = copy_as_draft(version=version, action="roll-back started", by=by, now=now)
    draft.note = _("Back to v%(number)d: %(reason)s") % {"number": version.number, "reason": reason}
    draft.save(update_fields=["note"])
    return draft if problems_of(draft) else submit(version=draft, by=by, now=now)


@transaction.atomic
def set_vendor_template(
    *, template: MessageTemplate, code: str, by: AbstractBaseUser, now: datetime, variant: str = ""
) -> None:
    """Enter the code under which a vendor approved the template, or its text `variant` (a `Variant.key`).

    In a draft it is part of what the second person approves. For a live template it is a proposal, which counts once
    another account has approved it (`approve_vendor_template`). Raises Refused.
    """
    row, version = _lock_template(template)
    text = _text_of(row, variant)
    place = _place(row, variant, code)
    if version.state == DataTypeVersion.DRAFT:
        text.vendor_template = code
        version.edited_by = sorted({*version.edited_by, account_id(by)})
        version.save(update_fields=["edited_by"])
        record(version=version, action="template code set", by=by, now=now, reason=place)
    else:
        text.proposed_template, text.proposed_by_id = code, account_id(by)
        record(version=version, action="template code proposed", by=by, now=now, reason=place)
    text.save(update_fields=["vendor_template", "proposed_template", "proposed_by"])


@transaction.atomic
def approve_vendor_template(
    *,
    template: MessageTemplate,
    code: str,
    by: AbstractBaseUser,
    now: datetime,
    refuse: bool = False,
    variant: str = "",
) -> None:
    """Accept the proposed code, or with `refuse` discard it. `code`: the one that the approver saw.

    Raises Refused for its proposer, for an account that is no second person, and where another is proposed by now.
    """
    row, version = _lock_template(template)
    text = _text_of(row, variant)
    if text.proposed_by_id is None or text.proposed_template != code:
        raise Refused(_("Another code has been proposed since. Please review it again."))
    reason = why_not_approve(by=by, authors=[text.proposed_by_id], now=now)
    if reason and not refuse:
        raise Refused(reason)
    if not refuse:
        text.vendor_template = code
    action = "template code refused" if refuse else "template code approved"
    place = _place(row, variant, code)
    record(version=version, action=action, by=by, now=now, reason=place)
    text.proposed_template, text.proposed_by_id = "", None
    text.save(update_fields=["vendor_template", "proposed_template", "proposed_by"])


def _text_of(row: MessageTemplate, variant: str) -> MessageTemplate | TemplateVariant:
    """Return the row that holds the text's code: the locked template's own, or its variant's, created if missing."""
    return TemplateVariant.objects.get_or_create(template=row, key=variant)[0] if variant else row


def authors_of(version: DataTypeVersion) -> set[int | None]:
    """Return the accounts that wrote on the version or submitted it; none of them may approve it."""
    return {*version.edited_by, version.created_by_id, version.submitted_by_id}


def _lock_template(template: MessageTemplate) -> tuple[MessageTemplate, DataTypeVersion]:
    """Lock a template and its version. Raises Refused where it can take no code: text messages, retired versions,
    versions in review."""
    version = DataTypeVersion.objects.select_for_update().get(stages=template.stage_id)
    row = MessageTemplate.objects.select_for_update(of=("self",)).select_related("stage").get(pk=template.pk)
    if version.state not in (DataTypeVersion.DRAFT, DataTypeVersion.LIVE) or row.channel == "sms":
        raise Refused(_("This message template has no template code."))
    return row, version


def _place(row: MessageTemplate, variant: str, code: str) -> str:
    """Return what the trail says of a template code: whose it is, and the code."""
    text = f"{row.stage.code} {row.channel} {row.language}"
    return f"{text} {variant}: {code}" if variant else f"{text}: {code}"


def _take_contact(draft: DataTypeVersion) -> None:
    """Copy the agency's texts that citizens read. Where they differ, the accounts behind it count as authors."""
    agency, live = draft.data_type.agency, draft.data_type.live_version
    for column, value in agency.contact().items():
        setattr(draft, column, value)
    if live is None or live.contact() != draft.contact():
        draft.edited_by = sorted({*draft.edited_by, *agency.edited_by})


def _settle_agency(agency: Agency) -> None:
    """Clear the authors of the agency's changes once all live versions have the texts of its row."""
    versions = [item.live_version for item in agency.data_types.select_related("live_version")]
    if all(live is None or live.contact() == agency.contact() for live in versions):
        Agency.objects.filter(pk=agency.pk).update(edited_by=[])


def _locked(version: DataTypeVersion, state: str) -> DataTypeVersion:
    """Return the current row, locked. Raises Refused unless it is in `state`."""
    row = DataTypeVersion.objects.select_for_update().get(pk=version.pk)
    if row.state != state:
        raise Refused(_("The state of this version has changed. Please review it again."))
    return row


def refuse_problems(version: DataTypeVersion) -> None:
    problems = problems_of(version)
    if problems:
        raise Refused(_("Something is missing: %(first)s") % {"first": problems[0]})
