"""`python -m secretary.local.embedded FOLDER SERVER …`: start servers, and print which of them did not run before.

Where one does not start, the line for its user is printed, and the exit code is 1.
"""

import json
import sys
from pathlib import Path

from secretary.local.embedded import servers
from secretary.local.files import LocalFailure


def main(directory: str, *only: str) -> int:
    try:
        started = servers.start(Path(directory), only=frozenset(only)).started
    except LocalFailure as failure:
        sys.stdout.write(f"{failure}\n")
        return 1
    except PermissionError as error:
        sys.stdout.write(f"cannot write {error.filename}: it belongs to another user (see --var)\n")
        return 1
    sys.stdout.write(json.dumps(sorted(started)))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
