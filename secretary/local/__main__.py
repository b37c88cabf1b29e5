"""`python -m secretary.local up`: plain Python; the servers must run before Django reads its settings."""

import argparse
import os
import sys

from secretary import env
from secretary.local.options import Options, add_arguments
from secretary.local.up import up


def main() -> int:
    parser = argparse.ArgumentParser(prog="./run", description="Public Secretary (국민비서) on this machine.")
    add_arguments(parser)
    arguments = vars(parser.parse_args(_without_command(sys.argv[1:])))
    if not arguments["once"] and (arguments["json"] or arguments["now"]):
        parser.error("--json and --now belong to --once")
    if arguments["once"] and arguments["reload"]:
        parser.error("--reload keeps running, --once does not")
    _forget_the_last_run()
    arguments["var"] = arguments["var"].absolute()
    return up(Options(**arguments))


def _forget_the_last_run() -> None:
    """Forget the last run's servers, which importing our package may have read with the settings."""
    for name in env.loaded:
        del os.environ[name]


def _without_command(words: list[str]) -> list[str]:
    """`up` is the only command; its name may be left out."""
    return words[1:] if words[:1] == ["up"] else words


if __name__ == "__main__":
    sys.exit(main())
