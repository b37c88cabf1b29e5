"""A row of every model that the administration shows, whose own texts are Korean in both languages: what is left in
Latin letters on a page is ours."""

from datetime import date, time
from typing import Any

from axes.models import AccessLog
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import models, transaction
from django.db.models import F

from notifications.models import (
    AgencyKey,
    Alarm,
    Delivery,
    HandedOver,
    ReachDay,
    ReceiptEvent,
    RefusedLine,
    TrialMessage,
    YearlyMessage,
)
from payments.models import Payment
from secretary.kernel.models import AuditEvent, ScheduledRun
from subscriptions.models import Agency, ConsentText, DataType, DataTypeVersion, MessageTemplate, Office, Stage
from tests.secretary.ops.old_rows import MADE, NOW
from tests.support.present import present

BY_TYPE: dict[type, Any] = {
    models.DateTimeField: NOW,
    models.DateField: date(2026, 3, 10),
    models.TimeField: time(9),
    models.BooleanField: False,
    models.JSONField: {},
    models.BinaryField: b"x",
    models.UUIDField: "019cd542-0680-7f7d-b942-4499d6aaf6d8",
}
# Objects and reasons as the product writes them, with what they are about; one line each.
LINES = (
    ("notice.sent_another_way", "notice:4711 sms", "민원"),
    ("searched", "notice by phone: 3", ""),
    ("found", "citizen by name", ""),
    ("family.news_sent", "family:3 accepted", ""),
    ("reading.changed", "ko 150 contrast", ""),
    ("hours.changed", "hours:09:00-21:00", ""),
    ("hours.changed", "hours:usual", ""),
    ("calm mode chosen", "calm:True", ""),
    ("citizen.subscribed", "traffic_fine,vaccination", ""),
    ("channels.changed", "kakaotalk,sms", ""),
    ("consent.withdrawn", "all", "민원"),
    ("consent.withdrawn", "office_call", "민원"),
    ("office_call.recorded", "no_answer", ""),
    ("registration.warned", "form:B-1", "number of another person"),
    ("registration.refused", "form:B-1", "too young"),
    ("registrations.listed", "office:9911051000 people:3", ""),
    ("office_reach.listed", "office:9911051000 late people:3", ""),
    ("reach.listed", "traffic_fine 2026-03 in_time first:sms", ""),
    ("notices.moved", "from:019cd542-0680-7f7d-b942-4499d6aaf6d8 3", ""),
    ("citizen.merged", "into:019cd542-0680-7f7d-b942-4499d6aaf6d8", ""),
    ("contact.suspended", "phone", "another person has proved that the number is theirs"),
    ("bill.closed", "bill:3", "paid_elsewhere"),
    ("payment.surplus", "payment:3", "not_booked"),
    ("refund.requested", "refund:3", "paid_twice"),
    ("refund.rejected", "refund:3", "refunded at the provider, not by us"),
    ("role changed", "group:3 감사", "3 added, 2 removed"),
    ("draft edited", "data_type_version:3 traffic_fine v2", "templates 단계"),
    ("draft edited", "data_type_version:3 traffic_fine v2", "basics"),
    ("test message sent", "data_type_version:3 traffic_fine v2", "단계 kakaotalk ko"),
    ("agency key made", "agency_key:3", "in place of 옛키: 교체"),
    ("signed in", "user:3", "with a recovery code"),
    ("sign-in failed", "unknown account", ""),
    ("sign-in stopped", "one address", "sign_in_address"),
    ("audit.read", "audit trail", "since=2026-03-01 actor=staff:3 object=notice:4711"),
    ("report.read", "look report:2026-03 staff:3", ""),
    ("alarms tested", "alarm:test", "시험"),
    ("erasure.finished", "erasure:3", ""),
    ("official invited", "official:3", ""),
    ("old authenticators overwritten", "authenticators:3", ""),
    ("test_message.asked", "test_message:3 sms", ""),
    ("yearly_message.begun", "yearly_message:2026", ""),
)
ACTORS = ("staff:3", "official:3", "agency:knpa:3", "citizen", "visitor", "system", "family")


def make_the_rest() -> None:
    """Rows of all models that have none, and lines of the trail of every shape."""
    for make in MADE.values():
        try:
            with transaction.atomic():
                make(NOW)
        except Exception:
            continue
    for _round in range(2):  # what one row needs, another is made for first
        for model, model_admin in admin.site._registry.items():
            if not model._base_manager.exists():
                try:
                    with transaction.atomic():
                        _filled(model, getattr(model_admin, "value_words", {})).save(force_insert=True)
                except Exception:
                    continue
    HandedOver.objects.create(deliveries=[17], codes=["0"], vendor_ids=["17"])
    for number, (action, about, reason) in enumerate(LINES):
        actor = ACTORS[number % len(ACTORS)]
        AuditEvent.objects.create(at=NOW, actor=actor, action=action, object=about, reason=reason)


def empty_models() -> list[str]:
    return [model._meta.label for model in admin.site._registry if not model._base_manager.exists()]


def speak_korean() -> None:
    """What administrators write in two languages is Korean in both; accounts have Korean names."""
    Agency.objects.update(name_en="기관")
    Office.objects.update(name_en="관서")
    words = ("name_en", "summary_en", "frequency_en", "note")
    DataTypeVersion.objects.update(**dict.fromkeys(words, "영문"))
    for version in DataTypeVersion.objects.all():
        fields = [{**each, "label": {"ko": "항목", "en": "항목"}, "sample_en": ""} for each in version.fields]
        DataTypeVersion.objects.filter(pk=version.pk).update(fields=fields)
    for nth, stage in enumerate(Stage.objects.all()):
        Stage.objects.filter(pk=stage.pk).update(label_ko=f"단계{nth}", label_en=f"단계{nth}")
    MessageTemplate.objects.update(body="안내 #{확인코드}")
    parts = [f"{part}_{language}" for part in ("purpose", "items", "retention", "refusal") for language in ("ko", "en")]
    ConsentText.objects.update(**dict.fromkeys(parts, "본문"))
    for user in User.objects.all():
        User.objects.filter(pk=user.pk).update(username=f"담당{user.pk}")
    AccessLog.objects.update(username="담당", path_info="/", user_agent="–", http_accept="–")
    ScheduledRun.objects.update(name="match_due")  # a job that there is
    RefusedLine.objects.update(reason="missing")
    for model in (Delivery, ReceiptEvent, TrialMessage, YearlyMessage):
        model._base_manager.update(vendor_id="17")
    Payment.objects.update(vendor_id="17", code="0")
    for template in MessageTemplate.objects.exclude(vendor_template=""):
        MessageTemplate.objects.filter(pk=template.pk).update(vendor_template=str(template.pk))
    ReceiptEvent.objects.update(gateway="toss", event_id=F("id"))
    ReachDay.objects.update(data_type=DataType.objects.order_by("pk").first())
    Alarm.objects.update(subject="toss")
    AgencyKey.objects.update(key_id="k1")


def _filled(model: type[models.Model], words: Any) -> models.Model:
    row = model()
    for field in model._meta.concrete_fields:
        if field.has_default() or field.null or field.auto_created or field.db_default is not models.NOT_PROVIDED:
            continue
        row_value = _value(field, words)
        setattr(row, field.attname, row_value)
    return row


def _value(field: Any, words: Any) -> Any:
    if field.is_relation:
        return present(field.related_model._base_manager.order_by("pk").first()).pk
    if field.name in words:
        return next(iter(words[field.name]))
    found = next((value for kind, value in BY_TYPE.items() if isinstance(field, kind)), None)
    if found is not None:
        return found
    if isinstance(field, models.CharField | models.TextField):
        return "말"
    return 7
