"""Whatever name the sign-up form takes is matched, sent on every channel and shown on pages: odd ones, all valid."""

from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from django.test import Client

from notifications.delivery.deliver import deliver_due
from notifications.matching.match import match_everything
from notifications.models import Delivery, Notice
from secretary.kernel.korean.korean import clean_line, masked_name, missing_from_euc_kr
from subscriptions.data_types.load import ensure_service_consent
from subscriptions.enrolment.choices import set_channels
from subscriptions.enrolment.consent_texts import live_data_types, texts_for
from subscriptions.models import Citizen, Contact
from tests.notifications.cast import MORNING, ingest, make_data_type, record, templates
from tests.subscriptions import cast
from tests.subscriptions.web.conftest import FakeProvider, provider, quick_passwords  # noqa: F401  (fixtures)
from tests.subscriptions.web.steps import answers, confirmed
from tests.support.prepared_database import kept_for_a_file
from tests.support.sandbox_process import SandboxProcess

pytestmark = pytest.mark.django_db
CHANNELS = ("kakaotalk", "naver", "toss", "sms")

# As typed → as a text message writes it where there is no other way.
NAMES = {
    "홍길동": "홍길동",
    "홍길믜": "홍길ㅁㅢ",
    "똠방 각하": "ㄸㅗㅁ방 각하",
    "뷁쉟": "ㅂㅞㄺㅅㅞㅀ",
    "\u1112\u1169\u11bc\u1100\u1175\u11af\u1103\u1169\u11bc": "홍길동",  # as macOS types it
    "홍　길동": "홍 길동",
    "남궁선우제갈공명": "남궁선우제갈공명",
    "洪吉東": "洪吉東",
    "花郎": "花\uf92c",
    "张伟": "장위",
    "NGUYỄN THỊ HOÀ": "NGUYEN THI HOA",
    "Đặng Văn Lâm": "Dang Van Lam",
    "José Ñandú": "Jose Nandu",
    "O’Brien-Łukasz": "O’Brien-Łukasz",
    "D'Souza, Jr.": "D'Souza, Jr.",
    "Dr.Kim": "Dr.Kim",
    "Олександр Їжак": "Олександр Iжак",
    "Ελένη": "Ελενη",
    "さとう ハナコ": "さとう ハナコ",
    "สมชาย ใจดี": "고객(이름을 표시할 수 없음)",
    "محمد": "고객(이름을 표시할 수 없음)",
    "＜Kim＞": "＜Kim＞",
    "Kim #{금액} %s {0}": "Kim #{금액} %s {0}",
    "J. R. Smith": "J. R. Smith",
    "O'Brien-Müller": "O'Brien-Muller",
    "Jose\u0301 Mu\u0308ller": "Jose Muller",  # with combining marks
    "Anne-Marie d'Aubigné-St. John": "Anne-Marie d'Aubigne-St. John",
    "Maximiliana " + "Wolfeschlegelsteinhausenbergerdorff " + "A" * 32: None,
    "가" * 80: "가" * 80,
}


@pytest.fixture(scope="module", autouse=True)
def offered(sandbox_process: SandboxProcess, django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """What people sign up for, its templates at the gateways, and an official: once for all tests of this file."""

    def prepare() -> None:
        ensure_service_consent()
        make_data_type()
        make_data_type("vaccination")
        sandbox_process.register(*templates())
        cast.official()

    with kept_for_a_file(prepare, blocker=django_db_blocker):
        yield


def sign_up(client: Client, name: str) -> None:
    assert confirmed(client, name=name)["Location"] == "/sign-up/channels/"
    client.post("/sign-up/channels/", {"channel": ["kakaotalk"]})
    client.post("/sign-up/data-types/", {"traffic": ["traffic_fine"]})
    client.post("/sign-up/consent/", answers("traffic_fine"))
    page = client.get("/sign-up/check/")
    assert clean_line(name) in unescape(page.content.decode())
    assert client.post("/sign-up/check/")["Location"] == "/sign-up/done/"


def is_notified(name: str) -> str:
    """What an agency that knows no CI pushes about this person, and what came of it on the phone."""
    subject = {"name": name, "birth_date": cast.ALICE.birth_date.isoformat(), "phone": "010-0000-0001"}
    ingest(record(1, subject=subject))
    match_everything(now=MORNING)
    deliver_due(now=lambda: MORNING)
    assert Notice.objects.latest("pk").state in ("sending", "delivered")
    return str(Delivery.objects.latest("pk").channel)


def link_toss(name: str) -> None:
    """As the Toss app would have linked its user; each name another one, as Toss limits messages to one."""
    contact = Contact(citizen=Citizen.objects.get(), kind=Contact.TOSS_USER_KEY)
    contact.value = str(443_000_001 + [*NAMES].index(name))
    contact.save()


@pytest.mark.parametrize("name", NAMES)
def test_from_the_form_to_the_phone(
    client: Client,
    provider: FakeProvider,  # noqa: F811
    sandbox: SandboxProcess,
    name: str,
) -> None:
    sign_up(client, name)
    citizen = Citizen.objects.get()
    assert citizen.name == clean_line(name)
    link_toss(name)
    for sent, channel in enumerate(CHANNELS, 1):
        set_channels(citizen, [channel])
        assert is_notified(name) == channel
        rows = sandbox.rows()
        assert len(rows) == sent
        written = (NAMES[name] or name) if channel == "sms" else clean_line(name)
        assert f"{written}님" in rows[-1]["text"], channel
        assert channel != "sms" or not missing_from_euc_kr(rows[-1]["text"])


@pytest.mark.parametrize("name", NAMES)
def test_an_official_registers_it_prints_the_slip_and_finds_the_entry(client: Client, name: str) -> None:
    client.post("/officials/login/", {"username": "official", "password": "right-password-1"})
    form = {"paper_form": "A-1", "name": name, "birth_date": "1948.05.09", "phone": "010-0000-0005", "channel": "sms"}
    consents = {f"consent_{text.id}": "yes" for text in texts_for(live_data_types(["vaccination"]))}
    slip = client.post("/officials/", form | consents, follow=True)
    assert slip.redirect_chain[-1][0] == "/officials/slip/"
    senior = Citizen.objects.get()
    assert senior.name == clean_line(name)
    listed = unescape(client.get("/officials/list/").content.decode())
    assert f">{masked_name(senior.name)}<" in listed
    shown = client.post(f"/officials/list/{senior.pk}/", {"reason": "전화 확인"}, follow=True)
    assert clean_line(name) in unescape(shown.content.decode())
