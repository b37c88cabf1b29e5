"""`python -m secretary.listeners keep web=0.0.0.0:8000 …` and `… use web -- gunicorn secretary.wsgi …`."""

import argparse
import sys
from pathlib import Path

from secretary.listeners.keep import Address, keep
from secretary.listeners.use import NoKeeper, use

PLACE = Path("/run/secretary/listeners")


def main() -> int:
    options = _parser().parse_args()
    try:
        if options.action == "keep":
            keep(dict(options.sockets), at=options.at)
            return 0
        return use(options.name, options.command, at=options.at, private=options.private)
    except (NoKeeper, OSError) as error:
        print(f"listeners: {error}", file=sys.stderr)  # noqa: T201
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m secretary.listeners", description=__doc__)
    actions = parser.add_subparsers(dest="action", required=True)
    keeping = actions.add_parser("keep", help="hold listening sockets until SIGTERM")
    keeping.add_argument("sockets", nargs="+", type=_named, metavar="NAME=HOST:PORT")
    using = actions.add_parser("use", help="run a server on one of them")
    using.add_argument("name")
    using.add_argument("--private", type=_address, metavar="HOST:PORT", help="where it answers for itself as well")
    using.add_argument("command", nargs="+")
    for each in (keeping, using):
        each.add_argument("--at", type=Path, default=PLACE, metavar="PATH", help=f"of the keeper ({PLACE})")
    return parser


def _named(text: str) -> tuple[str, Address]:
    name, _, address = text.partition("=")
    return name, _address(address)


def _address(text: str) -> Address:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no HOST:PORT")
    return host.strip("[]"), int(port)


if __name__ == "__main__":
    sys.exit(main())
