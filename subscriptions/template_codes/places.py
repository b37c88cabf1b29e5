"""Find the text that a line of the file is about; what is not known is answered with what there is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property

from django.utils.translation import gettext as _

from subscriptions.data_types.rows import spec_of_row
from subscriptions.message_templates import variants
from subscriptions.message_templates.limits import gateways
from subscriptions.models import DataType, DataTypeVersion, MessageTemplate, Stage
from subscriptions.models.channel_choice import CHANNELS
from subscriptions.specs import fields_from_json
from subscriptions.template_codes.lines import CodeLine

LANGUAGES = ("ko", "en")
MOST_NAMES = 8  # that are suggested in place of an unknown one


class NotFound(Exception):
    """No text is meant by the line; the message has the remedy."""


@dataclass(frozen=True, slots=True)
class Place:
    """A text of a message template at one provider: its row, and the key that holds its code (docs/adr/0060)."""

    template: MessageTemplate
    version: DataTypeVersion
    key: str
    code: str  # that counts now
    proposed: str  # that waits for a second person


class Places:
    """The message templates that codes may be entered for: of each data type's live version, else of its draft."""

    @cached_property
    def _versions(self) -> Mapping[str, DataTypeVersion]:
        drafts = (
            DataTypeVersion.objects.filter(state=DataTypeVersion.DRAFT).select_related("data_type").order_by("number")
        )
        found = {version.data_type.code: version for version in drafts}
        live = DataType.objects.filter(live_version__isnull=False).select_related("live_version")
        return found | {row.code: row.live_version for row in live if row.live_version}

    def __init__(self) -> None:
        self._known: dict[int, tuple[set[str], dict[tuple[str, str, str], MessageTemplate]]] = {}

    def _of(self, version: DataTypeVersion) -> tuple[set[str], dict[tuple[str, str, str], MessageTemplate]]:
        """Return the codes of a version's stages, and its message templates; read once."""
        if version.pk not in self._known:
            stages = set(Stage.objects.filter(version=version).values_list("code", flat=True))
            rows = MessageTemplate.objects.filter(stage__version=version).select_related("stage__version__data_type")
            found = rows.prefetch_related("variants").order_by("stage__position", "channel", "-language")
            self._known[version.pk] = stages, {(row.stage.code, row.channel, row.language): row for row in found}
        return self._known[version.pk]

    def find(self, line: CodeLine) -> Place:
        """Return the place that the line is about. Raises NotFound."""
        version = self._versions.get(line.data_type)
        if version is None:
            raise _unknown(_("data type"), line.data_type, self._versions)
        stages, templates = self._of(version)
        if line.stage not in stages:
            raise _unknown(_("stage"), line.stage, stages)
        if line.language not in LANGUAGES:
            raise _unknown(_("language"), line.language, LANGUAGES)
        templated = [channel for channel in CHANNELS if channel != "sms"]
        if line.channel not in templated:
            raise _unknown(_("channel with template codes"), line.channel, templated)
        if line.provider not in gateways(line.channel):
            raise _unknown(_("message provider of this channel"), line.provider, gateways(line.channel))
        template = templates.get((line.stage, line.channel, line.language))
        if template is None:
            raise NotFound(_("This stage has no message template on that channel in that language. Write it first."))
        return _text_of(template, version, line)

    def all(self, provider: str) -> Iterable[CodeLine]:
        """Return a line for each text that the provider may carry, with its code of now."""
        for version in self._versions.values():
            for template in self._of(version)[1].values():
                if template.channel != "sms" and provider in gateways(template.channel):
                    names = (version.data_type.code, template.stage.code, template.language, template.channel, provider)
                    for key in _keys(template, version):
                        yield CodeLine(0, *names, _place(template, version, provider, key).code, key)


def _text_of(template: MessageTemplate, version: DataTypeVersion, line: CodeLine) -> Place:
    keys = _keys(template, version)
    if line.text not in keys:
        raise _unknown(_("text (empty: the main one)"), line.text, [key for key in keys if key])
    return _place(template, version, line.provider, line.text)


def _keys(template: MessageTemplate, version: DataTypeVersion) -> list[str]:
    """Return the keys of the template's texts, "" of the main one."""
    texts = variants(template.body, fields_from_json(version.fields), spec_of_row(template.stage))
    return ["" if not nth else text.key for nth, text in enumerate(texts)]


def _place(template: MessageTemplate, version: DataTypeVersion, provider: str, text: str) -> Place:
    key = text if provider == gateways(template.channel)[0] else f"{provider}:{text}"
    row = next((row for row in template.variants.all() if row.key == key), None) if key else template
    return Place(template, version, key, row.vendor_template if row else "", row.proposed_template if row else "")


def _unknown(what: str, name: str, known: Iterable[str]) -> NotFound:
    names = sorted(known)
    near = get_close_matches(name, names, n=MOST_NAMES, cutoff=0.5) if len(names) > MOST_NAMES else names
    shown = near or names[:MOST_NAMES]
    there = ", ".join([*shown, *(["…"] if len(shown) < len(names) else [])]) or "–"
    return NotFound(
        _("Not known: %(what)s “%(name)s”. There is: %(there)s.") % {"what": what, "name": name, "there": there}
    )
