"""Trainings that can be watched: several at once, update by update, in one picture that grows while they run."""

import math
import time
from collections.abc import Iterator, Mapping

import numpy as np

from mrnn_np.data.examples import Examples
from mrnn_np.model.mrnn import MRNN
from mrnn_np.model.params import Params
from mrnn_np.plots.style import Picture
from mrnn_np.teaching.plots.training import training_curves
from mrnn_np.training.sgd import SGD, learning_rate
from mrnn_np.training.streams import ORDER, stream

DRAW_SECONDS = 1.0
"""Seconds between two drawings of the curves; a drawing takes a tenth of that."""


def updates(
    model: MRNN,
    params: Params,
    examples: Examples,
    count: int,
    lr: float,
    sgd: SGD,
    schedule: str = "constant",
    warmup: int = 0,
    batch_size: int = 64,
    seed: int = 0,
) -> Iterator[float]:
    """Train `params` in place, one update each time the next number is asked for.

    Yields the bits per word of the batch before each of `count` updates.  A training that has come to more than twice
    the bits of blind guessing has diverged: it yields infinity from then on, and `params` rests.
    """
    velocity, epoch, done, limit = np.zeros_like(params.theta), 0, 0, 2 * math.log2(model.M)
    while done < count:
        order = stream(seed, ORDER, epoch).permutation(len(examples.sentences))
        for batch in examples.batches(order, batch_size):
            if done == count:
                return
            with np.errstate(over="ignore", invalid="ignore"):
                bits, cache = model.forward(params, batch)
                if not bits.mean() <= limit:
                    yield from [math.inf] * (count - done)
                    return
                grads = model.backward(np.full_like(bits, 1 / len(batch)), cache)
                sgd.update(params, grads, velocity, learning_rate(done, count, lr, schedule, warmup))
            yield float(bits.mean())
            done += 1
        epoch += 1


def race(
    runs: Mapping[str, Iterator[float]], levels: Mapping[str, float] | None = None, log_y: bool = False
) -> dict[str, list[float]]:
    """Take one update of each run in turn until all have ended, and show their curves meanwhile.

    Parameters
    ----------
    runs : `updates` by name
    levels : costs by name, drawn as horizontal lines
    log_y : make the axis of the cost logarithmic

    Returns
    -------
    the bits per word of every update, by run
    """
    from IPython.display import display

    histories: dict[str, list[float]] = {name: [] for name in runs}

    def drawn() -> Picture:
        return training_curves(histories, levels or {}, log_y)

    shown, drawn_at = display(drawn(), display_id=True), time.monotonic()  # type: ignore[no-untyped-call]
    alive = dict(runs)
    while alive:
        for name, run in list(alive.items()):
            bits = next(run, None)
            if bits is None:
                del alive[name]
            else:
                histories[name].append(bits)
        if shown is not None and (not alive or time.monotonic() - drawn_at > DRAW_SECONDS):
            shown.update(drawn())
            drawn_at = time.monotonic()
    return histories
