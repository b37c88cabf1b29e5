"""Define the command line of ./run."""

import argparse
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from secretary.local.environment import ROOT


@dataclass(frozen=True, slots=True)
class Options:
    """The options of one start, as the command line gives them."""

    once: bool
    json: bool
    citizens: int
    now: str
    hours: bool
    reload: bool
    port: int
    sandbox_port: int
    var: Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--once", action="store_true", help="run the main job once, then stop everything")
    parser.add_argument("--json", action="store_true", help="with --once: one JSON object instead of the table")
    parser.add_argument("--citizens", type=_count, default=200, metavar="N", help="sample citizens (200)")
    parser.add_argument("--now", type=_instant, default="", metavar="ISO", help="with --once: what to take as now")
    parser.add_argument("--hours", action="store_true", help="send only 09:00-20:00 Korean time; default: at any hour")
    parser.add_argument("--reload", action="store_true", help="start again what runs the code of a changed source file")
    parser.add_argument("--port", type=int, default=8000, help="of the web, or the next free one (8000)")
    parser.add_argument("--sandbox-port", type=int, default=8100, help="or the next free one (8100)")
    parser.add_argument("--var", type=Path, default=ROOT / "var", metavar="DIR", help="where all data are kept")


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of people")
    return int(text)


def _instant(text: str) -> str:
    if not text:
        return ""
    try:
        datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no instant like 2026-03-02T09:00") from error
    return text
