"""How a command runs and ends: errors in one line, exit statuses."""

import sys
import warnings
from collections.abc import Callable

from mrnn_np.backend.memory import keep_freed_memory
from mrnn_np.command_line.console import console, require_output
from mrnn_np.command_line.ctrl_c import raise_at_ctrl_c
from mrnn_np.errors import CommandError, one_line


def run_command(main: Callable[[], int], smaller: str = "do less at a time, or with a smaller model") -> None:
    """Run a command's `main` and leave the process with its exit status; errors are one line, without a traceback.

    `smaller` is what to do where memory ends.
    """
    keep_freed_memory()
    if not sys.warnoptions:  # as Python asks of applications: warnings are for those who write them
        warnings.simplefilter("ignore")

    def begin() -> int:
        raise_at_ctrl_c()
        require_output()
        return main()

    with console():
        statuses = attempt(begin, smaller), attempt(flush, smaller)
    sys.exit(statuses[0] or statuses[1])


def attempt(do: Callable[[], int], smaller: str) -> int:
    """Return the exit status that `do` returns or ends with, its error printed as one line."""
    try:
        return do()
    except CommandError as error:
        message, status = str(error), error.exit_status
    except MemoryError as error:
        asked = f" ({error})" if str(error) else ""
        message, status = one_line(f"this does not fit in memory; {smaller}{asked}"), 2
    except KeyboardInterrupt:
        message, status = "interrupted", 130
    except SystemExit as end:  # of --help, and of `| head`
        return int(end.code or 0)
    print(f"error: {message}", file=sys.stderr)
    return status


def flush() -> int:
    """Hand on what was printed."""
    if sys.stdout is not None:
        sys.stdout.flush()
    return 0
