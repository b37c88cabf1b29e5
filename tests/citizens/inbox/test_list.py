"""The list: newest first, by day, unread in words, filtered, page after page, and empty."""

import pytest

from tests.citizens.inbox.conftest import Reader, send

pytestmark = pytest.mark.django_db


def test_a_notice_is_in_the_list_and_leads_to_its_page(reader: Reader) -> None:
    [notice] = send()
    page = reader.get()
    assert f'href="/inbox/{notice.pk}/"' in page
    assert "교통과태료" in page and "신호위반" in page
    print(reader.notice(notice))
