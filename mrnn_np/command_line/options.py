"""The parser of all commands, and each option that more than one of them has."""

import argparse
from typing import Any, NoReturn

from mrnn_np.backend import Backend, choose_backend
from mrnn_np.backend.threads import cores, limit_threads, product_threads
from mrnn_np.command_line.limits import LARGEST_SEED, MOST_THREADS, whole
from mrnn_np.distributed.ranks import ALONE, Ranks
from mrnn_np.errors import UserError

_UNTYPED = object()


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaints are one line like every other error's.

    It also knows options of an option, which alone mean nothing, as --temperature without --sample.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._others: dict[str, list[str]] = {}
        self.typed: set[str] = set()

    def error(self, message: str) -> NoReturn:
        """Raise UserError in place of argparse's usage page."""
        raise UserError(f"{message}; see --help")

    def add_option_of(self, others: str, flag: str, **kwargs: Any) -> None:
        """Add an option that is refused unless one of `others`, separated by spaces, is typed as well."""
        self._others[flag] = others.split()
        self.add_argument(flag, **{**kwargs, "help": f"of {' and '.join(others.split())}: {kwargs['help']}"})

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        """Parse as always, note in `typed` which options are there, and refuse those of an option that is not."""
        arguments, rest = super().parse_known_args(args, namespace)
        untyped = argparse.Namespace(**dict.fromkeys(vars(arguments), _UNTYPED))
        parsed, _ = super().parse_known_args(args, untyped)
        self.typed = {f"--{name.replace('_', '-')}" for name, value in vars(parsed).items() if value is not _UNTYPED}
        for flag, others in self._others.items():
            if flag in self.typed and self.typed.isdisjoint(others):
                raise UserError(f"{flag} is about {' and '.join(others)}; leave it out, or add {others[0]}")
        return arguments, rest


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


def add_seed_option(parser: Parser, text: str, of: str = "") -> None:
    """Give `parser` the option --seed, by default 0; `text` says what it is for, `of` which option it belongs to."""
    kwargs: dict[str, Any] = {"type": whole("--seed", least=0, most=LARGEST_SEED), "default": 0, "metavar": "N"}
    kwargs["help"] = f"{text} (default: 0)"
    if of:
        parser.add_option_of(of, "--seed", **kwargs)
    else:
        parser.add_argument("--seed", **kwargs)


def backend_of(arguments: argparse.Namespace, ranks: Ranks = ALONE) -> Backend:
    """Return the backend that --backend names; the process computes with --threads from now on.

    Where several `ranks` compute on the same cores, each takes its part of them unless --threads says otherwise.
    """
    if arguments.threads is not None:
        limit_threads(arguments.threads)
    elif ranks.size > 1:
        limit_threads(max(1, min(product_threads(), cores() // ranks.on_these_cores())))
    return choose_backend(arguments.backend)
