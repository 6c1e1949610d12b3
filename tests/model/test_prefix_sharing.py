"""Sharing beginnings changes what is computed how often, and nothing else: same bits, same gradients, fewer rows."""

import weakref

import numpy as np
import pytest

from mrnn_np.backend import choose_backend
from mrnn_np.data.batches import pack
from mrnn_np.data.examples import Examples
from mrnn_np.data.tree_batches import pack_tree
from mrnn_np.data.vocabulary import END
from mrnn_np.evaluation.perplexity import bits_per_word
from mrnn_np.model.mrnn import MRNN
from mrnn_np.model.params import Params, layout_size
from mrnn_np.model.prefix_sharing import PrefixSharing

A, BOAT, DOG, RUNS, SITS = range(3, 8)
MODELS = {"m-RNN": MRNN(M=11, d_I=6, d_e=5, d_w=7, d_m=8), "RNN-Base": MRNN(M=11, d_I=0, d_e=5, d_w=7, d_m=8)}


def random_params(model, dtype=np.float64):
    theta = np.random.default_rng(0).normal(0, 0.5, layout_size(model.layout))
    return Params(model.layout, theta.astype(dtype))


def sentences_of(*texts):
    return [np.array([*text, END], np.int32) for text in texts]


def random_captions(seed, count=40, images=7):
    """Captions of few words, so that many of an image begin alike and some are equal, in no order."""
    rng = np.random.default_rng(seed)
    sentences = sentences_of(*(rng.integers(3, 6, rng.integers(0, 7)) for _ in range(count)))
    return sentences, rng.integers(0, images, count)


CAPTIONS = {
    "three of one image": (sentences_of([A, DOG, RUNS], [A, DOG, SITS], [A, BOAT]), [0, 0, 0]),
    "equal ones": (sentences_of([A, DOG], [A, DOG], [A, DOG], [A, BOAT]), [2, 2, 2, 2]),
    "equal ones of two images": (sentences_of([A, DOG], [A, DOG]), [1, 0]),
    "END alone": (sentences_of([], [], [A]), [1, 0, 1]),
    "one": (sentences_of([A, DOG, RUNS]), [3]),
    "one END": (sentences_of([]), [3]),
    "one of each image": (sentences_of([A, DOG], [BOAT], [A, DOG, RUNS]), [2, 0, 1]),
    "random": random_captions(0),
    "random, of one image": random_captions(1, images=1),
}


def both_forms(model, captions, dtype, backend):
    """The total bits and the gradient of the bits per word: plain, then shared."""
    sentences, images = captions
    features = np.random.default_rng(1).normal(size=(7, model.d_I)).astype(dtype)
    host = random_params(model, dtype)
    params = host.with_theta(backend.asarray(host.theta))
    for form, make in ((model, pack), (PrefixSharing(model), pack_tree)):
        batch = make(sentences, images, features.__getitem__).to(backend.asarray)
        bits, cache = form.forward(params, batch)
        assert bits.dtype == dtype
        grads = form.backward(backend.xp.full_like(bits, 1 / len(batch)), cache)
        assert grads.theta.dtype == dtype
        yield backend.to_numpy(bits).sum(), backend.to_numpy(grads.theta)


@pytest.mark.parametrize(("dtype", "error"), [(np.float64, 1e-12), (np.float32, 1e-5)])
@pytest.mark.parametrize("captions", CAPTIONS.values(), ids=CAPTIONS)
@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_bits_and_gradients_are_those_of_the_plain_form(model, captions, dtype, error, backend):
    (bits, gradient), (shared_bits, shared_gradient) = both_forms(model, captions, dtype, backend)
    assert shared_bits == pytest.approx(bits, rel=error)
    assert np.linalg.norm(shared_gradient - gradient) < error * np.linalg.norm(gradient)


def test_the_bits_of_a_row_are_those_of_all_words_after_it():
    model, params = MODELS["m-RNN"], random_params(MODELS["m-RNN"])
    features = np.random.default_rng(1).normal(size=(1, 6))
    sentences = sentences_of([A, DOG], [A, DOG], [A])
    bits, _ = PrefixSharing(model).forward(params, pack_tree(sentences, [0, 0, 0], features.__getitem__))
    plain, _ = model.forward(params, pack(sentences, [0, 0, 0], features.__getitem__))
    # Packed: a a a, dog dog END, END END.
    assert bits == pytest.approx([plain[:3].sum(), plain[3:6].sum(), plain[6:].sum()])


def test_large_scores_neither_overflow_nor_lose_anything():
    model = MODELS["m-RNN"]
    params = random_params(model, np.float32)
    params["V_y"][...] *= 300
    features = np.random.default_rng(1).normal(size=(7, 6)).astype(np.float32)
    totals = []
    for form, make in ((model, pack), (PrefixSharing(model), pack_tree)):
        bits, cache = form.forward(params, make(*CAPTIONS["random"], features.__getitem__))
        assert np.isfinite(form.backward(np.ones_like(bits), cache).theta).all()
        totals.append(bits.sum())
    assert totals[1] == pytest.approx(totals[0], rel=1e-5)
    assert totals[0] > 1000


def test_a_second_time_gives_the_same_and_the_scores_are_let_go_of():
    model = PrefixSharing(MODELS["m-RNN"])
    features = np.random.default_rng(1).normal(size=(7, 6))
    params, batch = random_params(model.model), pack_tree(*CAPTIONS["random"], features.__getitem__)
    gradients = []
    for _ in range(2):
        bits, cache = model.forward(params, batch)
        scores = weakref.ref(cache[-1][0])
        assert scores().shape == (len(bits), model.model.M)
        gradients.append(model.backward(np.ones_like(bits), cache).theta)
        assert scores() is None
    assert gradients[0].tobytes() == gradients[1].tobytes()


@pytest.mark.parametrize("batch_size", [1, 7, 256])
def test_perplexity_is_that_of_the_sentences_one_by_one(batch_size, backend):
    model, (sentences, images) = MODELS["m-RNN"], CAPTIONS["random"]
    features = np.random.default_rng(1).normal(size=(7, 6))
    host = random_params(model)
    batches = [pack([s], [image], features.__getitem__) for s, image in zip(sentences, images, strict=True)]
    expected = sum(model.forward(host, batch)[0].sum() for batch in batches) / sum(map(len, sentences))
    params, asked = host.with_theta(backend.asarray(host.theta)), []
    examples = Examples(sentences, images, features.__getitem__)
    found = bits_per_word(model, params, examples, backend, lambda: asked.append(1), batch_size)
    assert found == pytest.approx(expected, rel=1e-12)
    assert len(asked) == -(-40 // batch_size)


def test_perplexity_computes_shared_beginnings_once(monkeypatch):
    model, (sentences, images) = MODELS["m-RNN"], CAPTIONS["random"]
    features = np.random.default_rng(1).normal(size=(7, 6))
    rows, forward = [], PrefixSharing.forward

    def counting(self, params, batch):
        rows.append(len(batch.ids))
        return forward(self, params, batch)

    monkeypatch.setattr(PrefixSharing, "forward", counting)
    examples = Examples(sentences, images, features.__getitem__)
    bits_per_word(model, random_params(model), examples, choose_backend("numpy"))
    beginnings = {(i, *s[:n].tolist()) for s, i in zip(sentences, images, strict=True) for n in range(len(s))}
    assert rows == [len(beginnings)]
    assert len(beginnings) < 0.7 * examples.words
