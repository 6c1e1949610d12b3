"""Images shared among threads: the same captions, in the order of the images, and products that stay as they were."""

import threading
from functools import partial

import numpy as np
import pytest

from mrnn_np.backend import choose_backend
from mrnn_np.backend.threads import product_threads
from mrnn_np.captioning.beam import BeamSearch, beam_search
from mrnn_np.captioning.captioner import LEAST, in_shards
from mrnn_np.captioning.decoder import Decoder
from mrnn_np.model.initial import initial_params
from mrnn_np.model.mrnn import MRNN

MODEL = MRNN(M=30, d_I=7, d_e=6, d_w=8, d_m=10)


def decoder_on(backend):
    params = initial_params(MODEL, np.random.default_rng(3), np.ones(30))
    params.theta[...] = np.random.default_rng(4).normal(0, 0.7, params.theta.shape)
    return Decoder(MODEL, params.with_theta(backend.asarray(params.theta)), backend)


def images(count):
    return np.random.default_rng(5).normal(size=(count, 7)).astype(np.float32)


class Watched:
    """Decodes by returning what it was given, and remembers how many images at once, where, with how many threads."""

    def __init__(self):
        self.calls = []

    def __call__(self, decoder, features):
        self.calls.append((len(features), threading.current_thread(), product_threads()))
        return features.tolist()


def test_each_thread_takes_a_share_and_multiplies_alone(two_threads):
    decode, features = Watched(), images(2 * LEAST + 1)
    assert in_shards(decode, decoder_on(choose_backend("numpy")), features) == features.tolist()
    assert sorted(size for size, _, _ in decode.calls) == [LEAST, LEAST + 1]
    assert {threads for _, _, threads in decode.calls} == {1}
    assert threading.current_thread() not in {thread for _, thread, _ in decode.calls}
    assert product_threads() == 2


def test_the_captions_are_those_of_one_piece(two_threads):
    decoder, features = decoder_on(choose_backend("numpy")), images(2 * LEAST + 3)
    search = partial(beam_search, options=BeamSearch(4, 2, max_length=9))
    found, expected = in_shards(search, decoder, features), search(decoder, features)
    assert [[h.words for h in each] for each in found] == [[h.words for h in each] for each in expected]
    for each, other in zip(found, expected, strict=True):
        assert [h.log2_prob for h in each] == pytest.approx([h.log2_prob for h in other], rel=1e-5)


def one_share(decoder, features):
    decode = Watched()
    assert in_shards(decode, decoder, features) == features.tolist()
    return len(decode.calls) == 1 and decode.calls[0][:2] == (len(features), threading.current_thread())


def test_few_images_are_one_share(two_threads):
    assert one_share(decoder_on(choose_backend("numpy")), images(2 * LEAST - 1))
    assert one_share(decoder_on(choose_backend("numpy")), images(0))


def test_a_gpu_has_one_share(two_threads, strict_cupy):
    assert one_share(decoder_on(choose_backend("cupy")), images(2 * LEAST))


def test_one_thread_has_one_share(monkeypatch):
    monkeypatch.setattr("mrnn_np.backend.threads.product_threads", lambda: 1)
    assert one_share(decoder_on(choose_backend("numpy")), images(2 * LEAST))
