"""Define how each kind of process reaches the database: in which role, and with which time-outs.

No endless wait, and no process that waits for a frozen one. Only commands (migrate, verify_audit, seed_samples,
run_once) have no limits, for a person watches them.
"""

from typing import Any

from secretary import env

WORKER_SECONDS = 10  # prepared plans live as long: of tables that were nearly empty, not for a whole night's work


def application() -> dict[str, Any]:
    """Django's settings for the role of the processes that run all day. Raises Misconfigured."""
    found = env.database("DATABASE_URL", "postgresql://app@127.0.0.1:5432/secretary")
    answering = (
        env.number("WEB_STATEMENT_SECONDS", 5.0, or_zero=True),
        env.number("WEB_LOCK_SECONDS", 3.0, or_zero=True),
    )
    limits = {
        "web": answering,
        "receiver": answering,
        "worker": (
            env.number("WORKER_STATEMENT_SECONDS", 60.0, or_zero=True),
            env.number("WORKER_LOCK_SECONDS", 10.0, or_zero=True),
        ),
    }
    idle = env.number("IDLE_IN_TRANSACTION_SECONDS", 15.0, or_zero=True)
    if pooled():
        # Sessions are shared: cursors that outlive their transaction are lost, and limits are the pool's own to set.
        found["DISABLE_SERVER_SIDE_CURSORS"] = True
    elif env.process in limits:
        statement, lock = limits[env.process]
        found["OPTIONS"] = env.limited(found["OPTIONS"], statement=statement, lock=lock, idle=idle)
    age = env.integer("CONN_MAX_AGE", 60, least=0)
    if env.process == "worker":
        age = min(age, WORKER_SECONDS)
    return {**found, "CONN_MAX_AGE": age, "CONN_HEALTH_CHECKS": True}


def replica() -> dict[str, dict[str, Any]]:
    """Return Django's alias of the replica that pages are read from (secretary/kernel/database/replica.py), with the
    limits of the primary; nothing where there is none. Raises Misconfigured."""
    if not env.text("REPLICA_URL", ""):
        return {}
    ours, theirs = application(), env.database("REPLICA_URL")
    options = {"connect_timeout": "2", **theirs["OPTIONS"]}
    if limits := ours["OPTIONS"].get("options"):
        options["options"] = f"{limits} {options.get('options', '')}".strip()
    return {"replica": {**ours, **theirs, "OPTIONS": options, "TEST": {"MIRROR": "default"}}}


def pooled() -> bool:
    """Return whether a pooler in front of the database gives each transaction another session."""
    return env.boolean("DATABASE_POOLED", default=False)


def owner() -> dict[str, Any] | None:
    """Return the owner of the tables, for `migrate`; None where the same role does everything. Raises Misconfigured."""
    return env.database("DATABASE_OWNER_URL") if env.text("DATABASE_OWNER_URL", "") else None
