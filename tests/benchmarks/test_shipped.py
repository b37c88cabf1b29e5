"""Measurements of a nation run PostgreSQL with what docker-compose.yml gives it."""

from pathlib import Path

from benchmarks.rig.shipped import settings


def test_the_settings_of_the_container_are_found_with_a_quarter_of_this_machines_memory() -> None:
    found = dict(setting.split("=") for setting in settings())
    kilobytes = int(Path("/proc/meminfo").read_text().split()[1])
    assert found["shared_buffers"] == f"{kilobytes // 4}kB"
    assert (found["max_wal_size"], found["checkpoint_timeout"]) == ("16GB", "15min")
    assert "wal_compression" not in found  # the embedded server lacks lz4
