"""Ranks that are threads of this process: what they send each other passes through a list."""

import threading
from concurrent.futures import ThreadPoolExecutor

from mrnn_np.backend import get_xp
from mrnn_np.distributed.ranks import Ranks

SECONDS = 60
"""After which a rank that waits for others gives up, so that a test ends."""


class FakeRanks(Ranks):
    """One of several."""

    def __init__(self, rank, size, board, barrier):
        self.rank, self.size, self.board, self.barrier = rank, size, board, barrier

    def everybody(self, own):
        self.board[self.rank] = own
        self.barrier.wait(SECONDS)
        all_of_them = list(self.board)
        self.barrier.wait(SECONDS)
        return all_of_them

    def exchange(self, parts):
        xp = get_xp(parts)
        return xp.stack([theirs[self.rank] for theirs in self.everybody(parts)])

    def gather(self, own):
        return get_xp(own).stack(self.everybody(own))

    def wait(self):
        self.everybody(None)


def on_ranks(size, do):
    """What `do` makes of each of `size` ranks, all at once."""
    board, barrier = [None] * size, threading.Barrier(size)

    def one(rank):
        try:
            return do(FakeRanks(rank, size, board, barrier))
        except BaseException:
            barrier.abort()
            raise

    with ThreadPoolExecutor(size) as pool:
        return [future.result() for future in [pool.submit(one, rank) for rank in range(size)]]
