"""What ranks read of each other's rooms, whether they have memory in common or it is sent."""

import os

import numpy as np
import pytest
from fake_ranks import on_ranks
from test_shares import NUMPY, by_hand, summed

from mrnn_np.distributed.common_memory import Room
from mrnn_np.distributed.shares import Team

ROOM = np.zeros(0, np.float32)


def on_one_machine(size, do):
    """What `do` makes of each of `size` ranks of one machine."""

    def one(ranks):
        ranks.local_rank, ranks.local_size = ranks.rank, ranks.size
        return do(ranks)

    return on_ranks(size, one)


def in_common(ranks):
    """Whether what a rank writes is seen by another that only waits."""
    room = Room(ranks, (2,), ROOM)
    room.own[:] = ranks.rank, 7
    seen = room.gather()
    ranks.wait()
    room.own[0] += 10
    ranks.wait()
    return seen[:, 0].tolist() == [rank + 10 for rank in range(ranks.size)]


needs_memory = pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="this system has no memory without a file")


@needs_memory
def test_ranks_of_one_machine_have_memory_in_common():
    assert on_one_machine(3, in_common) == [True] * 3
    assert on_ranks(3, in_common) == [False] * 3


@pytest.mark.parametrize("start", [on_ranks, pytest.param(on_one_machine, marks=needs_memory)])
def test_what_is_exchanged_and_gathered(start):
    def both(ranks):
        room = Room(ranks, (2, 3, 4), ROOM)
        room.own[:] = 100 * ranks.rank + np.arange(24).reshape(2, 3, 4)
        received = room.exchange().copy()
        ranks.wait()
        return received, room.gather().copy()

    sent = np.stack([100 * rank + np.arange(24).reshape(2, 3, 4) for rank in range(3)])
    for rank, (received, gathered) in enumerate(start(3, both)):
        np.testing.assert_array_equal(received, sent[:, :, rank])
        np.testing.assert_array_equal(gathered, sent)


@needs_memory
@pytest.mark.parametrize("size", range(1, 9))
def test_the_sum_is_the_same_and_may_be_made_again(size):
    def twice(ranks):
        team = Team(8, ranks, NUMPY)
        return [summed(team).tobytes() for _ in range(2)]

    assert on_one_machine(size, twice) == [[by_hand(8).tobytes()] * 2] * size


@needs_memory
def test_nothing_stays_open():
    before = len(os.listdir("/proc/self/fd"))
    on_one_machine(2, lambda ranks: Room(ranks, (2,), ROOM) and None)
    assert len(os.listdir("/proc/self/fd")) == before


@pytest.mark.parametrize("missing", ["the call", "the right process"])
def test_without_it_they_send(monkeypatch, missing):
    if missing == "the call":
        monkeypatch.delattr(os, "memfd_create", raising=False)
    else:
        monkeypatch.setattr(os, "readlink", lambda path: "/home/somebody/thesis.tex")
    assert on_one_machine(3, in_common) == [False] * 3
    assert set(map(bytes, on_one_machine(3, lambda ranks: summed(Team(8, ranks, NUMPY))))) == {by_hand(8).tobytes()}
