"""From draft to live: somebody submits, somebody else approves; the switch is one transaction."""

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _

from subscriptions.drafts import Refused, account_id, copy_as_draft, record
from subscriptions.events import announce_published
from subscriptions.models import DataType, DataTypeVersion, Wording
from subscriptions.version_mapping import digest_of, problems_of


@transaction.atomic
def submit(*, version: DataTypeVersion, by: AbstractBaseUser, now: datetime) -> DataTypeVersion:
    """Hand a complete draft to a second person. Raises Refused with what is missing."""
    draft = _locked(version, DataTypeVersion.DRAFT)
    _refuse_problems(draft)
    draft.state = DataTypeVersion.REVIEW
    draft.submitted_by_id, draft.submitted_at = account_id(by), now
    draft.save()
    record(version=draft, action="version submitted", by=by, now=now)
    return draft


@transaction.atomic
def send_back(*, version: DataTypeVersion, by: AbstractBaseUser, now: datetime, reason: str) -> DataTypeVersion:
    """Return a submitted version to its authors."""
    draft = _locked(version, DataTypeVersion.REVIEW)
    draft.state = DataTypeVersion.DRAFT
    draft.submitted_by_id, draft.submitted_at = None, None
    draft.save()
    record(version=draft, action="version sent back", by=by, now=now, reason=reason)
    return draft


@transaction.atomic
def approve(*, version: DataTypeVersion, by: AbstractBaseUser, now: datetime) -> DataTypeVersion:
    """Make a submitted version live in place of the one before; `published` is sent after the commit.

    Wordings that were copied unchanged keep the code under which their vendor approved them; the others have
    none yet: `published` is where they are handed in, or an operator types the code (`set_vendor_template`).

    Raises Refused for its own author or submitter, and for a version with problems.
    """
    data_type = DataType.objects.select_for_update().get(pk=version.data_type_id)
    new = _locked(version, DataTypeVersion.REVIEW)
    if account_id(by) in {*new.edited_by, new.created_by_id, new.submitted_by_id}:
        raise Refused(_("You wrote or submitted this version. Somebody else must approve it."))
    _refuse_problems(new)
    data_type.versions.filter(state=DataTypeVersion.LIVE).update(state=DataTypeVersion.RETIRED)
    new.state, new.approved_at = DataTypeVersion.LIVE, now
    new.approved_by_id = account_id(by)
    new.digest = digest_of(new)
    new.save()
    data_type.live_version = new
    data_type.save(update_fields=["live_version"])
    record(version=new, action="version approved", by=by, now=now)
    announce_published(new.pk)
    return new


def new_draft(*, data_type: DataType, by: AbstractBaseUser, now: datetime) -> DataTypeVersion:
    """A copy of the live version to work on. Raises Refused where none is live or a draft is open."""
    if data_type.live_version is None:
        raise Refused(_("No version is live yet."))
    return copy_as_draft(version=data_type.live_version, action="draft started", by=by, now=now)


def roll_back(*, version: DataTypeVersion, by: AbstractBaseUser, now: datetime) -> DataTypeVersion:
    """A new draft with the content of an earlier version; it is approved like any other."""
    if version.state != DataTypeVersion.RETIRED:
        raise Refused(_("Only a version that was live before can be brought back."))
    return copy_as_draft(version=version, action="roll-back started", by=by, now=now)


@transaction.atomic
def set_vendor_template(*, wording: Wording, code: str, by: AbstractBaseUser, now: datetime) -> None:
    """Type in the code under which a vendor approved the wording: all that may change once it is live."""
    version = wording.stage.version
    if version.state == DataTypeVersion.RETIRED or wording.channel == "sms":
        raise Refused(_("This wording has no template code."))
    Wording.objects.filter(pk=wording.pk).update(vendor_template=code)
    place = f"{wording.stage.code} {wording.channel} {wording.language}: {code}"
    record(version=version, action="template code set", by=by, now=now, reason=place)


def _locked(version: DataTypeVersion, state: str) -> DataTypeVersion:
    """The row as it is now, locked. Raises Refused unless it is in `state`."""
    row = DataTypeVersion.objects.select_for_update().get(pk=version.pk)
    if row.state != state:
        raise Refused(_("This version is not in the state for that any more. Look at it again."))
    return row


def _refuse_problems(version: DataTypeVersion) -> None:
    problems = problems_of(version)
    if problems:
        raise Refused(_("Something is missing: %(first)s") % {"first": problems[0]})
