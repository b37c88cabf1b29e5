"""Mermaid text: the pipeline as it ran, and the graphs of states as their tables have them."""

from collections.abc import Mapping, Sequence

from secretary.celery import app
from secretary.kernel.database.transitions import Moves
from tests.architecture.trace import Job, Phase


def pipeline(job: Job) -> str:
    """Requests and tasks in their order, the tables through which one hands on to the next, and what each enqueues.

    A table is drawn where one phase inserts into it and another one has to do with it too.
    """
    made = dict.fromkeys(table for phase in job.phases for table in sorted(phase.makes))
    tables = [table for table in made if sum(bool(_touching(phase, table)) for phase in job.phases) > 1]
    lines = ["flowchart TB"]
    for number, phase in enumerate(job.phases):
        lines.append(f'    p{number}["{"<br/>".join(_words(phase, tables))}"]')
    lines += [f'    {table}[("{table.partition("_")[2]}")]' for table in tables]
    for number, phase in enumerate(job.phases):
        lines += [f"    {arrow}" for table in tables for arrow in _arrows(f"p{number}", phase, table)]
        enqueued = [other for other, later in enumerate(job.phases) if later.name in phase.enqueues and other != number]
        lines += [f"    p{number} -. enqueues .-> p{other}" for other in enqueued]
    return "\n".join(lines)


def _words(phase: Phase, tables: Sequence[str]) -> list[str]:
    """A phase's name, its queue, and the modules whose SQL has to do with the tables that are drawn."""
    queue = app.conf.task_routes.get(phase.name, {}).get("queue", "")
    modules = {module for table in tables for module in _touching(phase, table)}
    return [f"<b>{phase.name}</b>", *([f"queue {queue}"] if queue else []), *sorted(modules)]


def _touching(phase: Phase, table: str) -> set[str]:
    return {module for by in (phase.makes, phase.moves, phase.reads) for module in by.get(table, ())}


def _arrows(name: str, phase: Phase, table: str) -> list[str]:
    if phase.makes.get(table):
        return [f"{name} -- inserts --> {table}"]
    if phase.moves.get(table):
        return [f"{table} <-- moves --> {name}"]
    return [f"{table} --> {name}"] if phase.reads.get(table) else []


def states(moves: Moves | Mapping[str, Sequence[str]]) -> str:
    """One graph. A state from which nothing leads on is an end, the first one of the table the beginning."""
    lines = ["stateDiagram-v2", f"    [*] --> {next(iter(moves))}"]
    for state, following in moves.items():
        lines += [f"    {state} --> {after}" for after in following] or [f"    {state} --> [*]"]
    return "\n".join(lines)
