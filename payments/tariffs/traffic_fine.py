"""과태료, an administrative fine (질서위반행위규제법): reduced when paid early, raised when paid late.

[source: the act's text as stored in a public repository of Korean law, version in force 2026-10-02; §5 and §2의2
of its decree by KOREA.md §6.1]

- Until the advance notice's day for opinions: up to 20 % off (§18①, 시행령 §5); paying that ends the procedure (§18②).
- Then the full amount until the due date; both days move off Saturdays and holidays (민법 §161).
- From the day after the due date: 3 % of the unpaid fine (§24①: "납부기한을 경과한 날부터 … 100분의 3").
- Each month that passes after that: 1.2 % more (§24②: "납부기한이 경과한 날부터 매 1개월이 경과할 때마다
  체납된 과태료의 1천분의 12 … 60개월을 초과하지 못한다"), so at most 3 % + 60 × 1.2 % = 75 %.

Readings that no text settles (unverified):
- A month begins with the day after the due date, which therefore counts (민법 §157), so due on 2 April: 3 % from
  3 April, 1.2 % from 3 May, 2.4 % from 3 June. All months are counted from that first day (§160), not chained.
- A month that ends on a holiday is not prolonged: §161 is about deadlines for an act. With the other reading
  a step would come up to some days later; the agency is asked before every payment, and its figure wins.
- Both surcharges are taken of the fine as imposed ("체납된 과태료"), never of one another.
Not modelled, since the agency's own figure carries them: deferral (§24의3, no surcharges meanwhile), part payments.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar

from payments.tariffs.contract import ENDS_PROCEDURE, BadFacts, Ladder, Note, Rung, Step, Text, in_force
from payments.tariffs.treasury import under_ten
from payments.tariffs.working_days import ONE_DAY, after_months, moved

ENDS = Note(
    ENDS_PROCEDURE,
    Text(
        "감경된 금액을 납부하시면 과태료 절차가 끝나 나중에 이의를 제기하실 수 없습니다.",
        "Paying the reduced amount ends the procedure: you cannot object afterwards.",
    ),
    "질서위반행위규제법 §18②, 시행령 §3①",
)


@dataclass(frozen=True, slots=True)
class Rates:
    """One version of the act's figures."""

    since: date
    early_max_percent: int
    social_max_percent: int
    late_permille: int
    monthly_permille: int
    max_months: int


VERSIONS = (
    # 법률 제14280호 (2016-12-02), 부칙 §1 and §3: for arrears that first arise from 2017-06-03 on. Before, it was
    # 5 %; such arrears are past their five years (§15) and not quoted.
    Rates(date(2017, 6, 3), 20, 50, 30, 12, 60),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fine:
    """One fine. `record` in the metadata is the field of the agency's record that carries the fact."""

    principal: int = field(metadata={"record": "amount", "help": "won, before any reduction"})
    notice_ends: date | None = field(
        default=None,
        metadata={"record": "reduction_ends_on", "help": "last day for opinions in the advance notice"},
    )
    due: date | None = field(
        default=None, metadata={"record": "due_on", "help": "due date; unknown until the fine is imposed"}
    )
    reduced_amount: int | None = field(
        default=None, metadata={"help": "won, the agency's own figure until notice-ends; wins over ours"}
    )
    reduction_percent: int = field(default=20, metadata={"help": "off for paying early, at most 20 (시행령 §5)"})
    social_reduction_percent: int = field(
        default=0, metadata={"help": "granted by the agency to a group of 시행령 §2의2, at most 50"}
    )


class TrafficFine:
    """The tariff. A reduction by 시행령 §2의2 is applied only when the agency's record says so: the agency decides
    who belongs to a group, and that nobody in arrears does."""

    code: ClassVar[str] = "traffic_fine"
    name: ClassVar[Text] = Text("교통과태료", "Traffic fine")
    facts: ClassVar[type] = Fine

    def ladder(self, debt: Fine) -> Ladder:
        rates = in_force(VERSIONS, _first_day_overdue(debt) or debt.notice_ends or VERSIONS[-1].since)
        _check(debt, rates)
        rungs = (*_early(debt), *_full(debt), *_overdue(debt, rates))
        return Ladder(rungs=rungs, version=rates.since)


TARIFF = TrafficFine()


def _check(debt: Fine, rates: Rates) -> None:
    if debt.principal <= 0:
        raise BadFacts("principal: a fine is more than 0 won")
    if not 0 <= debt.reduction_percent <= rates.early_max_percent:
        raise BadFacts(f"reduction_percent: 0 to {rates.early_max_percent} (시행령 §5)")
    if not 0 <= debt.social_reduction_percent <= rates.social_max_percent:
        raise BadFacts(f"social_reduction_percent: 0 to {rates.social_max_percent} (시행령 §2의2)")
    if debt.notice_ends and debt.due and debt.due < debt.notice_ends:
        raise BadFacts("due: not before notice_ends, since a fine is imposed only after it (§17①)")
    if debt.reduced_amount is not None and not debt.notice_ends:
        raise BadFacts("reduced_amount: needs notice_ends, the day until which it is valid")
    if debt.reduced_amount is not None and not 0 < debt.reduced_amount <= debt.principal:
        raise BadFacts("reduced_amount: more than 0 won and not above the principal")


def _first_day_overdue(debt: Fine) -> date | None:
    return moved(debt.due) + ONE_DAY if debt.due else None


def _early(debt: Fine) -> list[Rung]:
    if not debt.notice_ends:
        return []
    imposed = _imposed(debt)
    off = imposed - imposed * (100 - debt.reduction_percent) // 100
    words = Text(
        f"사전통지 기간 안 자진납부 {debt.reduction_percent}% 감경",
        f"{debt.reduction_percent}% off for paying within the advance notice",
    )
    step = Step("early_reduction", words, "질서위반행위규제법 §18①, 시행령 §5", -off)
    return [Rung(date.min, under_ten((*_base(debt), step)), (ENDS,), debt.reduced_amount)]


def _full(debt: Fine) -> list[Rung]:
    since = moved(debt.notice_ends) + ONE_DAY if debt.notice_ends else date.min
    if since == _first_day_overdue(debt):
        return []
    return [Rung(since, under_ten(_base(debt)))]


def _overdue(debt: Fine, rates: Rates) -> list[Rung]:
    first = _first_day_overdue(debt)
    if first is None:
        return []
    return [
        Rung(
            after_months(first, months),
            under_ten((*_base(debt), *_surcharges(_imposed(debt), months, rates))),
        )
        for months in range(rates.max_months + 1)
    ]


def _imposed(debt: Fine) -> int:
    """The fine as imposed: what 시행령 §2의2 leaves. 시행령 §5 takes its share of this (knowledge: medium)."""
    return debt.principal * (100 - debt.social_reduction_percent) // 100


def _base(debt: Fine) -> tuple[Step, ...]:
    principal = Step("principal", Text("과태료", "Fine"), "질서위반행위규제법 §17①", debt.principal)
    if not debt.social_reduction_percent:
        return (principal,)
    words = Text(
        f"사회적 약자 {debt.social_reduction_percent}% 감경",
        f"{debt.social_reduction_percent}% off, granted by the agency",
    )
    return principal, Step("social_reduction", words, "시행령 §2의2", _imposed(debt) - debt.principal)


def _surcharges(imposed: int, months: int, rates: Rates) -> tuple[Step, ...]:
    """Both surcharges. Won are rounded down once, on their sum, so that no month loses its part of a won."""
    late = imposed * rates.late_permille // 1000
    total = imposed * (rates.late_permille + rates.monthly_permille * months) // 1000
    late_words = Text(f"가산금 {_percent(rates.late_permille)}%", f"{_percent(rates.late_permille)}% for paying late")
    first = Step("late", late_words, "질서위반행위규제법 §24①", late)
    if not months:
        return (first,)
    percent = _percent(rates.monthly_permille)
    words = Text(f"중가산금 {percent}% × {months}개월", f"{percent}% a month, {months} passed")
    return first, Step("monthly", words, "질서위반행위규제법 §24②", total - late)


def _percent(permille: int) -> str:
    whole, tenth = divmod(permille, 10)
    return f"{whole}.{tenth}" if tenth else str(whole)
