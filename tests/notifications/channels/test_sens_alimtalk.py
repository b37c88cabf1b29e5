"""Test Alimtalk through NAVER Cloud SENS with the message formats of its API guides. What both products share:
test_sens_sms.py."""

import json

from notifications.channels.contract import Verdict
from tests.notifications.channels.samples import asked, by_reference, message
from tests.notifications.channels.sens_samples import ALIMTALK, listed, page, sens, taken
from tests.support.gateway_stub import gateway


def test_alimtalk_is_a_request_a_template_and_has_a_result_for_each_number() -> None:
    results = [
        {"messageId": "M1", "to": "01000000001", "requestStatusCode": "A000", "requestStatusName": "success"},
        {"messageId": "M2", "to": "01000000002", "requestStatusCode": "B999", "requestStatusName": "fail"},
    ]
    with gateway(lambda _: taken(messages=results)) as stub:
        batch = [message(1, template="T", title="강조"), message(2, template="T"), message(3, template="T")]
        outcomes = by_reference(sens("sens_alimtalk", stub.url).send(batch, batch_key="b"))
    body = json.loads(stub.received[0].body)
    assert stub.received[0].path == ALIMTALK
    assert (body["plusFriendId"], body["templateCode"]) == ("@국민비서", "T")
    first = {"countryCode": "82", "to": "01000000001", "title": "강조", "content": batch[0].text}
    assert body["messages"][0] == {**first, "useSmsFailover": False}
    assert [(outcomes[f"ps-{n}"].verdict, outcomes[f"ps-{n}"].code) for n in (1, 2, 3)] == [
        (Verdict.ACCEPTED, "A000"),
        (Verdict.RETRY_LATER, "B999"),
        (Verdict.UNKNOWN, "not-in-answer"),
    ]


def test_a_listed_alimtalk_says_what_became_of_it() -> None:
    cases = [
        (("A000", "processing", None), Verdict.ACCEPTED),
        (("A000", None, None), Verdict.ACCEPTED),
        (("A000", "success", "0000"), Verdict.DELIVERED),
        (("A000", "fail", "3019"), Verdict.UNDELIVERABLE),
        (("A000", "fail", "8765"), Verdict.UNKNOWN),
        (("B999", None, None), Verdict.RETRY_LATER),
    ]
    for (taken_, name, code), verdict in cases:
        state = {"requestStatusCode": taken_, "messageStatusName": name, "messageStatusCode": code}
        with gateway(lambda _, state=state: page({**listed(1), **state})) as stub:  # type: ignore[misc]
            outcome = sens("sens_alimtalk", stub.url).poll([asked(message(1), vendor_id="RSLA-1")])[0]
        assert outcome.verdict is verdict, (taken_, name, code)


def test_alimtalk_is_searched_for_on_our_own_channel() -> None:
    with gateway(lambda _: page(listed(1, content=message(1).text, requestStatusCode="A000"))) as stub:
        outcome = sens("sens_alimtalk", stub.url).poll([asked(message(1))])[0]
    assert stub.received[0].query["plusFriendId"] == "@국민비서"
    assert outcome.verdict is Verdict.ACCEPTED
