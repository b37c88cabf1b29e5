"""What many tests begin with is written once in a process, and copied in afterwards."""

import pytest

from subscriptions.models import Agency
from tests.support.prepared_database import take_away_what_was_left, written_once

NAMES = {"name_ko": "외교부", "name_en": "Ministry of Foreign Affairs", "phone": "02-3210-0404"}


@pytest.mark.django_db(transaction=True)
def test_what_was_written_once_is_there_again_with_its_numbers() -> None:
    called = []

    def prepare() -> None:
        called.append(Agency.objects.create(code="mofa", **NAMES).pk)

    written_once(prepare)
    written = list(Agency.objects.values())
    assert "subscriptions_agency" in take_away_what_was_left() and not Agency.objects.filter(code="mofa").exists()
    written_once(prepare)
    assert list(Agency.objects.values()) == written and called == [Agency.objects.get(code="mofa").pk]
    assert Agency.objects.create(code="mois", **NAMES).pk > called[0]
    with pytest.raises(AssertionError, match=r"apart from what is there: .*subscriptions_agency"):
        written_once(lambda: None)
