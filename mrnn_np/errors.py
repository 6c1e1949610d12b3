"""The two ways a command of this package ends early, each with its exit status.

`UserError` is raised wherever the outside world is not as it should be: a file, an option, a machine.  Its text is one
line that says what is wrong, what was got and what to do.  `Diverged` is raised by training alone.
"""

import sys
from collections.abc import Callable


class UserError(Exception):
    """Something the user gave cannot be used: one line on stderr, exit status 2."""

    exit_status = 2


class Diverged(Exception):
    """Training left the numbers that floats can hold: one line on stderr, exit status 3."""

    exit_status = 3


def run_command(main: Callable[[], int]) -> None:
    """Run a command's `main` and leave the process with its exit status, errors as one line and no traceback."""
    try:
        status = main()
    except (UserError, Diverged) as error:
        print(f"error: {error}", file=sys.stderr)
        status = error.exit_status
    sys.exit(status)
