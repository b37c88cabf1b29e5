"""List who a person is to this service, what they chose and agreed to, and every change of it."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db.models import ForeignKey

from secretary.kernel.own_data import Part, Row
from subscriptions.enrolment.paper import Paper
from subscriptions.models import (
    ChannelChoice,
    Citizen,
    Consent,
    Contact,
    FamilyMember,
    FamilyText,
    ReceiptNumber,
    Subscription,
    TossLink,
    Unreached,
)

TEXTS = ("purpose", "items", "retention", "refusal")
TRACKED = (Citizen, Contact, ChannelChoice, Consent, Subscription)
KEPT_OUT = {"pgh_id", "pgh_created_at", "pgh_label", "pgh_obj", "pgh_context", "pgh_context_id", "citizen"}


def _person(citizen_id: UUID) -> Iterator[Row]:
    row = Citizen.objects.get(pk=citizen_id)
    yield {
        "number": str(row.pk),
        "name": row.name,
        "birth_date": row.birth_date.isoformat(),
        "language": row.language,
        "hours_from": _time(row.hours_from),
        "hours_to": _time(row.hours_to),
        "calm": row.calm,
        "calm_at": _time(row.calm_at),
        "calm_weekday": row.calm_weekday,
        "text_size": row.text_size,
        "high_contrast": row.contrast,
        "registered_by": row.registered_by,
        "registered_at": row.created_at,
        "receipt_numbers": ", ".join(row.receipt_numbers.order_by("pk").values_list("number", flat=True)),
    }


def _contacts(citizen_id: UUID) -> Iterator[Row]:
    for row in Contact.objects.filter(citizen=citizen_id).order_by("pk"):
        yield {
            "kind": row.kind,
            "value": row.value,
            "changed_at": row.changed_at,
            "verified_at": row.verified_at,
            "suspended_at": row.suspended_at,
        }


def _channels(citizen_id: UUID) -> Iterator[Row]:
    for row in ChannelChoice.objects.filter(citizen=citizen_id).order_by("position"):
        yield {"position": row.position, "channel": row.channel}


def _subscriptions(citizen_id: UUID) -> Iterator[Row]:
    rows = Subscription.objects.filter(citizen=citizen_id).select_related("data_type__live_version").order_by("pk")
    for row in rows:
        yield {
            "data_type": row.data_type.code,
            "name": row.data_type.name("ko"),
            "consent": row.consent_id,
            "started_at": row.started_at,
            "ended_at": row.ended_at,
        }


def _consents(citizen_id: UUID) -> Iterator[Row]:
    rows = Consent.objects.filter(citizen=citizen_id).select_related("text", "office")
    for row in rows.order_by("given_at", "pk"):
        paper = Paper.opened(row.paper_encrypted, citizen_id) if row.paper_encrypted is not None else None
        yield {
            "number": row.pk,
            "item": row.text.code,
            "version": row.text.number,
            "required": row.text.required,
            "sensitive": row.text.sensitive,
            "language": row.language,
            "method": row.method,
            "given_at": row.given_at,
            "withdrawn_at": row.withdrawn_at,
            "recorded_by_office": row.office.name_ko if row.office else "",
            "paper_form": row.paper_form,
            "paper_name": paper.name if paper else "",
            "paper_birth_date": paper.birth_date.isoformat() if paper else "",
            "paper_phone": paper.phone if paper else "",
            **{part: row.text.text(part, row.language) for part in TEXTS},
        }


def _toss_links(citizen_id: UUID) -> Iterator[Row]:
    for row in TossLink.objects.filter(citizen=citizen_id):
        yield {"state": row.state, "started_at": row.started_at, "expires_at": row.expires_at}


def _unreached(citizen_id: UUID) -> Iterator[Row]:
    for row in Unreached.objects.filter(citizen=citizen_id).order_by("pk"):
        yield {"since": row.at, "reason": row.reason, "notice": row.notice_id}


def _family_members(citizen_id: UUID) -> Iterator[Row]:
    """Another person, as this one has named them."""
    for row in FamilyMember.objects.filter(citizen=citizen_id).order_by("pk"):
        yield {
            "number": row.pk,
            "name": row.name,
            "phone": row.phone,
            "state": row.state,
            "named_at": row.named_at,
            "answered_at": row.answered_at,
            "ended_at": row.ended_at,
        }


def _family_texts(citizen_id: UUID) -> Iterator[Row]:
    for row in FamilyText.objects.filter(member__citizen=citizen_id).order_by("pk"):
        yield {
            "family_member": row.member_id,
            "kind": row.kind,
            "notice": row.notice_id,
            "state": row.state,
            "created_at": row.created_at,
            "sent_at": row.sent_at,
        }


def _changes(citizen_id: UUID) -> Iterator[Row]:
    """Every version of the rows above, as triggers of the database wrote them; encrypted values are not in them."""
    for model in TRACKED:
        column = "pgh_obj_id" if model is Citizen else "citizen_id"
        event = _event_of(model)
        names = [field.attname for field in event._meta.concrete_fields if field.name not in KEPT_OUT]
        links = {field.attname for field in event._meta.concrete_fields if isinstance(field, ForeignKey)}
        for row in event.objects.filter(**{column: citizen_id}).order_by("pgh_id"):
            values = {name: getattr(row, name) for name in names}
            yield {
                "at": row.pgh_created_at,
                "what": str(model._meta.model_name),
                "change": row.pgh_label,
                "values": {name: value for name, value in values.items() if value is not None or name not in links},
            }


def _event_of(model: Any) -> Any:
    return model.pgh_event_model


def _time(value: Any) -> str:
    return value.isoformat("minutes") if value else ""


PARTS = (
    Part(
        "person",
        (
            *("number", "name", "birth_date", "language", "hours_from", "hours_to", "calm", "calm_at", "calm_weekday"),
            *("text_size", "high_contrast", "registered_by", "registered_at", "receipt_numbers"),
        ),
        _person,
        (Citizen, ReceiptNumber),
    ),
    Part("contacts", ("kind", "value", "changed_at", "verified_at", "suspended_at"), _contacts, (Contact,)),
    Part("channels", ("position", "channel"), _channels, (ChannelChoice,)),
    Part("subscriptions", ("data_type", "name", "consent", "started_at", "ended_at"), _subscriptions, (Subscription,)),
    Part(
        "consents",
        (
            *("number", "item", "version", "required", "sensitive", "language", "method", "given_at", "withdrawn_at"),
            *("recorded_by_office", "paper_form", "paper_name", "paper_birth_date", "paper_phone", *TEXTS),
        ),
        _consents,
        (Consent,),
    ),
    Part("toss_links", ("state", "started_at", "expires_at"), _toss_links, (TossLink,)),
    Part("unreached", ("since", "reason", "notice"), _unreached, (Unreached,)),
    Part(
        "family_members",
        ("number", "name", "phone", "state", "named_at", "answered_at", "ended_at"),
        _family_members,
        (FamilyMember,),
    ),
    Part(
        "family_texts",
        ("family_member", "kind", "notice", "state", "created_at", "sent_at"),
        _family_texts,
        (FamilyText,),
    ),
    Part("changes", ("at", "what", "change", "values"), _changes, tuple(_event_of(model) for model in TRACKED)),
)
