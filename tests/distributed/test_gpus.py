"""Between GPUs: what NCCL would be asked to carry, on a pretended one; no GPU has seen this."""

from types import SimpleNamespace

import numpy as np
import pytest
from fake_ranks import on_ranks
from test_shares import by_hand
from test_shares import summed as summed_by

from mrnn_np.backend import choose_backend
from mrnn_np.distributed.gpus import HostRanks, NcclRanks, on_device
from mrnn_np.distributed.shares import Team


class PretendedNccl:
    """NCCL whose pointers are the arrays themselves: what is sent waits in `mail` until it is received."""

    available, NCCL_FLOAT32 = True, 7

    def __init__(self, number):
        self.number, self.mail, self.asked = number, {}, []

    def get_unique_id(self):
        return self.number

    def groupStart(self):
        pass

    def groupEnd(self):
        pass

    def NcclCommunicator(self, size, number, rank):
        assert number == self.number
        return PretendedCommunicator(self, size, rank)


class PretendedCommunicator:
    def __init__(self, nccl, size, rank):
        self.nccl, self.size, self.rank, self.barrier = nccl, size, rank, None

    def send(self, pointer, count, kind, peer, stream):
        assert (pointer.dtype, pointer.size, kind, stream) == (np.float32, count, 7, "the stream")
        self.nccl.mail.setdefault((self.rank, peer), []).append(pointer)

    def recv(self, pointer, count, kind, peer, stream):
        assert pointer.size == count
        self.wait_for((peer, self.rank), pointer)

    def allGather(self, own, everybody, count, kind, stream):
        assert (own.size, everybody.size, stream) == (count, count * self.size, "the stream")
        for peer in range(self.size):
            self.nccl.mail.setdefault((self.rank, peer), []).append(own)
        for peer in range(self.size):
            self.wait_for((peer, self.rank), everybody[peer])

    def wait_for(self, way, pointer):
        while not self.nccl.mail.get(way):
            pass
        pointer[...] = self.nccl.mail[way].pop(0).reshape(pointer.shape)


@pytest.fixture
def cupy(strict_cupy, monkeypatch):
    """The strict double, with arrays that have an address and a stream that has a number."""
    monkeypatch.setattr(strict_cupy.ndarray, "data", property(lambda self: SimpleNamespace(ptr=self)), raising=False)
    monkeypatch.setattr(strict_cupy.cuda.Stream, "ptr", "the stream", raising=False)
    return choose_backend("cupy")


@pytest.mark.parametrize("number", [(3, -5, 127), b"\x03\xfb\x7f"])
@pytest.mark.parametrize("size", [2, 3, 4])
def test_nccl_carries_and_the_tree_adds(cupy, monkeypatch, size, number):
    nccl = PretendedNccl(number)
    monkeypatch.setattr(cupy.xp.cuda, "nccl", nccl, raising=False)
    monkeypatch.setattr(cupy.xp.cuda.runtime, "getDeviceCount", lambda: size)

    def summed(ranks):
        ranks.local_size = ranks.size
        device = on_device(ranks, cupy)
        assert isinstance(device, NcclRanks)
        assert device.highest(ranks.rank) == size - 1  # on the host, by MPI
        return summed_by(Team(8, device, cupy))

    for total in on_ranks(size, summed):
        assert cupy.to_numpy(total).tobytes() == by_hand(8).tobytes()


@pytest.mark.parametrize(("gpus", "available"), [(1, True), (4, False)])
def test_without_a_gpu_each_the_hosts_carry(cupy, monkeypatch, gpus, available):
    nccl = PretendedNccl(b"1")
    nccl.available = available
    monkeypatch.setattr(cupy.xp.cuda, "nccl", nccl, raising=False)
    monkeypatch.setattr(cupy.xp.cuda.runtime, "getDeviceCount", lambda: gpus)

    def summed(ranks):
        ranks.local_rank, ranks.local_size = ranks.rank, ranks.size
        device = on_device(ranks, cupy)
        assert isinstance(device, HostRanks)
        assert device.notes(8) == [
            "each gradient is summed over 8 shares of its batch, on 2 processes, by MPI, by way of the hosts"
        ]
        return summed_by(Team(8, device, cupy))

    for total in on_ranks(2, summed):
        assert cupy.to_numpy(total).tobytes() == by_hand(8).tobytes()


def test_each_rank_takes_the_gpu_of_its_number(cupy, monkeypatch):
    monkeypatch.setattr(cupy.xp.cuda.runtime, "getDeviceCount", lambda: 3)
    used = []
    monkeypatch.setattr(cupy.xp.cuda, "Device", lambda i: SimpleNamespace(use=lambda: used.append(i)))

    def take(ranks):
        ranks.local_rank = ranks.rank
        on_device(ranks, cupy)

    on_ranks(4, take)
    assert sorted(used) == [0, 0, 1, 2]
    assert on_device(on_ranks(1, lambda ranks: ranks)[0], cupy).by == "MPI"
