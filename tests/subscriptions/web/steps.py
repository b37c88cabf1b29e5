"""Walk through a person's sign-up in the test client."""

from typing import Any

from subscriptions.enrolment.consent_texts import live_data_types, texts_for
from tests.subscriptions.web.conftest import CODE

DETAILS = {"name": "홍길동", "phone": "010-0000-0001", "carrier": "KT", "identity_number": "850314-1"}
CHANNELS = {"channel": ["kakaotalk", "sms"]}
TYPES = {"traffic": ["traffic_fine"], "health": ["health_checkup"]}


def answers(*codes: Any, **refused: Any) -> Any:
    return {
        f"consent_{text.id}": "no" if refused.get(text.code) else "yes" for text in texts_for(live_data_types(codes))
    }


def identify(client: Any, way: Any = "/sign-up/", **changes: Any) -> Any:
    return client.post(way, DETAILS | changes)


def confirmed(client: Any, way: Any = "/sign-up/", **changes: Any) -> Any:
    identify(client, way, **changes)
    return client.post(f"{way}code/", {"code": CODE})


def until_check(client: Any, **changes: Any) -> Any:
    confirmed(client, **changes)
    client.post("/sign-up/channels/", CHANNELS)
    client.post("/sign-up/data-types/", TYPES)
    return client.post("/sign-up/consent/", answers("traffic_fine", "health_checkup"))
