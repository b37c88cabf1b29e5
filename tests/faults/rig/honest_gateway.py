"""A gateway for the model of delivery: it never lies, but its answers get lost and its outcomes come late."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from notifications.channels.contract import Message, Outcome, Polled, Verdict

ENDS = {"arrives": Verdict.DELIVERED, "fails": Verdict.UNDELIVERABLE}
DAYS = ("accept", "refuse_person", "refuse_later", "lose_answer", "lose_request", "slow_network", "worker_dies")


class WorkerDied(BaseException):
    """The process is gone: what it knew is not written."""


@dataclass
class Accepted:
    """A message that the gateway has: its fate is sealed, and known once it is `revealed`."""

    reference: str
    fate: str
    revealed: bool = False

    @property
    def verdict(self) -> Verdict:
        return ENDS[self.fate] if self.revealed else Verdict.ACCEPTED


class HonestGateway:
    """Both channels of the model. `day` is what the next messages meet; `on_accept` watches."""

    reports_by = "callback"

    def __init__(self, on_accept: Callable[[str], None]) -> None:
        self.messages: dict[str, Accepted] = {}
        self.day, self.fate, self.settled = "accept", "arrives", True
        self.on_the_way: list[Accepted] = []
        self._on_accept = on_accept

    def send(self, messages: Sequence[Message], *, batch_key: str) -> list[Outcome]:
        outcomes = [self._meet(message.reference) for message in messages]
        if self.day == "worker_dies":
            raise WorkerDied
        return outcomes

    def poll(self, asked: Sequence[Polled]) -> list[Outcome]:
        """It reports a message as unknown only when it has settled."""
        known = [item.message.reference for item in asked if item.message.reference in self.messages]
        unseen = [item.message.reference for item in asked if item.message.reference not in self.messages]
        outcomes = [Outcome(reference, self.messages[reference].verdict) for reference in known]
        return outcomes + [Outcome(reference, Verdict.RETRY_LATER) for reference in unseen if self.settled]

    def _meet(self, reference: str) -> Outcome:
        if self.day == "refuse_person":
            return Outcome(reference, Verdict.UNDELIVERABLE, "refused")
        if self.day == "refuse_later":
            return Outcome(reference, Verdict.RETRY_LATER, "busy")
        accepted = Accepted(reference, self.fate)
        if self.day == "slow_network":
            self.on_the_way.append(accepted)
        elif self.day != "lose_request":
            self._accept(accepted)
        return Outcome(reference, Verdict.ACCEPTED if self.day == "accept" else Verdict.UNKNOWN)

    def let_arrive(self) -> None:
        """What was on its way when its sender gave up waiting."""
        for accepted in self.on_the_way:
            self._accept(accepted)
        self.on_the_way.clear()

    def _accept(self, accepted: Accepted) -> None:
        self._on_accept(accepted.reference)
        self.messages[accepted.reference] = accepted
