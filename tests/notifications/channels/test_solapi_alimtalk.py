"""Test Alimtalk through Solapi against the request of Solapi's own SDK. What all types share:
test_solapi_smart_notification.py."""

from solapi.model import KakaoOption, RequestMessage

from tests.notifications.channels.samples import message
from tests.notifications.channels.solapi_samples import bodies, common


def test_alimtalk_is_the_request_that_solapis_sdk_makes() -> None:
    values = {"이름": "홍길동", "확인코드": "K7MP-2QX9-3HVC"}
    option = KakaoOption(pf_id="PF", template_id="T", variables=values, disable_sms=True)
    theirs = RequestMessage(**common(type="ATA", kakao_options=option))
    body, sdk_body = bodies("solapi_alimtalk", message(1, template="T"), theirs)
    assert body == sdk_body
    assert body["messages"][0]["kakaoOptions"]["variables"]["#{이름}"] == "홍길동"
