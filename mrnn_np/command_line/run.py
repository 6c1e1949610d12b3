"""How a command runs and ends: errors in one line, exit statuses."""

import sys
import warnings
from collections.abc import Callable

from mrnn_np.backend.memory import keep_freed_memory
from mrnn_np.command_line.console import console, require_output
from mrnn_np.command_line.ctrl_c import raise_at_ctrl_c
from mrnn_np.distributed import job
from mrnn_np.errors import CommandError, UserError, one_line


def run_command(
    main: Callable[[], int], smaller: str = "do less at a time, or with a smaller model", shared: bool = False
) -> None:
    """Run a command's `main` and leave the process with its exit status; errors are one line, without a traceback.

    Parameters
    ----------
    main : the command
    smaller : what to do where memory ends
    shared : whether `main` shares its work among the ranks of a job that mpiexec started
    """
    keep_freed_memory()
    if not sys.warnoptions:  # as Python asks of applications: warnings are for those who write them
        warnings.simplefilter("ignore")

    def begin() -> int:
        raise_at_ctrl_c()
        require_output()
        if job.rank_told() is not None:
            job.join()
            job.quiet()
            if not shared:
                raise UserError("mpiexec: this command does not share its work among processes; start it without")
        return main()

    with console():
        statuses = attempt(begin, smaller), attempt(flush, smaller)
        job.end(statuses[0] or statuses[1])
    sys.exit(statuses[0] or statuses[1])


def attempt(do: Callable[[], int], smaller: str) -> int:
    """Return the exit status that `do` returns or ends with, its error printed as one line."""
    known_to_all = False
    try:
        return do()
    except CommandError as error:
        message, status, known_to_all = str(error), error.exit_status, error.known_to_all
    except MemoryError as error:
        asked = f" ({error})" if str(error) else ""
        message, status = one_line(f"this does not fit in memory; {smaller}{asked}"), 2
    except KeyboardInterrupt:
        message, status = "interrupted", 130
    except SystemExit as end:  # of --help, and of `| head`
        return int(end.code or 0)
    if job.has_the_word(known_to_all):
        print(f"error: {message}", file=sys.stderr)
    return status


def flush() -> int:
    """Hand on what was printed."""
    if sys.stdout is not None:
        sys.stdout.flush()
    return 0
