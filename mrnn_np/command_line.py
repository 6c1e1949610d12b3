"""What all commands share: one-line errors, exit statuses, and the choice of what computes."""

import argparse
import os
import sys
from collections.abc import Callable
from typing import NoReturn

from mrnn_np.backend import Backend, choose_backend
from mrnn_np.backend.memory import keep_freed_memory
from mrnn_np.backend.threads import limit_threads
from mrnn_np.errors import CommandError, UserError


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
    try:
        status = main()
        sys.stdout.flush()
    except BrokenPipeError:  # whoever reads the output, as `| head`, has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 141
    except CommandError as error:
        print(f"error: {error}", file=sys.stderr)
        status = error.exit_status
    except KeyboardInterrupt:
        print("error: interrupted", file=sys.stderr)
        status = 130
    sys.exit(status)
