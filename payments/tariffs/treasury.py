"""Won as the treasury counts them: whole, and nothing under ten."""

from payments.tariffs.contract import Step, Text

ARTICLE = "국고금 관리법 §47①"


def under_ten(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Return the steps, and where their sum is no multiple of 10 won, one more that drops the rest.

    국고금 관리법 §47① drops what is under 10 won in the treasury's receipts [source: quoted identically in several
    public repositories]. Unverified: whether it applies to each surcharge or once to what is paid. Read here: once,
    to the whole amount, since the article speaks of the receipt. Fines in tens of thousands never show a difference.
    """
    rest = sum(step.amount for step in steps) % 10
    if not rest:
        return steps
    return (*steps, Step("under_ten", Text("10원 미만 버림", "Under 10 won dropped"), ARTICLE, -rest))
