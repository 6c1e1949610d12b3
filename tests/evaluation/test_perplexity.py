"""Bits per word over a whole split: those of each sentence alone, however the sentences are put together."""

import numpy as np
import pytest

from mrnn_np.backend import choose_backend
from mrnn_np.data.batches import pack
from mrnn_np.data.examples import Examples
from mrnn_np.data.vocabulary import END
from mrnn_np.evaluation.perplexity import bits_per_word
from mrnn_np.model.general import build_model
from mrnn_np.model.params import Params, layout_size
from mrnn_np.model.presets import PRESETS


def examples(count=11, d_I=4):
    rng = np.random.default_rng(0)
    sentences = [np.append(rng.integers(3, 9, rng.integers(0, 7)), END).astype(np.int32) for _ in range(count)]
    features = rng.normal(size=(5, d_I)).astype(np.float32)
    return Examples(sentences, rng.integers(0, 5, count), features.__getitem__)


@pytest.mark.parametrize("name", ["m-rnn", "rnn-base", "nic", "visual-in-rnn"])
@pytest.mark.parametrize("batch_size", [1, 4, 11, 256])
def test_bits_are_those_of_each_sentence_alone(name, batch_size):
    some = examples(d_I=0 if name == "rnn-base" else 4)
    design = PRESETS[name].design
    model = build_model(9, 0 if name == "rnn-base" else 4, design, 4, 5, 6, d_r=3 if design.recurrence == "lstm" else 0)
    params = Params(model.layout, np.random.default_rng(1).normal(0, 0.7, layout_size(model.layout)).astype(np.float32))
    total = 0.0
    for sentence, image in zip(some.sentences, some.images, strict=True):
        bits, _ = model.forward(params, pack([sentence], [0], lambda rows, i=image: some.read_images(np.array([i]))))
        total += float(bits.sum())
    batches = []

    def each(do, items):
        batches.extend(items)
        return [do(item) for item in items]

    found = bits_per_word(model, params, some, choose_backend("numpy"), each, batch_size)
    assert found == pytest.approx(total / sum(map(len, some.sentences)), rel=1e-5)
    assert len(batches) == -(-11 // batch_size)
    assert sorted(np.concatenate(batches).tolist()) == list(range(11))


def test_images_are_shuffled_among_the_captions_of_each():
    some = examples(40)
    shuffled = some.with_shuffled_images(np.random.default_rng(2))
    assert shuffled.sentences == some.sentences
    moved = dict(zip(some.images.tolist(), shuffled.images.tolist(), strict=True))
    assert [moved[image] for image in some.images.tolist()] == shuffled.images.tolist()
    assert sorted(moved) == sorted(moved.values()) == [0, 1, 2, 3, 4]
    assert moved != {image: image for image in range(5)}
