"""Family members in tests: the channel of text messages, a senior who names one, and what the family member does."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.test import Client

from citizens.tasks import inform_families
from notifications.channels.contract import Message, Outcome, Polled, Verdict
from subscriptions.data_types.load import ensure_office_call_consent
from subscriptions.models import Citizen
from tests.citizens.inbox.cast import arrive, hand_over
from tests.notifications.cast import MORNING, record
from tests.subscriptions.web.officials.test_official_pages import paper

DAUGHTER, PHONE = "010-0000-0077", "+821000000077"
TWO_DAYS = MORNING + timedelta(days=2, minutes=1)
CODE = re.compile(r"[A-Z2-9]{3}-[A-Z2-9]{3}-[A-Z2-9]{3}")
SEALED = re.compile(r'name="member" value="([^"]+)"')


class Gateway:
    """Plays the channel of text messages: what was handed over, and what it answers."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.verdict = Verdict.ACCEPTED
        self.polled: list[Polled] = []
        self.known = Verdict.UNKNOWN  # what it says when it is polled

    def send(self, messages: Sequence[Message], *, batch_key: str) -> list[Outcome]:
        self.sent += messages
        return [Outcome(message.reference, self.verdict, "0") for message in messages]

    def poll(self, questions: Sequence[Polled]) -> list[Outcome]:
        self.polled += questions
        return [Outcome(each.message.reference, self.known, "0") for each in questions]

    @property
    def texts(self) -> list[str]:
        return [message.text for message in self.sent]


def form(**changes: Any) -> dict[str, Any]:
    """A paper form with the consent to calls, that to a family member, and the family member."""
    call = ensure_office_call_consent()
    named = {"family_consent": "yes", "family_name": "큰딸", "family_phone": DAUGHTER}
    typed: dict[str, Any] = paper(**{f"consent_{call.pk}": "yes", **named, **changes})
    return typed


def register(client: Client, **changes: Any) -> Citizen:
    typed = form(**changes)
    answer = client.post("/officials/", typed)
    assert answer.status_code == 302, answer.content.decode()
    return Citizen.objects.filter(consents__paper_form=typed["paper_form"]).distinct().get()


def another(number: int, **changes: Any) -> dict[str, Any]:
    """What differs on the form of another senior."""
    return {
        "paper_form": f"B-{number}",
        "name": f"박어른{number * '가'}",
        "phone": f"010-0000-01{number:02}",
        **changes,
    }


def missed(citizen: Citizen, *, number: int = 1, phone: str = "+821000000005", now: datetime = MORNING) -> None:
    """An urgent notice comes and reaches the senior on no channel."""
    subject = {"name": citizen.name, "birth_date": citizen.birth_date.isoformat(), "phone": phone}
    arrive(record(number, data_type="vaccination", subject=subject), now=now)
    hand_over((Verdict.UNDELIVERABLE, "30003"), now=now)


def code_in(text: str) -> str:
    found = CODE.search(text)
    assert found is not None, text
    return found[0]


def press(answer: str, code: str) -> str:
    """Enter the code in a browser of one's own, and press the button; return the page."""
    visitor = Client()
    page = visitor.post("/family/", {"code": code}, follow=True).content.decode()
    sealed = SEALED.search(page)
    assert sealed is not None, page
    return str(visitor.post("/family/", {"member": sealed[1], "answer": answer}, follow=True).content.decode())


def asked(client: Client, gateway: Gateway, **changes: Any) -> tuple[Citizen, str]:
    """Register a senior with a family member, and send the question; return the senior and the code in it."""
    citizen = register(client, **changes)
    inform_families()
    return citizen, code_in(gateway.texts[-1])


def agreed(client: Client, gateway: Gateway, **changes: Any) -> tuple[Citizen, str]:
    citizen, code = asked(client, gateway, **changes)
    press("agree", code)
    return citizen, code
