"""Create and edit drafts of data types. Only a draft can be edited, and every edit is on record."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from secretary.kernel.audit.audit import record_audit
from subscriptions.data_types.version_mapping import digest_of
from subscriptions.enrolment.consent_texts import new_text, says
from subscriptions.models import Agency, ConsentText, DataType, DataTypeVersion, MessageTemplate, Stage, TemplateVariant
from subscriptions.specs import CONSENT_COLUMNS, REACH

COPIED = (
    *("name_ko", "name_en", "summary_ko", "summary_en", "frequency_ko", "frequency_en"),
    *("urgent", "sensitive", "fields", "consent_text_id"),
    *REACH,
)
Place = tuple[str, str, str]  # of a text: stage, channel, language


class Refused(Exception):
    """The step is not possible now; the message gives the administrator the reason."""


def account_id(by: AbstractBaseUser) -> int:
    return int(by.pk)


def record(*, version: DataTypeVersion, action: str, by: AbstractBaseUser, now: datetime, reason: str = "") -> None:
    """Write one line of the audit trail about a version."""
    place = f"data_type_version:{version.pk} {version.data_type.code} v{version.number}"
    record_audit(now=now, actor=f"staff:{by.pk}", action=action, object=place, reason=reason)


@transaction.atomic
def create_data_type(
    *,
    code: str,
    agency: Agency,
    group: str,
    name_ko: str,
    name_en: str,
    by: AbstractBaseUser,
    now: datetime,
    position: int = 100,
    payable: str = "",
    like: DataType | None = None,
) -> DataTypeVersion:
    """Create a data type that is not visible yet, and its first draft: with an empty consent text, or `like` another's.

    The copy has no vendor's template codes: they are of the other's texts.
    """
    data_type = DataType.objects.create(code=code, agency=agency, group=group, position=position, payable=payable)
    version = DataTypeVersion(
        data_type=data_type,
        number=1,
        name_ko=name_ko,
        name_en=name_en,
        consent_text=new_text(code, {**dict.fromkeys(CONSENT_COLUMNS, ""), "sensitive": False}),
    )
    if like is not None:
        _copy_content(version, like)
    _save_new(version, by)
    record(version=version, action="data type created", by=by, now=now, reason=f"like {like.code}" if like else "")
    return version


@transaction.atomic
def copy_as_draft(*, version: DataTypeVersion, action: str, by: AbstractBaseUser, now: datetime) -> DataTypeVersion:
    """Return a new draft with the content of `version`, its vendors' template codes included.

    Raises Refused while another draft of the data type is open: one would undo the other.
    """
    data_type = DataType.objects.select_for_update().get(pk=version.data_type_id)
    if data_type.versions.filter(state__in=[DataTypeVersion.DRAFT, DataTypeVersion.REVIEW]).exists():
        raise Refused(_("There already is a draft of this data type. Finish or discard it first."))
    draft = DataTypeVersion(data_type=data_type, number=_next_number(data_type))
    for name in COPIED:
        setattr(draft, name, getattr(version, name))
    draft.save()
    for stage in version.stages.prefetch_related("templates__variants").order_by("position", "id"):
        _copy_stage(stage, draft)
    _save_new(draft, by)
    record(version=draft, action=action, by=by, now=now, reason=f"from v{version.number}")
    return draft


@contextmanager
def editing(*, version_id: int, by: AbstractBaseUser, now: datetime, what: str) -> Iterator[DataTypeVersion]:
    """Yield the draft, locked; on leaving, its digest, its author and the audit line are written with the change.

    Raises Refused for a version that is no draft.
    """
    with transaction.atomic():
        version = DataTypeVersion.objects.select_for_update().get(pk=version_id)
        if version.state != DataTypeVersion.DRAFT:
            raise Refused(_("Only a draft can be edited. Start a new version first."))
        yield version
        version.digest = digest_of(version)
        version.edited_by = sorted({*version.edited_by, account_id(by)})
        version.save()
        record(version=version, action="draft edited", by=by, now=now, reason=what)


@transaction.atomic
def discard(*, version: DataTypeVersion, by: AbstractBaseUser, now: datetime) -> None:
    """Throw a draft away; its data type too, where it never had another version."""
    draft = DataTypeVersion.objects.select_for_update().get(pk=version.pk)
    if draft.state != DataTypeVersion.DRAFT:
        raise Refused(_("Only a draft can be discarded."))
    record(version=draft, action="draft discarded", by=by, now=now)
    data_type, text = draft.data_type, draft.consent_text
    draft.delete()
    if not data_type.versions.exists():
        data_type.delete()
    _drop_if_unused(text)


def set_consent_text(version: DataTypeVersion, texts: dict[str, str], *, sensitive: bool) -> None:
    """Give a draft (inside `editing`) this text: a row of its own, since a text is never edited."""
    old = version.consent_text
    content = {**texts, "sensitive": sensitive}
    if says(old, content):
        return
    version.consent_text = new_text(version.data_type.code, content)
    version.sensitive = sensitive
    version.save(update_fields=["consent_text", "sensitive"])
    _drop_if_unused(old)


def _drop_if_unused(text: ConsentText) -> None:
    """Delete a text that no version shows and no consent refers to, which only a draft had."""
    if not text.consents.exists() and not DataTypeVersion.objects.filter(consent_text=text).exists():
        text.delete()


def _next_number(data_type: DataType) -> int:
    last: int = data_type.versions.aggregate(last=Max("number"))["last"] or 0
    return last + 1


def _save_new(version: DataTypeVersion, by: AbstractBaseUser) -> None:
    version.state, version.source = DataTypeVersion.DRAFT, "admin"
    version.created_by_id = account_id(by)
    version.edited_by = [account_id(by)]
    version.save()
    version.digest = digest_of(version)
    version.save(update_fields=["digest"])


def _copy_content(version: DataTypeVersion, like: DataType) -> None:
    """Give a new draft all of the other's live version, else its newest, but the names."""
    other = like.live_version or like.versions.order_by("-number").first()
    if other is None:
        return
    for name in COPIED:
        if name not in ("name_ko", "name_en", "consent_text_id"):
            setattr(version, name, getattr(other, name))
    text = {name: getattr(other.consent_text, name) for name in CONSENT_COLUMNS}
    version.copied_from = other
    version.consent_text.delete()
    version.consent_text = new_text(version.data_type.code, {**text, "sensitive": other.sensitive})
    version.save()
    for stage in other.stages.prefetch_related("templates__variants").order_by("position", "id"):
        _copy_stage(stage, version)
    MessageTemplate.objects.filter(stage__version=version).update(vendor_template="")
    TemplateVariant.objects.filter(template__stage__version=version).delete()


def _copy_stage(stage: Stage, draft: DataTypeVersion) -> None:
    copy: dict[str, Any] = {
        item.attname: getattr(stage, item.attname)
        for item in Stage._meta.concrete_fields
        if item.name not in ("id", "version")
    }
    new = Stage.objects.create(version=draft, **copy)
    copied = ("channel", "language", "title", "body", "vendor_template")
    old = list(stage.templates.all())
    rows = MessageTemplate.objects.bulk_create(
        MessageTemplate(stage=new, **{name: getattr(item, name) for name in copied}) for item in old
    )
    TemplateVariant.objects.bulk_create(
        TemplateVariant(template=row, key=text.key, vendor_template=text.vendor_template)
        for row, item in zip(rows, old, strict=True)
        for text in item.variants.all()
    )


def unchanged_copies(version: DataTypeVersion) -> dict[Place, bool]:
    """Return the places of the texts that are the copied version's still: whether each names the other by its name or
    its agency's. None of a version that is no copy."""
    other = version.copied_from
    if other is None:
        return {}
    theirs = {_place(row): (row.title, row.body) for row in _texts(other)}
    names = _names_of(other) - _names_of(version)
    return {
        _place(row): any(name in f"{row.title}\n{row.body}" for name in names)
        for row in _texts(version)
        if theirs.get(_place(row)) == (row.title, row.body)
    }


def copied_consent(version: DataTypeVersion) -> dict[str, bool]:
    """Return the same of the parts of the consent text, by their columns."""
    other = version.copied_from
    if other is None:
        return {}
    names, mine, theirs = _names_of(other) - _names_of(version), version.consent_text, other.consent_text
    parts = {part: getattr(mine, part) for part in CONSENT_COLUMNS}
    return {
        part: any(name in text for name in names)
        for part, text in parts.items()
        if text and text == getattr(theirs, part)
    }


def speaks_of_another(version: DataTypeVersion) -> int:
    """Return how many of its texts are unchanged copies that name the other data type or its agency."""
    return sum(unchanged_copies(version).values()) + sum(copied_consent(version).values())


def _texts(version: DataTypeVersion) -> Iterable[MessageTemplate]:
    return MessageTemplate.objects.filter(stage__version=version).select_related("stage")


def _place(row: MessageTemplate) -> Place:
    return row.stage.code, row.channel, row.language


def _names_of(version: DataTypeVersion) -> set[str]:
    """Return what the data type and its agency are called in both languages, and the agency's number."""
    agency = version.data_type.agency
    names = {version.name_ko, version.name_en, agency.name_ko, agency.name_en, agency.phone}
    return {name for name in names | set(version.contact().values()) if name}
