"""Send text messages through Twilio Programmable Messaging (sms).

Protocol: twilio.com/docs/messaging/api/message-resource. Sending builds the request itself, because the
`twilio` client needs 1 ms of CPU for each (docs/adr/0002-bulk-http.md); a test compares it with the client's.
Callbacks are checked by Twilio's own RequestValidator, statuses are polled by Twilio's own client.
"""

import base64
import hmac
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

from twilio.base.exceptions import TwilioException  # type: ignore[import-untyped]
from twilio.request_validator import RequestValidator, get_signature_algorithm  # type: ignore[import-untyped]

from notifications.channels.answers import from_transport, unreadable
from notifications.channels.contract import (
    Callback,
    ForgedCallback,
    Limits,
    Message,
    Outcome,
    Polled,
    Receipt,
    UnreadableCallback,
    Verdict,
)
from notifications.channels.protocols import twilio_client
from secretary.kernel.adapters.config import setting
from secretary.kernel.adapters.exchange import HttpAnswer, HttpRequest
from secretary.kernel.adapters.forms import form_value, read_form
from secretary.kernel.adapters.reading import UNREADABLE, code_label, label, mapping
from secretary.kernel.adapters.timing import USUAL, Timing
from secretary.kernel.adapters.transport import BulkHttp

# Message resource, `status`: twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks
STATUSES: Mapping[str, Verdict] = {
    "accepted": Verdict.ACCEPTED,
    "scheduled": Verdict.ACCEPTED,
    "queued": Verdict.ACCEPTED,
    "sending": Verdict.ACCEPTED,
    "sent": Verdict.ACCEPTED,  # the carrier has it
    "delivered": Verdict.DELIVERED,
    "read": Verdict.DELIVERED,
    "canceled": Verdict.RETRY_LATER,  # never left Twilio
}
FAILED = ("failed", "undelivered")

# Error dictionary: twilio.com/docs/api/errors. In a 4xx answer nothing was sent; in a receipt the
# message did not arrive.
CODES: Mapping[str, Verdict] = {
    "20003": Verdict.RETRY_LATER,  # our credentials: our own configuration error
    "20429": Verdict.RETRY_LATER,  # too many requests
    "21211": Verdict.UNDELIVERABLE,  # invalid To
    "21408": Verdict.RETRY_LATER,  # the account may not send to this country: an operator must enable it
    "21602": Verdict.TEMPLATE_REJECTED,  # empty body
    "21606": Verdict.RETRY_LATER,  # From does not belong to our account
    "21610": Verdict.UNDELIVERABLE,  # the recipient has unsubscribed
    "21611": Verdict.RETRY_LATER,  # our sender's queue is full
    "21612": Verdict.UNDELIVERABLE,  # not reachable from this sender
    "21614": Verdict.UNDELIVERABLE,  # no mobile number
    "21617": Verdict.UNDELIVERABLE,  # body over 1,600 characters
    "21658": Verdict.UNDELIVERABLE,  # a parameter too long
    "30001": Verdict.RETRY_LATER,  # queue overflow
    "30002": Verdict.RETRY_LATER,  # account suspended
    "30003": Verdict.UNDELIVERABLE,  # handset unreachable
    "30004": Verdict.UNDELIVERABLE,  # blocked
    "30005": Verdict.UNDELIVERABLE,  # unknown handset
    "30006": Verdict.UNDELIVERABLE,  # landline or unreachable carrier
    "30007": Verdict.UNDELIVERABLE,  # filtered for its content, perhaps for a value in it
    "30008": Verdict.UNDELIVERABLE,  # undelivered, reason unknown
    "30019": Verdict.UNDELIVERABLE,  # longer than the carrier accepts
}
# Unlisted: a refused request has sent nothing, so it may be retried after a review; a message
# that Twilio reports as failed or undelivered has not arrived, so the next channel is right.
REFUSED_DEFAULT = Verdict.RETRY_LATER
FAILED_DEFAULT = Verdict.UNDELIVERABLE

OUR_QUERY = re.compile(r"^[^?#]*\?ref=([A-Za-z0-9-]+)\Z")  # as `_request` writes it
LISTED = 50  # messages of one page that is searched for one whose answer was lost
POLL_SECONDS = 20.0  # for all queries of one call, which run one after another
CLOCK_SKEW = timedelta(seconds=30)  # between Twilio's clock and ours


@dataclass(frozen=True, slots=True)
class Config:
    account_sid: str = setting("TWILIO_ACCOUNT_SID")
    auth_token: str = setting("TWILIO_AUTH_TOKEN")
    sender: str = setting("TWILIO_FROM")  # a registered number (E.164), or a Messaging Service SID (MG…)
    base_url: str = setting("TWILIO_BASE_URL", "https://api.twilio.com")


class TwilioSms:
    channel: ClassVar[str] = "sms"
    gateway: ClassVar[str] = "twilio"
    address_kind: ClassVar[str] = "phone"
    max_batch: ClassVar[int] = 500
    needs_template: ClassVar[bool] = False
    reports_by: ClassVar[str] = "callback"
    limits: ClassVar[Limits] = Limits(max_chars=1600)  # error 21617
    value_codes: ClassVar[frozenset[str]] = frozenset(("21617", "21658", "30007", "30019"))
    account_codes: ClassVar[frozenset[str]] = frozenset()

    def __init__(
        self,
        config: Config,
        *,
        callback_url: str,
        http: BulkHttp | None = None,
        timing: Timing = USUAL,
    ) -> None:
        self._config = config
        self._token = config.auth_token.encode()
        self._http = http or BulkHttp(timing=timing, one_by_one=True)
        self._settle, self._list_pages = timing.settle, timing.list_pages
        self._url = f"{config.base_url}/2010-04-01/Accounts/{config.account_sid}/Messages.json"
        sender_field = "MessagingServiceSid" if config.sender.startswith("MG") else "From"
        callback = form_value(f"{callback_url}?ref=")
        self._between = f"&StatusCallback={callback}", f"&{sender_field}={form_value(config.sender)}&Body="
        credentials = base64.b64encode(f"{config.account_sid}:{config.auth_token}".encode()).decode()
        self._authorization = f"Basic {credentials}"
        self._headers = {
            "Authorization": self._authorization,
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
        }
        self._client: Any = twilio_client.client(
            self._http,
            base_url=config.base_url,
            account_sid=config.account_sid,
            auth_token=config.auth_token,
            authorization=self._authorization,
        )

    def send(self, messages: Sequence[Message], *, batch_key: str) -> list[Outcome]:
        answers = self._http.perform([self._request(message) for message in messages])
        return [_outcome(message.reference, answer) for message, answer in zip(messages, answers, strict=True)]

    def poll(self, polled: Sequence[Polled]) -> list[Outcome]:
        outcomes: list[Outcome | None] = []
        give_up_at = time.monotonic() + POLL_SECONDS
        for item in polled:
            if time.monotonic() > give_up_at:
                break  # a silent gateway: the rest is polled another time
            try:
                found = self._poll_by_sid(item) if item.vendor_id else self._poll_by_list(item, give_up_at)
                outcomes.append(found)
            except (TwilioException, *UNREADABLE):
                continue  # no answer, or none that can be read: still unknown
        return [outcome for outcome in outcomes if outcome]

    def receive(self, callback: Callback) -> list[Receipt]:
        form = _form(callback)
        if not (self._is_signed(form, callback) or self._is_valid(form, callback)):
            raise ForgedCallback
        return [_receipt(form, callback.url)]

    def _is_signed(self, form: Mapping[str, str], callback: Callback) -> bool:
        """Return whether the usual signature fits the URL as it stands (twilio.com/docs/usage/security): HMAC-SHA1 over
        it and the sorted fields. Twilio's validator tries ten variants of the URL first, which is 20 times as slow.
        """
        signed = callback.url + "".join([f"{name}{form[name]}" for name in sorted(form)])
        digest = base64.b64encode(hmac.digest(self._token, signed.encode(), "sha1"))
        return hmac.compare_digest(digest, callback.headers.get("x-twilio-signature", "").encode())

    def _is_valid(self, form: Mapping[str, str], callback: Callback) -> bool:
        """Return the result of Twilio's validator, which accepts other ports in the URL and SHA-256 too."""
        signature = callback.headers.get("x-twilio-signature", "")
        algorithm = get_signature_algorithm(callback.headers.get("x-twilio-webhooks-signature-settings"))
        return bool(RequestValidator(self._config.auth_token).validate(callback.url, form, signature, algorithm))

    def _request(self, message: Message) -> HttpRequest:
        to_callback, to_body = self._between
        form = f"To={form_value(message.address)}{to_callback}{message.reference}{to_body}{form_value(_text(message))}"
        return HttpRequest(self._url, self._headers, form.encode())

    def _poll_by_sid(self, item: Polled) -> Outcome:
        return _instance_outcome(item.message.reference, self._client.messages(item.vendor_id).fetch())

    def _poll_by_list(self, item: Polled, give_up_at: float) -> Outcome | None:
        """Search the number's newest messages page by page, until one is older than the message or the list ends
        (`next_page_uri`: twilio.com/docs/usage/twilios-response).

        By To alone: a message that is still queued has no DateSent, and a filter on it would hide the very message that
        must not be sent twice. Twilio lists the newest first.
        """
        since, wanted = item.started_at - CLOCK_SKEW, _text(item.message)
        page = self._client.messages.page(to=item.message.address, page_size=LISTED)
        for _ in range(self._list_pages):
            listed = list(page)
            for instance in listed:
                if instance.body == wanted and instance.date_created and instance.date_created >= since:
                    return _instance_outcome(item.message.reference, instance)
            ends = not page.next_page_url and len(listed) < LISTED  # a full page without a next one is none we trust
            if ends or any(i.date_created and i.date_created < since for i in listed):
                is_settled = item.age > self._settle
                return Outcome(item.message.reference, Verdict.RETRY_LATER, "not-listed") if is_settled else None
            if not page.next_page_url or time.monotonic() > give_up_at:
                break
            page = page.next_page()
        return None  # what is on further pages is not known


ADAPTER = TwilioSms


def _text(message: Message) -> str:
    """Return the text with the title of a long message as its first line, as Twilio has no subject."""
    return f"{message.title}\n{message.text}" if message.title else message.text


def _outcome(reference: str, answer: HttpAnswer) -> Outcome:
    settled = from_transport(reference, answer)
    if settled:
        return settled
    try:
        body = mapping(answer.body)
        if answer.status >= 400:
            code = code_label(body["code"])
            return Outcome(reference, CODES.get(code, REFUSED_DEFAULT), code)
        return _stated(reference, body["status"], body.get("error_code"), body["sid"])
    except UNREADABLE:
        return unreadable(reference, answer)


def _instance_outcome(reference: str, instance: Any) -> Outcome:
    return _stated(reference, instance.status, instance.error_code, instance.sid)


def _stated(reference: str, status: Any, error_code: object, sid: Any) -> Outcome:
    if not isinstance(status, str) or not isinstance(sid, str):
        raise TypeError("a message without status or sid")
    verdict, code = _verdict(status, str(error_code or ""))
    return Outcome(reference, verdict, code_label(code), label(sid))


def _verdict(status: str, error_code: str) -> tuple[Verdict, str]:
    if status in FAILED:
        return CODES.get(error_code, FAILED_DEFAULT), error_code or status
    return STATUSES.get(status, Verdict.UNKNOWN), status


def _form(callback: Callback) -> dict[str, str]:
    """Return the callback's fields. Twilio repeats none, so a callback with a repeated field is forged."""
    try:
        pairs = read_form(callback.body.decode())
    except ValueError:
        raise UnreadableCallback("not a form") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise UnreadableCallback("a repeated field")
    return fields


def _receipt(form: Mapping[str, str], url: str) -> Receipt:
    sid, status = form.get("MessageSid", ""), form.get("MessageStatus", "")
    if not sid or not status:
        raise UnreadableCallback("no MessageSid or MessageStatus")
    ours = OUR_QUERY.search(url)
    reference = ours.group(1) if ours else dict(parse_qsl(urlsplit(url).query)).get("ref", "")
    verdict, code = _verdict(status, form.get("ErrorCode", ""))
    return Receipt(label(f"{sid}:{status}"), label(reference), label(sid), verdict, code_label(code))
