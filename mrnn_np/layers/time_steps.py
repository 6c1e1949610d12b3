"""The time steps of a packed batch, forward and backward, with the gradient cut where BPTT is truncated."""

from collections.abc import Iterator, Sequence

from mrnn_np.backend import Array

State = tuple[Array, ...]
"""What a recurrent layer remembers of the words before, r(t-1) first."""


def time_steps(sizes: Sequence[int]) -> Iterator[slice]:
    """Yield the rows of each time step of a packed batch, from the first to the last."""
    start = 0
    for size in sizes:
        yield slice(start, start + size)
        start += size


def time_steps_back(sizes: Sequence[int], bptt: int = 0) -> Iterator[tuple[slice, int]]:
    """Yield the rows of each time step from the last to the first, and how many sentences a gradient comes back to.

    Parameters
    ----------
    sizes : T host integers, the sentences that have a word number t
    bptt : K of truncated backpropagation through time: sentences are cut into pieces of K words, between which the
        state is passed on but no gradient goes back; 0 cuts nothing

    Yields
    ------
    now : the rows of time step t
    coming : the first so many of them are followed by a step t + 1 whose gradient comes back; 0 at a cut
    """
    end, after = sum(sizes), 0
    for t in reversed(range(len(sizes))):
        coming = 0 if bptt and (t + 1) % bptt == 0 else after
        yield slice(end - sizes[t], end), coming
        end, after = end - sizes[t], sizes[t]
