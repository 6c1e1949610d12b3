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
from typing import TYPE_CHECKING, Any, TypeVar

from mrnn_np.backend import Array, Backend
from mrnn_np.backend.blocks import row_blocks
from mrnn_np.backend.threads import each_core_by_itself, product_threads, spread
from mrnn_np.distributed.ranks import Ranks
from mrnn_np.distributed.tree import Block, add_up, blocks
from mrnn_np.errors import UserError
from mrnn_np.layers.outer_sum import Later, like_of, rows_of
from mrnn_np.model.params import Gradient, Layout, Params, layout_size

if TYPE_CHECKING:
    from mrnn_np.distributed.common_memory import Room

S = TypeVar("S")


def part(shares: range, which: int, parts: int) -> range:
    """Return the shares that one of several ranks, or of its threads, has: as many as the others, or one more."""
    count = len(shares)
    return shares[which * count // parts : (which + 1) * count // parts]


def default_shares(workers: int) -> int:
    """Return how many shares a run has that begins on so many threads of all ranks, where nobody says: a power of two.

    One for each thread, as the products of more and smaller ones are slower; at least two where the threads are no
    power of two, so that some do not have twice as many as others.
    """
    return workers if workers.bit_count() == 1 else 2 << workers.bit_length()


def threads_of(backend: Backend) -> int:
    """Return how many threads work on shares, each on some of its own; on a GPU one launches everything."""
    return product_threads() if backend.name == "numpy" else 1


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
        self.all, self.ranks, self.backend = range(threads_of(backend) if shares == 1 else shares), ranks, backend
        self.own = part(self.all, ranks.rank, ranks.size)
        self._threads = 1
        self._rooms: tuple[Room, Room] | None = None

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
        layout : the symbols and the shapes of their arrays, the same ones each time

        On several ranks the next sum takes the memory of this one.
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
            flat = Params(layout, self._across(sums))
            return Gradient(layout, {symbol: flat[symbol] for symbol in layout})
        return reduce(Gradient.__add__, sums)

    def _across(self, own: list[Gradient]) -> Array:
        """The sum of all ranks' blocks, of which `own` are this one's, each rank adding a slice of the numbers."""
        ranks, n = self.ranks, layout_size(own[0].layout)
        blocks_of = [blocks(part(self.all, rank, ranks.size)) for rank in range(ranks.size)]
        slice_of = -(-n // ranks.size)
        if self._rooms is None:
            from mrnn_np.distributed.common_memory import Room

            most = max(map(len, blocks_of))
            self._rooms = Room(ranks, (most, ranks.size, slice_of), own[0].like), Room(ranks, (slice_of,), own[0].like)
        parts, total = self._rooms
        for of_block, numbers in zip(own, parts.own, strict=False):
            of_block.write_to(numbers.reshape(-1)[:n])
        received = parts.exchange()
        known = {block: received[rank, i] for rank, of in enumerate(blocks_of) for i, block in enumerate(of)}

        def add(some: slice) -> None:
            total.own[some] = add_up((0, len(self.all)), lambda block: known[block][some] if block in known else None)

        spread(add, row_blocks(total.own))
        everything: Array = total.gather().reshape(-1)[:n]
        return everything

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
