"""Show people a sample message for each channel, filled by the code that sends."""

from dataclasses import dataclass
from functools import lru_cache

from django.db.models import Case, Value, When
from django.db.models.functions import Length
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from secretary.kernel.korean.korean import Language
from subscriptions.message_templates.compile import MissingValue, compile_lines
from subscriptions.message_templates.preview import preview
from subscriptions.message_templates.samples import sample_facts, sample_values
from subscriptions.models import MessageTemplate
from subscriptions.models.channel_choice import CHANNELS
from subscriptions.specs import FieldSpec

SHOWN = "traffic_fine"  # a fine is easy to understand; any live type is possible

ABOUT = {
    "kakaotalk": _("Comes as a KakaoTalk message to your number. You need the KakaoTalk app."),
    "naver": _("Comes as a notification of the Naver app. You need the app, signed in with your number."),
    "toss": _("Comes as a notification of the Toss app that you have linked."),
    "sms": _("Works on every mobile phone, also without an app. Free of charge. It is tried last."),
}


@dataclass(frozen=True, slots=True)
class Sample:
    """A message on a phone: sender, title and text."""

    channel: str
    sender: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Card:
    """Facts about a channel that a person should know before choosing it."""

    channel: str
    name: str
    about: str
    sample: Sample | None


def cards(language: Language, mark: str) -> list[Card]:
    """`mark`: of the offer that is in force (subscriptions/data_types/offer.py)."""
    samples = _samples(language, mark)
    return [Card(code, str(CHANNELS[code]), str(ABOUT[code]), samples.get(code)) for code in CHANNELS]


def sample_message(channel: str, language: Language, mark: str) -> Sample | None:
    """Return a live template of that channel and language, filled with its samples; None before any is live."""
    return _samples(language, mark).get(channel)


@lru_cache(maxsize=4)
def _samples(language: Language, mark: str) -> dict[str, Sample]:
    """Return a sample for each channel: of its templates for a stage that opens a record the shortest, as the easiest
    to read. Once per process and offer: templates belong to their version."""
    live = MessageTemplate.objects.filter(language=language, stage__version__state="live")
    opening = live.filter(stage__trigger__in=("opened", "date"))
    others = Case(When(stage__version__data_type__code=SHOWN, then=Value(0)), default=Value(1))
    picked = opening.order_by("channel", others, Length("body"), "pk").distinct("channel")
    return {channel: _filled(pk, language) for channel, pk in picked.values_list("channel", "pk")}


@lru_cache(maxsize=64)
def _filled(template_id: int, language: Language) -> Sample:
    """Fill it once per process: a template never changes once its version is live."""
    template = MessageTemplate.objects.select_related("stage__version").get(pk=template_id)
    fields = [FieldSpec.from_json(field) for field in template.stage.version.fields]
    shown = preview(template.body, template.title, template.channel, language, fields)
    text = _text(template, fields, language) or shown.text
    return Sample(template.channel, gettext("Public Secretary"), shown.title, text)


def _text(template: MessageTemplate, fields: list[FieldSpec], language: Language) -> str:
    """Return the lines that one message can have together, as the preview has the lines of all; "" where a field has no
    sample."""
    try:
        return compile_lines(template.body).fill(sample_values(fields, language), sample_facts(fields))
    except MissingValue:
        return ""
