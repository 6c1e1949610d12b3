"""Who computes which share of a batch, and the sum of all of them.

Every rank has consecutive shares and adds up its own as far as the tree allows.  What is left is added by all ranks at
once, a slice of the numbers each:

    rank 0 has 0...3, rank 1 has 4...7           rank 0 gets the first half of both and adds,
                                                 rank 1 the second, and everybody gets both halves of the sum.

So each rank sends and receives 2 (R - 1) / R times the numbers of one share, however many shares and ranks there are.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial, reduce
from typing import Any, TypeVar

from mrnn_np.backend import Array, Backend, get_xp
from mrnn_np.backend.threads import each_core_by_itself, product_threads, spread
from mrnn_np.distributed.ranks import Ranks
from mrnn_np.distributed.tree import Block, add_up, blocks
from mrnn_np.errors import UserError
from mrnn_np.layers.outer_sum import Later, like_of, rows_of
from mrnn_np.model.params import Gradient, Layout, Params

S = TypeVar("S")


def part(shares: range, which: int, parts: int) -> range:
    """Return the shares that one of several ranks, or of its threads, has: as many as the others, or one more."""
    count = len(shares)
    return shares[which * count // parts : (which + 1) * count // parts]


def default_shares(ranks: Ranks) -> int:
    """Return how many shares a run has that begins on these ranks, where nobody says: 8, or one a rank and more."""
    return max(8, 1 << (ranks.size - 1).bit_length())


class Team:
    """The ranks of a job and the threads of each, at work on the shares of a run.

    Parameters
    ----------
    shares : S, how many each batch is cut into, a power of two; 1 leaves it to the machine: one for each thread that a
        product has now, so that other threads round otherwise
    ranks : the processes
    backend : where they compute; on a GPU one thread launches everything

    Raises
    ------
    UserError : there are more ranks than shares
    """

    def __init__(self, shares: int, ranks: Ranks, backend: Backend) -> None:
        if ranks.size > shares:
            raise UserError(
                f"mpiexec: {ranks.size} ranks for {shares} shares of a batch; start at most {shares}, or begin another "
                f"run with more --shares"
            )
        threads = product_threads() if backend.name == "numpy" else 1
        self.all, self.ranks, self.backend = range(threads if shares == 1 else shares), ranks, backend
        self.own = part(self.all, ranks.rank, ranks.size)
        self._threads = 1

    @contextlib.contextmanager
    def at_work(self) -> Iterator[None]:
        """As long as this context is open, each thread works on shares of its own, and a product has one thread."""
        if self.backend.name != "numpy":
            yield
            return
        with each_core_by_itself() as self._threads:
            try:
                yield
            finally:
                self._threads = 1

    def sum(self, share: Callable[[int], Mapping[str, Any]], layout: Layout) -> Gradient:
        """Return the sum over all shares of what `share` makes of each, on all ranks.

        Each thread goes through some shares; then, whenever rows of the sum are asked for, they are added up.  They are
        the same to the last bit on any number of ranks and threads.

        Parameters
        ----------
        share : its number -> {symbol: a new array, or a `Later` of it}
        layout : the symbols and the shapes of their arrays
        """
        made = dict(zip(self.own, spread(share, self.own), strict=True))

        def rows_of_block(symbol: str, block: Block, rows: slice, out: Array | None) -> Array:
            def of_share(part: Block) -> Array | None:
                if part[1] > 1:
                    return None
                numbers = made[part[0]][symbol]
                total = out if part[0] == block[0] else None
                if total is None and not isinstance(numbers, Later):
                    return numbers[rows].copy()
                return rows_of(numbers, rows, total)

            return add_up(block, of_share)

        like = like_of(made[self.own[0]][next(iter(layout))])
        sums = [
            Gradient(layout, {symbol: Later(like, partial(rows_of_block, symbol, block)) for symbol in layout})
            for block in blocks(self.own)
        ]
        if self.ranks.size > 1:
            flat = Params(layout, self._across([of_block.theta for of_block in sums]))
            return Gradient(layout, {symbol: flat[symbol] for symbol in layout})
        return reduce(Gradient.__add__, sums)

    def _across(self, own: list[Array]) -> Array:
        """The sum of all ranks' blocks, of which `own` are this one's, each rank adding a slice of the numbers."""
        ranks, n = self.ranks, len(own[0])
        blocks_of = [blocks(part(self.all, rank, ranks.size)) for rank in range(ranks.size)]
        slice_of = -(-n // ranks.size)
        parts = get_xp(own[0]).zeros((ranks.size, max(map(len, blocks_of)), slice_of), own[0].dtype)
        for i, numbers in enumerate(own):
            for rank in range(ranks.size):
                piece = numbers[rank * slice_of : (rank + 1) * slice_of]
                parts[rank, i, : len(piece)] = piece
        received = ranks.exchange(parts)
        sums = {block: received[rank, i] for rank, of in enumerate(blocks_of) for i, block in enumerate(of)}
        total: Array = ranks.gather(add_up((0, len(self.all)), sums.get)).reshape(-1)[:n]
        return total

    def each(self, do: Callable[[S], float], items: Sequence[S], check: Callable[[], None]) -> list[float]:
        """Return the number that `do` makes of each item, in their order; ranks and threads do one each at a time.

        `check` is called before each round, on all ranks alike.
        """
        numbers: list[float] = []
        at_once = self.ranks.size * self._threads
        for start in range(0, len(items), at_once):
            check()
            mine = items[start : start + at_once][self.ranks.rank * self._threads :][: self._threads]
            for of_a_rank in self.ranks.gather_numbers(list(spread(do, mine))):
                numbers += of_a_rank
        return numbers
