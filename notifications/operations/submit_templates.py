"""Submit templates: message templates that a vendor must approve before they may be sent.

They go to TEMPLATE_CONSOLE_URL where that is set (a stand-in for an operator at the vendor's console); elsewhere an
operator types the vendor's code into the template.
"""

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime

import requests
from django.conf import settings

from notifications.alarms import alarm_of_row, raise_alarm
from notifications.delivery.gateways import channel_facts, gateways_of
from secretary.kernel.database.each import for_each_apart
from subscriptions.data_types.rows import spec_of_row
from subscriptions.message_templates import Variant, compile_template, forget_texts, variants
from subscriptions.models import DataTypeVersion, MessageTemplate, TemplateVariant
from subscriptions.specs import fields_from_json

logger = logging.getLogger(__name__)
AT_ONCE = 50


def template_code(template: MessageTemplate, nth: int = 0, provider: int = 0) -> str:
    """Return the code under which the `nth` variant of a template is submitted; short, because NHN takes 20 characters
    at most. `provider`: of the channel's providers, in their order."""
    code = f"{settings.REFERENCE_PREFIX}-w{template.pk}{' bcdefgh'[provider].strip()}"
    return f"{code}-{nth}" if nth else code


Waiting = tuple[MessageTemplate, int, Variant, int]  # a text of a template, its number, and that of the provider


def submit_templates(*, now: datetime) -> int:
    """Register the texts of live templates that have no vendor's code yet; how many. Safe to repeat.

    A vendor's template is fixed: where lines of a template can be left out, each possible text is submitted as its own.
    """
    if not settings.TEMPLATE_CONSOLE_URL:
        return 0
    submitted = 0
    for waiting in _batches(now):
        if waiting and not _submit([_template(*each) for each in waiting], now):
            break
        _keep_codes(waiting)
        submitted += len(waiting)
    return submitted


def to_submit(*, now: datetime) -> Iterator[str]:
    """Yield the texts that `submit_templates` would submit, each with its provider and code, and submit none."""
    for waiting in _batches(now):
        for template, nth, text, provider in waiting:
            shown = _template(template, nth, text, provider)
            yield f"{gateways_of(template.channel)[provider]} {shown['code']}: {shown['name']}"


def _batches(now: datetime) -> Iterator[list[Waiting]]:
    codes, _, templated, _ = channel_facts()
    channels = [code for code, needed in zip(codes, templated, strict=True) if needed]
    live = MessageTemplate.objects.filter(channel__in=channels, stage__version__state=DataTypeVersion.LIVE)
    # A version, with all its fields, is fetched once and not with each of its hundreds of templates.
    live = live.select_related("stage").prefetch_related("stage__version__data_type", "variants")
    after = 0
    while templates := list(live.filter(pk__gt=after).order_by("pk")[:AT_ONCE]):
        after = templates[-1].pk
        yield _waiting(templates, now)
        forget_texts()


def _waiting(templates: Sequence[MessageTemplate], now: datetime) -> list[Waiting]:
    """Return texts without a code. A template that cannot be read waits for the next run, and does not block others."""
    found: list[Waiting] = []

    def look(template: MessageTemplate) -> None:
        fields = fields_from_json(template.stage.version.fields)
        coded = {item.key for item in template.variants.all() if item.vendor_template}
        for nth, text in enumerate(variants(template.body, fields, spec_of_row(template.stage))):
            if not (text.key in coded if nth else template.vendor_template):
                found.append((template, nth, text, 0))
            further = range(1, len(gateways_of(template.channel)))
            found.extend(
                (template, nth, text, place) for place in further if _key(template, nth, text, place) not in coded
            )

    alarm = alarm_of_row(loop="templates", now=now)
    for_each_apart(templates, look, what="submit_templates", on_failure=alarm)
    return found


def _key(template: MessageTemplate, nth: int, text: Variant, provider: int) -> str:
    """Return the key of the variant that holds the code; the first provider's main text has none."""
    key = text.key if nth else ""
    return f"{gateways_of(template.channel)[provider]}:{key}" if provider else key


def _template(template: MessageTemplate, nth: int, text: Variant, provider: int) -> dict[str, str]:
    return {
        "channel": template.channel,
        "code": template_code(template, nth, provider),
        "name": f"{template.in_codes()} {nth}" if nth else template.in_codes(),
        "title": compile_template(template.title).vendor_text,
        "body": text.text.vendor_text,
    }


def _keep_codes(handed_in: Sequence[Waiting]) -> None:
    main = [template for template, nth, _, provider in handed_in if not nth and not provider]
    for template in main:
        template.vendor_template = template_code(template)
    MessageTemplate.objects.bulk_update(main, ["vendor_template"])
    coded = [
        TemplateVariant(
            template=template,
            key=_key(template, nth, text, provider),
            vendor_template=template_code(template, nth, provider),
        )
        for template, nth, text, provider in handed_in
        if nth or provider
    ]
    unique, update = ["template", "key"], ["vendor_template"]
    TemplateVariant.objects.bulk_create(coded, update_conflicts=True, unique_fields=unique, update_fields=update)


def _submit(templates: Sequence[dict[str, str]], now: datetime) -> bool:
    try:
        timeouts = (settings.HTTP_CONNECT_SECONDS, settings.HTTP_TOTAL_SECONDS)
        answer = requests.put(settings.TEMPLATE_CONSOLE_URL, json=templates, timeout=timeouts, allow_redirects=False)
        answer.raise_for_status()
    except requests.RequestException as error:
        logger.error("templates could not be submitted: %s", type(error).__name__)
        raise_alarm(kind="templates", subject="console", message="Templates could not be submitted", now=now)
        return False
    return True
