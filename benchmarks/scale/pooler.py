"""Run PgBouncer in transaction mode in front of the embedded database, as docs/operations.md says."""

import os
import shutil
import subprocess
from urllib.parse import urlsplit

from benchmarks.rig.environment import HOME, Environment
from benchmarks.scale.hosts import ROOT
from secretary.local.embedded.ports import random_free
from secretary.local.files import LocalFailure, write_private

LIMITS = "SET statement_timeout = '60s'; SET lock_timeout = '10s'; SET idle_in_transaction_session_timeout = '15s'"
CONFIGURATION = """\
[databases]
{name} = host={host} port={port} dbname={name} connect_query='{limits}'
[pgbouncer]
listen_addr = {listen}
listen_port = {own}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {users}
pool_mode = transaction
default_pool_size = {sessions}
max_client_conn = 500
server_lifetime = 600
logfile = {log}
"""
SESSIONS = 8  # of the database, for all processes of all hosts
UNPRIVILEGED = 65534  # the account of no files


def start_pooler(environment: Environment, database_url: str) -> str:
    """Start it and return the address through it. Raises LocalFailure where it is not installed."""
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if program is None:
        raise LocalFailure("PgBouncer is not installed (Debian: apt-get install pgbouncer)")
    url, own, folder = urlsplit(database_url), random_free(), HOME / "pgbouncer"
    folder.mkdir(exist_ok=True)
    write_private(folder / "users.txt", f'"{url.username}" "{url.password}"\n')
    limits = LIMITS.replace("'", "''")
    values = {"name": url.path.strip("/"), "host": url.hostname, "port": str(url.port), "limits": limits}
    values |= {"listen": ROOT, "own": str(own), "users": str(folder / "users.txt"), "sessions": str(SESSIONS)}
    values["log"] = str(folder / "log")
    write_private(folder / "pgbouncer.ini", CONFIGURATION.format(**values))
    for path in (folder, *folder.iterdir()):
        os.chown(path, UNPRIVILEGED, UNPRIVILEGED)
    # It refuses to run as root.
    unprivileged = ["setpriv", f"--reuid={UNPRIVILEGED}", f"--regid={UNPRIVILEGED}", "--clear-groups"]
    environment.start("pgbouncer", [*unprivileged, program, str(folder / "pgbouncer.ini")])
    return f"postgresql://{url.username}:{url.password}@{ROOT}:{own}{url.path}"


def version() -> str:
    program = shutil.which("pgbouncer") or "/usr/sbin/pgbouncer"
    return subprocess.run([program, "--version"], capture_output=True, text=True).stdout.partition("\n")[0]
