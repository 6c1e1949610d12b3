"""Who computes which share of a batch, and the sum of all of them.

Every rank has consecutive shares, and so has every thread of a rank; each adds up its own as far as the tree allows.
What is left is added by all ranks at once, a slice of the numbers each:

    rank 0 has 0...3, rank 1 has 4...7           rank 0 gets the first half of both and adds,
                                                 rank 1 the second, and everybody gets both halves of the sum.

So each rank sends and receives 2 (R - 1) / R times the numbers of one share, however many shares and ranks there are.
"""

import contextlib
import contextvars
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from mrnn_np.backend import Array, Backend, get_xp
from mrnn_np.backend.threads import limit_threads, product_threads
from mrnn_np.distributed.ranks import Ranks
from mrnn_np.distributed.tree import Block, add_up, blocks
from mrnn_np.errors import UserError

S = TypeVar("S")
T = TypeVar("T")


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
    shares : S, how many each batch is cut into, a power of two
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
        self.all, self.ranks, self.backend = range(shares), ranks, backend
        self.own = part(self.all, ranks.rank, ranks.size)
        self._pool: ThreadPoolExecutor | None = None
        self._threads = 1

    @contextlib.contextmanager
    def at_work(self) -> Iterator[None]:
        """As long as this context is open, each thread works on shares of its own, and a product has one thread.

        Then the bits do not depend on the number of threads either.  Where there is one share it stays with the
        products to use all threads.
        """
        if len(self.all) == 1 or self.backend.name != "numpy":
            yield
            return
        self._threads = product_threads()
        with limit_threads(1), ThreadPoolExecutor(self._threads) as self._pool:
            yield
        self._pool, self._threads = None, 1

    def sum(self, share: Callable[[int], Array]) -> Array:
        """Return the sum over all shares of what `share` makes of their numbers, a new flat array each, on all ranks.

        It is the same to the last bit on any number of ranks and threads.
        """

        def single(block: Block) -> Array | None:
            return share(block[0]) if block[1] == 1 else None

        def of_a_thread(shares: range) -> dict[Block, Array]:
            return {block: add_up(block, single) for block in blocks(shares)}

        sums: dict[Block, Array] = {}
        for some in self._map(of_a_thread, [part(self.own, i, self._threads) for i in range(self._threads)]):
            sums |= some
        own = [add_up(block, sums.get) for block in blocks(self.own)]
        return own[0] if self.ranks.size == 1 else self._across(own)

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
            for of_a_rank in self.ranks.gather_numbers(list(self._map(do, mine))):
                numbers += of_a_rank
        return numbers

    def _map(self, do: Callable[[S], T], items: Sequence[S]) -> Iterator[T]:
        if self._pool is None or self._threads == 1:
            return map(do, items)
        # What NumPy says of an overflow is a matter of the context, of which each thread gets a copy.
        contexts = [contextvars.copy_context() for _ in items]
        return self._pool.map(lambda context, item: context.run(do, item), contexts, items)
