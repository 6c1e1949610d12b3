"""What all commands share: one-line errors, exit statuses, and the choice of what computes."""

import argparse
import sys
from collections.abc import Callable
from typing import NoReturn

from mrnn_np.backend import Backend, choose_backend
from mrnn_np.backend.memory import keep_freed_memory
from mrnn_np.backend.threads import limit_threads
from mrnn_np.console import console, require_output
from mrnn_np.errors import CommandError, UserError, one_line
from mrnn_np.starting import raise_at_ctrl_c

LESS = "do less at a time, or with a smaller model"
"""What to do where nothing better is known."""


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaints are one line like every other error's."""

    def error(self, message: str) -> NoReturn:
        """Raise UserError in place of argparse's usage page."""
        raise UserError(f"{message}; see --help")


def add_backend_option(parser: argparse.ArgumentParser) -> None:
    """Give `parser` the options --backend and --threads, which `backend_of` then obeys."""
    parser.add_argument(
        "--backend",
        choices=("numpy", "cupy", "auto"),
        default="numpy",
        help="where to compute: the CPU with NumPy, a GPU with CuPy, or a GPU if there is one (default: numpy)",
    )
    parser.add_argument("--threads", type=int, metavar="N", help="threads that compute on the CPU (default: all cores)")


def backend_of(arguments: argparse.Namespace) -> Backend:
    """Return the backend that --backend names; the process computes with --threads from now on."""
    require_at_least(("--threads", arguments.threads, 1))
    if arguments.threads is not None:
        limit_threads(arguments.threads)
    return choose_backend(arguments.backend)


def require_at_least(*limits: tuple[str, float | None, int]) -> None:
    """Raise UserError at the first (flag, value, least) whose value is too small, or no number; None was not typed."""
    for flag, value, least in limits:
        if value is not None and not value >= least:
            raise UserError(f"{flag} is {value}; it must be {least} or more")


def run_command(main: Callable[[], int]) -> None:
    """Run a command's `main` and leave the process with its exit status; errors are one line, without a traceback."""
    keep_freed_memory()

    def begin() -> int:
        raise_at_ctrl_c()
        require_output()
        return main()

    with console():
        statuses = attempt(begin), attempt(flush)
    sys.exit(statuses[0] or statuses[1])


def attempt(do: Callable[[], int]) -> int:
    """Return the exit status that `do` returns or ends with, its error printed as one line."""
    try:
        return do()
    except CommandError as error:
        message, status = str(error), error.exit_status
    except MemoryError as error:
        message, status = one_line(f"this does not fit in memory ({str(error) or 'none is left'}); {LESS}"), 2
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
