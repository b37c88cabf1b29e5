"""과태료, an administrative fine (질서위반행위규제법): reduced when paid early, raised when paid late.

[source: the act as in force on 2026-10-02, and its decree §5, §2의2, from a public repository of Korean law]

- Until the advance notice's day for opinions: up to 20 % off (§18①, 시행령 §5); paying that ends the procedure (§18②).
- Then the full amount until the due date; both days move off Saturdays and holidays (민법 §161).
- From the day after the due date: 3 % of the unpaid fine (§24①: "납부기한을 경과한 날부터 … 100분의 3").
- Each month that passes after that: 1.2 % more (§24②: "납부기한이 경과한 날부터 매 1개월이 경과할 때마다
  체납된 과태료의 1천분의 12 … 60개월을 초과하지 못한다"), so at most 3 % + 60 × 1.2 % = 75 %.

Readings that no text settles (unverified):
- A month begins with the day after the due date, which therefore counts (민법 §157), so due on 2 April: 3 % from
  3 April, 1.2 % from 3 May, 2.4 % from 3 June. All months are counted from that first day (§160), not chained.
- A month that ends on a holiday is not prolonged: §161 is about deadlines for an act. With the other reading
  a step would come up to some days later; the agency is queried before every payment, and its figure wins.
- Both surcharges are taken of what is unpaid of the fine ("체납된 과태료"), never of one another: of a fine that was
  paid in part, what comes due after that day counts on the rest. What is paid covers the fine before the surcharges.
- A part payment earns no reduction of its own: the reduced amount stands, unless less than that is unpaid of the fine.
- An objection within its time (§20①) takes the imposition's force (§20②), and a court decides (§36): from the day
  that the agency names the amount stands as it was imposed. No surcharge stands or is added.
Not modelled, since the agency's own figure carries it: deferral (§24의3, no surcharges meanwhile).
A record without a reduced amount, or with one that reduces nothing, has no reduction: it is up to 20 %, the agency's
to grant, and some violations have none (도로교통법 시행령 §88⑤).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar

from payments.tariffs.contract import ENDS_PROCEDURE, BadFacts, Contradiction, Ladder, Note, Rung, Step, Text, in_force
from payments.tariffs.ladder import ONE_DAY, after_months, ends_on, from_record, moved, read, under_ten

ENDS = Note(
    ENDS_PROCEDURE,
    Text(
        "감경된 금액을 납부하시면 과태료 절차가 끝나 나중에 이의를 제기하실 수 없습니다.",
        "Paying the reduced amount ends the procedure: you cannot object afterwards.",
    ),
    "질서위반행위규제법 §18②, 시행령 §3①",
)

OBJECTED = Note(
    "objected",
    Text(
        "이의가 제기되어 과태료 부과의 효력이 없어졌습니다. 법원이 정할 때까지 가산금 없이 금액이 그대로입니다.",
        "An objection was raised, so the fine has lost its force. Until a court decides, the amount stands still.",
    ),
    "질서위반행위규제법 §20②, §36",
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
        metadata={
            "record": "reduction_ends_on",
            "help": "last day for opinions in the advance notice",
            "deadline": True,
        },
    )
    due: date | None = field(
        default=None,
        metadata={"record": "due_on", "help": "due date; unknown until the fine is imposed", "deadline": True},
    )
    reduced_amount: int | None = field(
        default=None, metadata={"help": "won, the agency's own figure until notice-ends; wins over ours"}
    )
    reduction_percent: int = field(default=20, metadata={"help": "off for paying early, at most 20 (시행령 §5)"})
    social_reduction_percent: int = field(
        default=0, metadata={"help": "granted by the agency to a group of 시행령 §2의2, at most 50"}
    )
    part_paid: int = field(default=0, metadata={"record": "part_paid_amount", "help": "won, paid in part so far"})
    part_paid_on: date | None = field(default=None, metadata={"help": "the day of that; unknown: before it was due"})
    objected_on: date | None = field(default=None, metadata={"help": "the day of an objection that stands"})

    @classmethod
    def as_recorded(cls, record: Mapping[str, object]) -> Mapping[str, object]:
        """Return whether the record grants a reduction, which it does by naming its amount."""
        recorded = {**record, "reduced_amount": record.get("reduced_amount") or None}
        if _reduces(recorded.get("amount"), recorded.get("reduced_amount"), recorded.get("social_reduction_percent")):
            return recorded
        return {**recorded, "reduced_amount": None, "reduction_percent": recorded.get("reduction_percent") or 0}


class TrafficFine:
    """The tariff. A reduction by 시행령 §2의2 is applied only when the agency's record states it."""

    code: ClassVar[str] = "traffic_fine"
    name: ClassVar[Text] = Text("교통과태료", "Traffic fine")
    facts: ClassVar[type] = Fine

    def ladder(self, debt: Fine) -> Ladder:
        rates = in_force(VERSIONS, _first_day_overdue(debt) or debt.notice_ends or VERSIONS[-1].since)
        _check(debt, rates)
        rungs = (*_early(debt), *_full(debt), *_overdue(debt, rates))
        if any(rung.by_law < 0 for rung in rungs):
            raise BadFacts("part_paid: not above what was due on that day")
        return Ladder(rungs=_stand_still(debt, rungs), version=rates.since)

    def contradiction(self, record: Mapping[str, Any]) -> Contradiction | None:
        get, most = record.get, VERSIONS[-1].social_max_percent
        amount, reduced, ends, due = record["amount"], get("reduced_amount"), get("reduction_ends_on"), get("due_on")
        if not 0 <= (social := get("social_reduction_percent") or 0) <= most:
            return Contradiction("social_reduction_percent", f"from 0 to {most}")
        if reduced and reduced > amount:
            return Contradiction("reduced_amount", "not above amount; leave it out where nothing is taken off")
        if reduced and ends is None and _reduces(amount, reduced, social):
            return Contradiction("reduction_ends_on", "needed with reduced_amount, as the last day of it")
        if ends and due and ends > due:
            return Contradiction("reduction_ends_on", "not after due_on, since a fine is imposed after that day (§17①)")
        return None

    def is_paid(self, record: Mapping[str, Any]) -> bool:
        """Treat a payment of an unknown day as one of before the due date, as everywhere here."""
        part, paid = record.get("part_paid_amount") or 0, record.get("paid_amount") or 0
        off = record.get("social_reduction_percent") or 0
        if not (part or paid) or not 0 <= off <= VERSIONS[-1].social_max_percent:
            return False  # with a reduction that is a contradiction any payment would look like all
        imposed = record["amount"] * (100 - off) // 100
        on, due = record.get("part_paid_on"), record.get("due_on")
        if part < imposed and paid < imposed:  # the reduced amount in its time ends the procedure too (§18②)
            reduced, ends = record.get("reduced_amount"), record.get("reduction_ends_on")
            return bool(reduced and ends and on and part >= reduced and on <= ends_on(ends))
        return paid >= imposed or on is None or due is None or on <= ends_on(due) or _covers(record, part, on)


TARIFF = TrafficFine()


def _covers(record: Mapping[str, Any], part: int, on: date) -> bool:
    """Return whether a part payment was all that was due on its day. No, where the rules of that year are unknown."""
    try:
        facts = from_record(Fine, {**record, "part_paid_amount": None, "part_paid_on": None, "objected_on": None})
        return 0 < read(TARIFF.ladder(facts), on=on).amount <= part
    except BadFacts:
        return False


def _reduces(amount: object, reduced: object, social: object) -> bool:
    """Return whether the reduced amount is below what is imposed. Other values are for the facts' reader to name."""
    try:
        imposed = int(str(amount)) * (100 - int(str(social or 0))) // 100
        return reduced is not None and not imposed <= int(str(reduced)) <= int(str(amount))
    except ValueError:
        return True


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
    overdue = _first_day_overdue(debt)  # with surcharges more than the fine may be paid
    if debt.part_paid > _imposed(debt) and not (overdue and debt.part_paid_on and debt.part_paid_on >= overdue):
        raise BadFacts("part_paid: not above the fine")


def _first_day_overdue(debt: Fine) -> date | None:
    return moved(debt.due) + ONE_DAY if debt.due else None


def _early(debt: Fine) -> list[Rung]:
    if not debt.notice_ends:
        return []
    imposed = _imposed(debt)
    off = imposed - imposed * (100 - debt.reduction_percent) // 100
    if not off:
        return [Rung(date.min, under_ten(_base(debt)))]
    words = Text(
        f"사전통지 기간 안 자진납부 {debt.reduction_percent}% 감경",
        f"{debt.reduction_percent}% off for paying within the advance notice",
    )
    step = Step("early_reduction", words, "질서위반행위규제법 §18①, 시행령 §5", -off)
    reduced = Rung(date.min, under_ten((*_base(debt), step)), (ENDS,), debt.reduced_amount)
    if imposed - debt.part_paid >= (debt.reduced_amount or imposed - off):
        return [reduced]
    rest = Rung(debt.part_paid_on or date.min, under_ten((*_base(debt), *_part_paid(debt))))
    if rest.since == date.min:
        return [rest]
    return [reduced, rest] if rest.since <= moved(debt.notice_ends) else [reduced]


def _full(debt: Fine) -> list[Rung]:
    since, overdue = moved(debt.notice_ends) + ONE_DAY if debt.notice_ends else date.min, _first_day_overdue(debt)
    if since == overdue:
        return []
    paid_on = max(debt.part_paid_on or since, since)
    rungs = [Rung(since, under_ten(_base(debt)))] if not debt.part_paid or paid_on > since else []
    if debt.part_paid and (overdue is None or paid_on < overdue):
        rungs.append(Rung(paid_on, under_ten((*_base(debt), *_part_paid(debt)))))
    return rungs


def _overdue(debt: Fine, rates: Rates) -> list[Rung]:
    first = _first_day_overdue(debt)
    if first is None:
        return []
    steps = {after_months(first, months): months for months in range(rates.max_months + 1)}
    if debt.part_paid and debt.part_paid_on and debt.part_paid_on > first:
        passed = max(months for day, months in steps.items() if day <= debt.part_paid_on)
        steps.setdefault(debt.part_paid_on, passed)
    return [_late(debt, first, day, steps[day], rates) for day in sorted(steps)]


def _late(debt: Fine, first: date, day: date, months: int, rates: Rates) -> Rung:
    late = _unpaid(debt, before=first) * rates.late_permille
    if debt.part_paid:  # each month's share is taken of what was unpaid when that month had passed
        ends = (after_months(first, month) for month in range(1, months + 1))
        total = late + sum(_unpaid(debt, before=end) * rates.monthly_permille for end in ends)
    else:
        total = late + _imposed(debt) * rates.monthly_permille * months
    paid = _part_paid(debt) if _unpaid(debt, before=day + ONE_DAY) < _imposed(debt) else ()
    return Rung(day, under_ten((*_base(debt), *paid, *_surcharges(late // 1000, total // 1000, months, rates))))


def _stand_still(debt: Fine, rungs: tuple[Rung, ...]) -> tuple[Rung, ...]:
    if debt.objected_on is None:
        return rungs
    standing = Rung(debt.objected_on, under_ten((*_base(debt), *_part_paid(debt))), (OBJECTED,))
    return (*(rung for rung in rungs if rung.since < debt.objected_on), standing)


def _imposed(debt: Fine) -> int:
    """Return the fine as imposed: what 시행령 §2의2 leaves. 시행령 §5 reduces this; both together are allowed."""
    return debt.principal * (100 - debt.social_reduction_percent) // 100


def _unpaid(debt: Fine, *, before: date) -> int:
    """Return what was unpaid of the fine at the beginning of a day."""
    paid = debt.part_paid_on is None or debt.part_paid_on < before
    return max(0, _imposed(debt) - (debt.part_paid if paid else 0))


def _base(debt: Fine) -> tuple[Step, ...]:
    principal = Step("principal", Text("과태료", "Fine"), "질서위반행위규제법 §17①", debt.principal)
    if not debt.social_reduction_percent:
        return (principal,)
    words = Text(
        f"사회적 약자 {debt.social_reduction_percent}% 감경",
        f"{debt.social_reduction_percent}% off, granted by the agency",
    )
    return principal, Step("social_reduction", words, "시행령 §2의2", _imposed(debt) - debt.principal)


def _part_paid(debt: Fine) -> tuple[Step, ...]:
    if not debt.part_paid:
        return ()
    return (Step("part_paid", Text("일부 납부하신 금액", "Paid in part"), "질서위반행위규제법 §24②", -debt.part_paid),)


def _surcharges(late: int, total: int, months: int, rates: Rates) -> tuple[Step, ...]:
    """Return both surcharges. Won are rounded down once, on their sum, so that no month loses its part of a won."""
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
