"""Write docs/data-types.md: all kinds of data that are shipped, and one text of each that a person can read."""

from collections.abc import Iterable, Iterator
from typing import Final

from notifications.matching.prices import prices
from secretary.kernel.korean.korean import Language
from subscriptions.message_templates import compile_lines, facts_of, sample_values
from subscriptions.message_templates.prices import price_values
from subscriptions.message_templates.samples import SAMPLE_DAY, sample_payload
from subscriptions.message_templates.site import site_in_words
from subscriptions.message_templates.values import DAYS_LEFT
from subscriptions.specs import AgencySpec, DataTypeSpec, StageSpec
from subscriptions.triggers import TOLD_ONLY
from tests.support.catalogue import AGENCIES, SPECS
from tests.support.drafts import DRAFT_AGENCIES, DRAFTS

SITE: Final[dict[Language, str]] = {"ko": "secretary 점 example", "en": "secretary dot example"}
INTRODUCTION: Final = """# Kinds of data that are shipped

Written by `RENEW_DATA_TYPES=1 ./test tests/test_data_types_page.py` from `subscriptions/catalogue`; `./test` fails
while it says anything else. What is live in an installation is on the page *Data types* of its admin, which shows and
filters the state of each kind; citizens are offered what is live, and nothing else.

- `manage.py load_catalogue` brings all of them. The announced ones go live with `--approve` (the default of a local
  machine); the further ones stay drafts until one person submits and another approves them: *Data types*, the version,
  *Submit for approval*.
- A draft has no effect: no feed accepts its records, nothing is matched, and no person is offered it.
- Loading again changes no kind that staff have edited. A draft without edits is updated from the release's files, and a
  discarded draft is loaded again. A kind that staff have made under the same code is left alone.
- Telephones of agencies are settings (*Agencies* in the admin); most are unverified: ask the agency before a kind goes
  live.
- Amounts of tax, pension and benefits are private fields: shown after signing in, never in a message. Of the
  further kinds only the parking fine can be paid here, by the tariff of fines; taxes, pensions and premiums have none.
- Records about a child name the guardian as their person (개인정보 보호법 §22의2); the child's name is a private
  field, and the consent is asked of the legal representative. The service does not prove guardianship: the agency that
  sends the record does. People under 14 cannot sign up (`subscriptions/enrolment/sign_up.py`).
- `subscriptions/data_types/compose.py` describes how to write the file of a draft.
"""


def page() -> str:
    parts = [INTRODUCTION, *_table("The announced kinds", SPECS), *_table("Further kinds, as drafts", DRAFTS)]
    parts += ["## One text of each", *(_sample(spec) for spec in (*SPECS, *DRAFTS))]
    return "\n".join(parts) + "\n"


def _agency(spec: DataTypeSpec) -> AgencySpec:
    return next(item for item in (*AGENCIES, *DRAFT_AGENCIES) if item.code == spec.agency)


def _table(title: str, specs: Iterable[DataTypeSpec]) -> Iterator[str]:
    yield f"## {title}\n"
    yield "| code | 한국어 | English | agency, telephone | notified | |"
    yield "|---|---|---|---|---|---|"
    for spec in specs:
        agency = _agency(spec)
        stages = "; ".join(stage.label.en for stage in spec.stages if stage.on not in TOLD_ONLY)
        marks = {"sensitive": spec.sensitive, "urgent": spec.urgent, "can be paid": bool(spec.payable)}
        notes = ", ".join(mark for mark, is_so in marks.items() if is_so)
        cells = (f"`{spec.code}`", spec.name.ko, spec.name.en, f"{agency.name.ko} {agency.phone}", stages, notes)
        yield f"| {' | '.join(cells)} |"
    yield ""


def _sample(spec: DataTypeSpec) -> str:
    """Return the first notice of the kind: by KakaoTalk in Korean, as a text message in English."""
    stage = spec.stages[0]
    return "\n".join(
        (
            f"\n### {spec.name.ko} · {spec.name.en}\n",
            f"{stage.label.ko} · {stage.label.en}\n",
            f"```text\n{_text(spec, stage, 'kakaotalk', 'ko')}\n```",
            f"```text\n{_text(spec, stage, 'sms', 'en')}\n```",
        )
    )


def _text(spec: DataTypeSpec, stage: StageSpec, channel: str, language: Language) -> str:
    [body] = [item.body for item in stage.templates if (item.channel, item.language) == (channel, language)]
    agency, left = _agency(spec), -stage.days if stage.on == "date" else None
    values = sample_values(spec.fields, language, agency=agency.name, contact=agency.phone)
    payload = {item.name: sample_payload(item) for item in spec.fields if item.sample}
    facts = facts_of(spec.fields, payload, day=SAMPLE_DAY, days_left=left)
    if spec.payable:
        price = prices().price(spec.payable, payload, on=SAMPLE_DAY, objected=False)
        values |= price_values(**price._asdict(), language=language)
    filled = compile_lines(body).fill(values | {DAYS_LEFT: str(left)}, facts)
    return filled.replace(site_in_words(language), SITE[language])
