"""Test text messages through Solapi against the request of Solapi's own SDK. What all types share:
test_solapi_smart_notification.py."""

import json

from solapi.model import RequestMessage

from notifications.channels.contract import Verdict
from tests.notifications.channels.samples import asked, callback, message
from tests.notifications.channels.solapi_samples import HUSHED, LONG, SHORT, bodies, common, solapi
from tests.notifications.channels.test_solapi_smart_notification import event, item, listing, report, sent
from tests.support.gateway_stub import gateway


def test_a_text_message_is_the_request_that_solapis_sdk_makes() -> None:
    for ours, fields in (
        (message(1, text=SHORT), {"type": "SMS", "text": SHORT}),
        (message(1, text=LONG), {"type": "LMS", "text": LONG, "subject": "국민비서"}),
        (message(1, text=SHORT, title="교통과태료"), {"type": "LMS", "text": SHORT, "subject": "교통과태료"}),
    ):
        body, sdk_body = bodies("solapi_sms", ours._replace(template_code=""), RequestMessage(**common(**fields)))
        assert body == sdk_body


def test_a_lost_text_message_is_found_by_number_time_and_reference_whatever_its_type() -> None:
    with gateway(lambda _: listing(item(7, "4000"), item(1, "3047"))) as stub:
        outcome = solapi("solapi_sms", stub.url).poll([asked(message(1))])[0]
        solapi("solapi_alimtalk", stub.url).poll([asked(message(1))])
    ours, alimtalk = stub.received
    assert ours.query["to"] == "01000000001" and "type" not in ours.query
    assert alimtalk.query["type"] == "ATA"
    assert (outcome.verdict, outcome.code, outcome.vendor_id) == (Verdict.UNDELIVERABLE, "3047", "G1/M1")


def test_each_adapter_reads_the_reports_of_its_own_types() -> None:
    """One account has one stream of reports; each of its webhooks gets all of them."""
    events = [event(number, "4000") for number in range(1, 5)]
    for each, type_ in zip(events, ("SMS", "LMS", "ATA", "NSA"), strict=True):
        each["data"]["type"] = type_
    read = {
        name: [r.reference for r in solapi(name).receive(callback(report(*events), x_solapi_secret=HUSHED))]
        for name in ("solapi_sms", "solapi_alimtalk")
    }
    assert read == {"solapi_sms": ["ps-1", "ps-2"], "solapi_alimtalk": ["ps-3"]}


def test_all_texts_of_a_batch_are_one_request() -> None:
    with gateway(lambda _: sent(item(1), item(2))) as stub:
        batch = [message(n, template="", text=text) for n, text in ((1, SHORT), (2, LONG))]
        assert {o.verdict for o in solapi("solapi_sms", stub.url).send(batch, batch_key="b")} == {Verdict.ACCEPTED}
    assert [each["type"] for each in json.loads(stub.received[0].body)["messages"]] == ["SMS", "LMS"]
