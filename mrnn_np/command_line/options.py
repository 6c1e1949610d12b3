"""The parser of all commands, and each option that more than one of them has."""

import argparse
from typing import NoReturn

from mrnn_np.backend import Backend, choose_backend
from mrnn_np.backend.threads import cores, limit_threads, product_threads
from mrnn_np.command_line.limits import LARGEST_SEED, MOST_THREADS, whole
from mrnn_np.distributed.ranks import ALONE, Ranks
from mrnn_np.errors import UserError


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


def backend_of(arguments: argparse.Namespace, ranks: Ranks = ALONE) -> Backend:
    """Return the backend that --backend names; the process computes with --threads from now on.

    Where several `ranks` compute on the same cores, each takes its part of them unless --threads says otherwise.
    """
    if arguments.threads is not None:
        limit_threads(arguments.threads)
    elif ranks.size > 1:
        limit_threads(max(1, min(product_threads(), cores() // ranks.on_these_cores())))
    return choose_backend(arguments.backend)
