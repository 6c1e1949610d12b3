"""Pictures of nothing: all kinds of them, each the same every time."""

import numpy as np

from mrnn_np.scenes.nothing import KINDS, nothing


def test_every_seed_is_another_picture():
    drawn = [np.asarray(nothing(seed)) for seed in range(10 * len(KINDS))]
    assert {picture.shape for picture in drawn} == {(96, 96, 3)}
    assert len({picture.tobytes() for picture in drawn}) == len(drawn)


def test_a_seed_always_gives_the_same():
    assert all(nothing(seed).tobytes() == nothing(seed).tobytes() for seed in range(len(KINDS)))
