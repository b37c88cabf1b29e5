"""Define the contract of identity providers. They import no models; configuration by constructor."""

from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol

from secretary.kernel.persons.birth_dates import BirthDate


@dataclass(frozen=True, slots=True)
class Person:
    """A person whose identity a provider has confirmed."""

    ci: str  # 연계정보, 88 characters of base64
    name: str  # NFC
    birth_date: BirthDate
    phone: str  # E.164; "" where the provider does not return it


Method = Literal["sms", "app"]  # a code by text message, or a question in the carriers' app (PASS)


@dataclass(frozen=True, slots=True)
class Applicant:
    """The person's input. `identity_number` (the first 7 digits of the resident number) is passed through
    to the provider and never stored, logged or kept in the session; "" where the app asks for no digits."""

    name: str
    phone: str  # E.164
    carrier: str  # SKT | KT | LGU | SKT_MVNO | KT_MVNO | LGU_MVNO
    identity_number: str
    ip_address: str
    method: Method = "sms"


Reason = Literal["not_yet", "wrong_code", "unknown_person", "expired", "used_up", "too_many", "already_confirmed"]


class IdentityRefused(Exception):
    """The provider refused the person's details or the code; `not_yet`: the app's question is not answered.

    `expired` (its time is over) and `used_up` (typed wrongly too often) are also raised without calling the provider:
    no known error of PortOne's distinguishes them from a wrong code.
    """

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


class IdentityUnavailable(Exception):
    """The provider gave no usable answer: the same step may be tried again."""


class IdentityProvider(Protocol):
    name: ClassVar[str]
    methods: ClassVar[tuple[Method, ...]]  # in the order in which they are offered

    def start(self, verification_id: str, applicant: Applicant) -> None:
        """Send the code to the phone, or the question to its app."""

    def resend(self, verification_id: str) -> None: ...

    def confirm(self, verification_id: str, code: str) -> Person:
        """Check the code ("": the app's answer) and return the confirmed identity."""
