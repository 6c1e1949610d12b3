"""The learning rate as a function of the step: constant, step or cosine, after a linear warm-up."""

import math

SCHEDULES = ("constant", "step", "cosine")


def learning_rate(step: int, total: int, peak: float, schedule: str = "cosine", warmup: int = 0) -> float:
    """The learning rate of update number `step`.

    Parameters
    ----------
    step : 0 .. total - 1
    total : updates in the whole training
    peak : the largest learning rate
    schedule : "constant" stays at the peak; "step" halves it after 1/2, 2/3 and 5/6 of training; "cosine" falls to 0
        along half a cosine
    warmup : the first so many updates rise linearly to the peak
    """
    if step < warmup:
        return peak * (step + 1) / warmup
    done = (step - warmup) / max(1, total - warmup)
    if schedule == "cosine":
        return peak * 0.5 * (1 + math.cos(math.pi * done))
    if schedule == "step":
        return peak * 0.5 ** max(0, math.floor(6 * done) - 2)
    return peak
