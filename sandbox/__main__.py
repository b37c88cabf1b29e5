"""`python -m sandbox …`: the outside world for one machine."""

import argparse
from pathlib import Path

from sandbox import credentials
from sandbox.tls import ensure_certificates


def main() -> None:
    arguments = _parser().parse_args()
    arguments.run(arguments)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _credentials_command(commands)
    return parser


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


if __name__ == "__main__":
    main()
