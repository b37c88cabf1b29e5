"""The embedded servers, for real: started, stopped, killed, started again."""

import os
import platform
import shutil
import signal
import socket
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
import redis

from secretary.local.embedded import account, servers
from secretary.local.embedded.postgres import Postgres
from secretary.local.embedded.valkey import Valkey
from secretary.local.files import LocalFailure

ROOT = Path(__file__).resolve().parents[3]


def test_data_are_there_after_a_stop_and_a_start(folder: Path) -> None:
    put(servers.start(folder, durable=False), "kept")
    servers.stop(folder)
    again = servers.start(folder, durable=False)
    assert got(again) == ["kept"]
    assert again.started == {"postgres", "valkey"}


def test_a_second_start_finds_the_running_servers(looked_at: Path) -> None:
    first = servers.start(looked_at, durable=False)
    second = servers.start(looked_at, durable=False)
    assert (second.database_url, second.redis_url) == (first.database_url, first.redis_url)
    assert first.started == second.started == frozenset()


def test_a_process_of_its_own_starts_them_as_well(looked_at: Path) -> None:
    both = frozenset({"postgres", "valkey"})
    assert servers.start_apart(looked_at, only=both) == servers.start(looked_at, durable=False)


def test_what_keeps_that_process_from_it_is_named(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LocalFailure, match="do not start"):
        servers.start_apart(tmp_path / "file", only=frozenset({"valkey"}))
    assert "FileExistsError" in capfd.readouterr().err


def test_stopping_what_does_not_run_is_no_error(folder: Path) -> None:
    servers.stop(folder)
    servers.start(folder, durable=False)
    servers.stop(folder)
    servers.stop(folder)
    assert not Postgres(folder / "postgres").answers()
    assert not Valkey(folder / "valkey").answers()


def test_what_was_committed_survives_kill_9(folder: Path) -> None:
    put(servers.start(folder), "committed")
    os.kill(postgres_pid(folder), signal.SIGKILL)
    os.kill(valkey_pid(folder), signal.SIGKILL)
    assert got(servers.start(folder)) == ["committed"]


def test_tasks_that_reached_the_disk_survive_kill_9(folder: Path) -> None:
    with redis.Redis.from_url(servers.start(folder, only=frozenset({"valkey"})).redis_url) as broker:
        broker.lpush("notices", "wake up")
        broker.execute_command("WAITAOF", 1, 0, 5000)
    os.kill(valkey_pid(folder), signal.SIGKILL)
    with redis.Redis.from_url(servers.start(folder, only=frozenset({"valkey"})).redis_url) as broker:
        assert broker.lrange("notices", 0, -1) == [b"wake up"]


def test_a_stale_pid_file_that_names_another_program_is_no_obstacle(folder: Path) -> None:
    put(servers.start(folder, durable=False), "kept")
    pid_file, pid = Postgres(folder / "postgres").data / "postmaster.pid", postgres_pid(folder)
    os.kill(pid, signal.SIGKILL)
    pid_file.write_text(pid_file.read_text().replace(str(pid), str(os.getpid()), 1))
    assert got(servers.start(folder, durable=False)) == ["kept"]


def test_a_port_that_is_in_use_is_replaced(folder: Path) -> None:
    first = servers.start(folder, durable=False)
    put(first, "kept")
    servers.stop(folder)
    with socket.create_server(("127.0.0.1", Postgres(folder / "postgres").port)):
        second = servers.start(folder, durable=False)
        assert second.database_url != first.database_url
        assert got(second) == ["kept"]


def test_hangul_is_sorted_by_the_database(looked_at: Path) -> None:
    url = Postgres(looked_at / "postgres").url()
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT w FROM (VALUES ('하'), ('가'), ('나')) AS v (w) ORDER BY w")
        assert [word for (word,) in cursor.fetchall()] == ["가", "나", "하"]


def test_other_accounts_cannot_read_passwords_and_data(looked_at: Path) -> None:
    private = (*looked_at.glob("*/*password"), looked_at / "valkey/valkey.conf", looked_at / "postgres/data")
    assert {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in private} == {0}


def test_the_application_is_neither_superuser_nor_owner(looked_at: Path) -> None:
    postgres = Postgres(looked_at / "postgres")
    with closing(psycopg2.connect(postgres.url())) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolname, rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user"
        )
        assert cursor.fetchone() == ("app", False, False, False)
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute("CREATE TABLE mine ()")
    with closing(psycopg2.connect(postgres.owner_url())) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT rolname FROM pg_roles WHERE NOT rolname LIKE 'pg\\_%' ORDER BY 1")
        assert [name for (name,) in cursor.fetchall()] == ["app", "owner", "reader"]


def test_a_cluster_of_before_the_roles_gets_them_and_keeps_its_data(folder: Path) -> None:
    made_before_the_roles(folder)
    again = servers.start(folder, durable=False)
    assert got(again) == ["kept"]
    with closing(psycopg2.connect(again.owner_url)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_userbyid(relowner) FROM pg_class WHERE relname = 'words'")
        assert cursor.fetchone() == ("owner",)
        cursor.execute("SELECT rolname, rolsuper FROM pg_roles WHERE NOT rolname LIKE 'pg\\_%' ORDER BY 1")
        assert cursor.fetchall() == [("app", False), ("owner", True), ("reader", False)]
    servers.stop(folder)
    assert got(servers.start(folder, durable=False)) == ["kept"]


def test_the_servers_listen_on_the_loopback_only(looked_at: Path) -> None:
    started = servers.start(looked_at, durable=False)
    with closing(psycopg2.connect(started.database_url)) as connection, connection.cursor() as cursor:
        cursor.execute("SHOW listen_addresses")
        assert cursor.fetchone() == ("127.0.0.1",)
    with redis.Redis.from_url(started.redis_url) as broker:
        assert broker.config_get("bind") == {"bind": "127.0.0.1"}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become nobody")
def test_root_without_user_namespaces_runs_the_database_as_nobody(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account, "user_namespaces_allowed", lambda: False)
    started = servers.start(folder, durable=False)
    put(started, "kept")
    assert (Path("/proc") / str(postgres_pid(folder))).stat().st_uid == account.NOBODY
    servers.stop(folder)
    assert got(servers.start(folder, durable=False)) == ["kept"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become nobody")
def test_nobody_gets_a_place_of_its_own_when_the_folder_is_shut_to_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account, "user_namespaces_allowed", lambda: False)
    folder.chmod(0o700)
    put(servers.start(folder, durable=False), "kept")
    assert got(servers.start(folder, durable=False)) == ["kept"]
    place = Postgres(folder / "postgres").place
    servers.stop(folder)
    assert place.parent == account.SHARED_PLACE
    shutil.rmtree(place)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_user_who_is_not_root_can_start_and_stop_them(folder: Path) -> None:
    home = folder / "theirs"
    home.mkdir()
    os.chown(home, account.NOBODY, account.NOBODY)
    code = (
        "import sys; from pathlib import Path; from secretary.local import servers\n"
        "home = Path(sys.argv[1]); servers.start(home); servers.stop(home)\n"
        "print(sorted(servers.start(home).started)); servers.stop(home)"
    )
    packages = os.pathsep.join(path for path in sys.path if path.endswith("-packages"))
    output = subprocess.run(
        [python_for_everyone(), "-c", code, home],
        cwd=ROOT,
        user=account.NOBODY,
        group=account.NOBODY,
        extra_groups=[],
        capture_output=True,
        text=True,
        env={"PATH": os.defpath, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": packages},
    )
    assert (output.returncode, output.stderr, output.stdout) == (0, "", "['postgres', 'valkey']\n")
    assert (home / "postgres/data").stat().st_uid == account.NOBODY


def python_for_everyone() -> str:
    """A Python of our version that `nobody` may run: the one that runs us may lie in a shut folder."""
    for path in (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"):
        if Path(path).exists() and account.passable(Path(path).resolve().parent):
            version = subprocess.run([path, "-V"], capture_output=True, text=True).stdout.split()[1]
            if version == platform.python_version():
                return path
    pytest.skip("no Python of this version that everyone may run")


def put(started: servers.Servers, word: str) -> None:
    with closing(psycopg2.connect(started.owner_url)) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS words (word text)")
        cursor.execute("INSERT INTO words VALUES (%s)", [word])
        connection.commit()


def got(started: servers.Servers) -> list[str]:
    with closing(psycopg2.connect(started.owner_url)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT word FROM words")
        return [word for (word,) in cursor.fetchall()]


def made_before_the_roles(folder: Path) -> None:
    """As versions up to 148511c left a cluster: its first role, a superuser that owns everything, is called app."""
    started = servers.start(folder, durable=False, only=frozenset({"postgres"}))
    postgres = Postgres(folder / "postgres")
    put(started, "kept")
    owner = postgres.owner_url("postgres")
    with closing(psycopg2.connect(owner)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute("DROP ROLE app; DROP ROLE reader; CREATE ROLE helper SUPERUSER LOGIN PASSWORD 'helper'")
    host = owner.rpartition("@")[2]
    with closing(psycopg2.connect(f"postgresql://helper:helper@{host}")) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute("ALTER ROLE owner RENAME TO app")
    old = f"postgresql://app:{(postgres.place / 'password').read_text().strip()}@{host}"
    with closing(psycopg2.connect(old)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute("DROP ROLE helper")
    for role in ("app", "reader"):
        (postgres.place / f"{role}-password").unlink()
    servers.stop(folder)


def postgres_pid(folder: Path) -> int:
    return int((Postgres(folder / "postgres").data / "postmaster.pid").read_text().split("\n", 1)[0])


def valkey_pid(folder: Path) -> int:
    return int((folder / "valkey/pid").read_text())
