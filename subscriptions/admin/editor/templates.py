"""Edit message templates: one stage on one channel in one language, with a preview by the sending code."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from secretary.kernel.korean.korean import clean_line, clean_text
from secretary.kernel.time.clock import now
from subscriptions.accounts.approvers import why_not_approve
from subscriptions.admin.editor.page import APPROVE, Page
from subscriptions.admin.editor.place_words import LANGUAGE_NAMES
from subscriptions.data_types.drafts import Refused
from subscriptions.data_types.publish import approve_vendor_template, set_vendor_template
from subscriptions.data_types.version_parts import BadPart, stage_spec
from subscriptions.data_types.write_draft import Text, write_template
from subscriptions.message_templates import BUILT_IN, Preview, VariantText, check_template, further_gateways, preview
from subscriptions.message_templates.site import SITE, with_site
from subscriptions.message_templates.values import DAYS_LEFT, EARLIER
from subscriptions.models import DataTypeVersion, MessageTemplate, Stage, TemplateVariant
from subscriptions.models.channel_choice import CHANNELS as CHANNEL_NAMES
from subscriptions.specs import CHANNELS, LANGUAGES, Words, fields_from_json
from subscriptions.triggers import NOT_YOURS


class MessageTemplateForm(forms.Form):
    title = forms.CharField(label=gettext_lazy("Title"), max_length=50, required=False)
    body = forms.CharField(
        label=gettext_lazy("Text"), max_length=5000, strip=False, widget=forms.Textarea(attrs={"rows": 14})
    )
    also_for = forms.MultipleChoiceField(
        label=gettext_lazy("Use the same text for"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, channel: str, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._language = _language(language)
        others = [(code, CHANNEL_NAMES[code]) for code in CHANNELS if code != channel]
        self.fields["also_for"].choices = others  # type: ignore[attr-defined]

    def clean_title(self) -> str:
        return clean_line(str(self.cleaned_data["title"]))

    def clean_body(self) -> str:
        return with_site(clean_text(str(self.cleaned_data["body"])).strip(), self._language)


class TemplateCodeForm(forms.Form):
    vendor_template = forms.CharField(
        label=gettext_lazy("The vendor's template code"),
        max_length=80,
        required=False,
        help_text=gettext_lazy("As its console shows it after approval. Empty: the channel is skipped."),
    )

    variant = forms.RegexField(r"^([a-z0-9_]+:)?[0-9a-f]*$", max_length=300, required=False, widget=forms.HiddenInput)

    def clean_vendor_template(self) -> str:
        return clean_line(str(self.cleaned_data["vendor_template"]))


def edit_template(page: Page, stage_id: int, channel: str, language: str) -> HttpResponse:
    stage = _stage(page, stage_id, channel, language)
    saved = stage.templates.filter(channel=channel, language=language).first()
    initial = {"title": saved.title, "body": saved.body} if saved else None
    form = MessageTemplateForm(page.data, initial=initial, channel=channel, language=language)
    wants_preview = page.data is not None and "preview" in page.data
    if form.is_valid() and not wants_preview:
        done = page.save(form, _saving(form, stage_id, channel, language), what=f"templates {stage.code}")
        if done and "save_preview" not in page.request.POST:
            return done
    typed = page.data or initial or {}
    shown = draw(stage, channel, language, title=typed.get("title", ""), body=typed.get("body", ""))
    codes = _codes(page, saved, shown)
    template = "_preview.html" if page.request.headers.get("HX-Target") == "preview" else "message_template.html"
    return page.show(
        template,
        _("%(stage)s: %(channel)s, %(language)s")
        % {"stage": stage.label_ko, "channel": CHANNEL_NAMES[channel], "language": LANGUAGE_NAMES[language]},
        form=form,
        preview=shown,
        channel_name=CHANNEL_NAMES[channel],
        placeholders=_placeholders(stage),
        saved=saved,
        codes=codes,
        texts=len(shown.texts),
        code_url=page.url("template_code", stage_id, channel, language),
        delete_url=page.url("template_delete", stage_id, channel, language),
        takes_code=channel != "sms" and page.version.state in (DataTypeVersion.DRAFT, DataTypeVersion.LIVE),
        is_live=page.version.state == DataTypeVersion.LIVE,
        may_approve=page.may(APPROVE),
        decision_url=page.url("template_code_decision", stage_id, channel, language),
    )


@dataclass(frozen=True, slots=True)
class Code:
    """One text of the template with its code; `row` holds the code and the proposal."""

    key: str
    template: str
    row: MessageTemplate | TemplateVariant
    form: TemplateCodeForm
    why_not: str
    nth: int  # of the texts
    gateway: str  # of a further provider of the channel, "" of the first one


def _codes(page: Page, saved: MessageTemplate | None, shown: Preview) -> list[Code]:
    """Return the form of the template codes: a vendor's template is fixed, so each possible text has its own."""
    if saved is None:
        return []
    kept = {item.key: item for item in saved.variants.all()}
    gateways = ("", *further_gateways(saved.channel))
    texts = enumerate(shown.texts, 1)
    return [_code(page, saved, kept, item, (nth, gateway)) for nth, item in texts for gateway in gateways]


def _code(
    page: Page, saved: MessageTemplate, kept: Mapping[str, TemplateVariant], text: VariantText, place: tuple[int, str]
) -> Code:
    nth, gateway = place
    key = f"{gateway}:{text.key}" if gateway else text.key
    row = kept.get(key) or TemplateVariant(template=saved, key=key) if key else saved
    form = TemplateCodeForm(initial={"vendor_template": row.vendor_template, "variant": key})
    why_not = why_not_approve(by=page.user, authors=[row.proposed_by_id], now=now())
    return Code(key, text.template, row, form, why_not, nth, gateway)


def delete_template(page: Page, stage_id: int, channel: str, language: str) -> HttpResponse:
    stage = _stage(page, stage_id, channel, language)
    if page.data is None:
        raise Http404

    def apply(draft: DataTypeVersion) -> None:
        MessageTemplate.objects.filter(stage=stage, channel=channel, language=language).delete()

    return page.save(None, apply, what=f"templates {stage.code} removed") or page.go()


def edit_template_code(page: Page, stage_id: int, channel: str, language: str) -> HttpResponse:
    """Enter a template code: part of a draft; for a live template a proposal to a second person."""
    stage = _stage(page, stage_id, channel, language)
    template = get_object_or_404(MessageTemplate, stage=stage, channel=channel, language=language)
    form = TemplateCodeForm(page.data)
    if not form.is_valid():
        raise Http404
    code, key = form.cleaned_data["vendor_template"], form.cleaned_data["variant"]
    try:
        set_vendor_template(template=template, code=code, by=page.user, now=now(), variant=key)
    except Refused as refused:
        return page.go(str(refused))
    live = stage.version.state == DataTypeVersion.LIVE
    message = _("It takes effect once another person has approved it.") if live else _("Saved.")
    return page.go(message, to=page.url("template", stage_id, channel, language))


def decide_template_code(page: Page, stage_id: int, channel: str, language: str) -> HttpResponse:
    """Approve or refuse a proposed code, as the second person."""
    stage = _stage(page, stage_id, channel, language)
    template = get_object_or_404(MessageTemplate, stage=stage, channel=channel, language=language)
    if page.data is None:
        raise Http404
    refuse, key = "refuse" in page.data, page.data.get("variant", "")
    try:
        approve_vendor_template(
            template=template, code=page.data.get("code", ""), by=page.user, now=now(), refuse=refuse, variant=key
        )
    except Refused as refused:
        return page.go(str(refused))
    message = _("The proposed code is refused.") if refuse else _("The code is in effect from now on.")
    return page.go(message, to=page.url("template", stage_id, channel, language))


def draw(stage: Stage, channel: str, language: str, *, title: str, body: str) -> Preview:
    """Return the message as it would be sent, with sample values, and its problems."""
    fields = fields_from_json(stage.version.fields)
    version = stage.version
    named = version.contact() if version.agency_name_ko else version.data_type.agency.contact()
    return preview(
        with_site(body.strip(), _language(language)),
        clean_line(title),
        channel,
        _language(language),
        fields,
        stage_spec(stage),
        sensitive=version.sensitive,
        agency=Words(named["agency_name_ko"], named["agency_name_en"]),
        contact=named["agency_phone"],
    )


def _saving(form: MessageTemplateForm, stage_id: int, channel: str, language: str) -> Any:
    """Return a function that writes the text to its channel and the others ticked, if it is valid for each of them."""

    def apply(draft: DataTypeVersion) -> None:
        stage = draft.stages.get(pk=stage_id)
        channels = [channel, *form.cleaned_data["also_for"]]
        title, body = form.cleaned_data["title"], form.cleaned_data["body"]
        _refuse_unfit(stage, channels, language, title, body)
        for code in channels:
            write_template(stage, Text(stage_id, code, language, title, body))

    return apply


def _refuse_unfit(stage: Stage, channels: list[str], language: str, title: str, body: str) -> None:
    fields, spec = fields_from_json(stage.version.fields), stage_spec(stage)
    problems = [
        f"{CHANNEL_NAMES[code]}: {problem}" if len(channels) > 1 else str(problem)
        for code in channels
        for problem in check_template(
            body, title, code, _language(language), fields, spec, sensitive=stage.version.sensitive
        )
    ]
    if problems:
        raise BadPart(list(dict.fromkeys(problems)))


def _stage(page: Page, stage_id: int, channel: str, language: str) -> Stage:
    if channel not in CHANNELS or language not in LANGUAGES:
        raise Http404
    return get_object_or_404(
        Stage.objects.select_related("version__data_type__agency"), pk=stage_id, version=page.version
    )


def _placeholders(stage: Stage) -> list[tuple[str, str]]:
    """Return the placeholders to offer: at the stage `not_yours` none of the record, which is another person's."""
    if stage.trigger == NOT_YOURS:
        return [(name, "") for name in (*BUILT_IN, SITE) if name != DAYS_LEFT]
    return placeholders_of(stage.version)


def placeholders_of(version: DataTypeVersion) -> list[tuple[str, str]]:
    """Return the placeholders of an ordinary stage, each with the label of its field."""
    fields = [(item["placeholder"], item["label"]["ko"]) for item in version.fields if not item["private"]]
    return [*fields, *((name, "") for name in (*BUILT_IN, SITE) if name not in EARLIER)]


def _language(code: str) -> Any:
    return code
