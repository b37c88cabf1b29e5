"""Run `python -m sandbox …`: the outside world for one machine."""

import argparse
import asyncio
import json
import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

from sandbox import app
from sandbox.agencies.book import Book
from sandbox.agencies.push import NotAcknowledged, push_pending
from sandbox.agencies.records import KST
from sandbox.populate import populate
from sandbox.state import credentials
from sandbox.tls import ensure_certificates


def main() -> None:
    arguments = _parser().parse_args()
    arguments.run(arguments)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _serve_command(commands)
    _credentials_command(commands)
    _people_command(commands)
    _push_command(commands)
    return parser


def _serve_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser("serve", help="run the sandbox until it is stopped")
    _address_options(command)
    command.add_argument("--callback-base", metavar="URL", help="where NHN and Solapi send receipts: the product's URL")
    command.add_argument("--receipt-delay", type=float, metavar="SECONDS", help="from accepting to the outcome (0.2)")
    command.set_defaults(run=_serve)


def _serve(arguments: argparse.Namespace) -> None:
    chosen = {"callback_base": arguments.callback_base, "receipt_delay": arguments.receipt_delay}
    settings = {name: value for name, value in chosen.items() if value is not None}
    asyncio.run(
        app.serve(
            data=arguments.data,
            host=arguments.host,
            port=arguments.port,
            tls_port=arguments.tls_port,
            settings=settings,
        )
    )


def _credentials_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser("credentials", help="print the environment that points the product here")
    _address_options(command)
    command.set_defaults(run=_print_credentials)


def _address_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--data", type=Path, required=True, metavar="DIR")
    command.add_argument("--port", type=int, required=True)
    command.add_argument("--tls-port", type=int, required=True)
    command.add_argument("--host", default="127.0.0.1")


def _print_credentials(arguments: argparse.Namespace) -> None:
    ensure_certificates(arguments.data)
    values = credentials.environment(
        host=arguments.host, port=arguments.port, tls_port=arguments.tls_port, data=arguments.data
    )
    for name, value in values.items():
        print(f"{name}={value}")


def _people_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser("people", help="create sample people, agencies' records and dropped files")
    command.add_argument("--data", type=Path, required=True, metavar="DIR")
    command.add_argument("--citizens", type=int, required=True, metavar="N")
    command.add_argument("--today", type=date.fromisoformat, default=None, metavar="YYYY-MM-DD", help="in KST")
    command.set_defaults(run=_make_people)


def _make_people(arguments: argparse.Namespace) -> None:
    today = arguments.today or datetime.now(KST).date()
    report = _progress("people", arguments.citizens)
    print(json.dumps(populate(arguments.data, arguments.citizens, today, report)))


def _push_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser("push", help="make the pushing agency send its pending records")
    command.add_argument("--data", type=Path, required=True, metavar="DIR")
    command.add_argument("--url", required=True, help="the product's address; /api/agencies/v1/records is added")
    command.set_defaults(run=_push)


def _push(arguments: argparse.Namespace) -> None:
    book = Book(arguments.data)
    report = _progress("pushed", book.pending_count("knpa-push"))
    try:
        pushed = asyncio.run(push_pending(book, arguments.url.rstrip("/"), lambda now: report(now.pushed)))
    except NotAcknowledged as error:
        sys.exit(f"push: {error}")
    print(json.dumps({"pushed": pushed}))


def _progress(what: str, total: int) -> Callable[[int], None]:
    """Progress on standard error, on one line where that is a terminal."""
    end = "\r" if sys.stderr.isatty() else "\n"
    return lambda done: print(f"{what}: {done}/{total}", file=sys.stderr, end=end, flush=True)


if __name__ == "__main__":
    main()
