"""What all commands share: one-line errors, exit statuses, and the choice of what computes."""

import argparse
import sys
import warnings
from collections.abc import Callable
from typing import NoReturn

from mrnn_np.backend import Backend, choose_backend
from mrnn_np.backend.memory import keep_freed_memory
from mrnn_np.backend.threads import limit_threads
from mrnn_np.console import console, require_output
from mrnn_np.errors import CommandError, UserError, one_line
from mrnn_np.limits import LARGEST_SEED, MOST_THREADS, whole
from mrnn_np.starting import raise_at_ctrl_c


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
    parser.add_argument(
        "--threads",
        type=whole("--threads", most=MOST_THREADS),
        metavar="N",
        help="threads that compute on the CPU (default: all cores)",
    )


def add_seed_option(parser: argparse.ArgumentParser, text: str) -> None:
    """Give `parser` the option --seed, by default 0; `text` says of what."""
    seed = whole("--seed", least=0, most=LARGEST_SEED)
    parser.add_argument("--seed", type=seed, default=0, help=f"{text} (default: 0)")


def backend_of(arguments: argparse.Namespace) -> Backend:
    """Return the backend that --backend names; the process computes with --threads from now on."""
    if arguments.threads is not None:
        limit_threads(arguments.threads)
    return choose_backend(arguments.backend)


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
