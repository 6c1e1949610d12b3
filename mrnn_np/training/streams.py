"""One seed, many independent streams of random numbers, none of which has a state to save.

Each stream is made anew from the seed, its purpose, and the number of the epoch or step it serves.  So resuming a run
needs the step number and nothing else, and no part of the program can disturb another's random numbers.
"""

import numpy as np

INITIAL, ORDER, DROPOUT, GRADCHECK, SAMPLING, SHUFFLED = range(6)


def stream(seed: int, purpose: int, number: int = 0, *share: int) -> np.random.Generator:
    """Return the random numbers of one purpose (INITIAL, ORDER ...) and one epoch, step, or share of a step."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(purpose, number, *share)))
