"""Variables that only docker compose reads."""

import pytest

from tests.plugin import ROOT


@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("POSTGRES_PASSWORD", "postgresql://app:${POSTGRES_PASSWORD"),
        ("POSTGRES_OWNER_PASSWORD", "${POSTGRES_OWNER_PASSWORD"),
        ("REDIS_PASSWORD", "valkey-server --requirepass ${REDIS_PASSWORD}"),
        ("WEB_PORT", '"${WEB_PORT:-8000}:8000"'),
        ("RECEIVER_PORT", '"${RECEIVER_PORT:-8001}:8001"'),
    ],
)
def test_compose_takes_it_from_the_environment(name: str, where: str) -> None:
    """No Docker runs here: that the file puts it where it belongs is what can be told."""
    assert where in (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
