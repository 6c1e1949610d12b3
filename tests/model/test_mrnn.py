"""The whole model: packing changes nothing, the image matters only through V_I, PyTorch agrees, training repeats."""

import weakref

import numpy as np
import pytest

from mrnn_np.data.batches import pack, unpack
from mrnn_np.data.vocabulary import END, START
from mrnn_np.gradients.methods import relative_error
from mrnn_np.layers.dropout import NO_DROPOUT
from mrnn_np.layers.multimodal import multimodal_backward
from mrnn_np.model import mrnn
from mrnn_np.model.initial import initial_params
from mrnn_np.model.mrnn import MRNN
from mrnn_np.model.params import Gradient, Params, layout_size
from mrnn_np.training.sgd import SGD

MODEL = MRNN(M=23, d_I=6, d_e=5, d_w=7, d_m=8)


def random_params(model=MODEL, seed=0, size=0.5):
    return Params(model.layout, np.random.default_rng(seed).normal(0, size, layout_size(model.layout)))


def random_sentences(seed=0, count=9):
    rng = np.random.default_rng(seed)
    sentences = [np.append(rng.integers(3, 23, rng.integers(0, 8)), END) for _ in range(count)]
    return sentences, rng.integers(0, 4, count), rng.normal(size=(4, 6))


def test_a_packed_batch_costs_what_its_sentences_cost_one_by_one():
    sentences, images, features = random_sentences()
    params = random_params()
    batch = pack(sentences, images, features.__getitem__)
    together = unpack(MODEL.forward(params, batch)[0], batch)
    for sentence, image, bits in zip(sentences, images, together, strict=True):
        alone, _ = MODEL.forward(params, pack([sentence], [image], features.__getitem__))
        assert bits == pytest.approx(alone)


def test_gradients_of_a_packed_batch_are_the_sum_of_those_of_its_sentences():
    sentences, images, features = random_sentences()
    params = random_params()

    def gradient(which):
        batch = pack([sentences[i] for i in which], images[which], features.__getitem__)
        bits, cache = MODEL.forward(params, batch)
        return MODEL.backward(np.ones_like(bits), cache).theta

    one_by_one = sum(gradient([i]) for i in range(len(sentences)))
    assert gradient(list(range(len(sentences)))) == pytest.approx(one_by_one)
    assert gradient([3, 1, 8, 0, 7, 5, 2, 6, 4]) == pytest.approx(one_by_one)


def test_without_V_I_the_image_does_not_matter():
    sentences, images, features = random_sentences()
    params = random_params()

    def costs():
        batch = pack(sentences, images, features.__getitem__)
        other = pack(sentences, images[::-1], features.__getitem__)
        return MODEL.forward(params, batch)[0].sum(), MODEL.forward(params, other)[0].sum()

    with_image = costs()
    assert abs(with_image[0] - with_image[1]) > 0.1
    params["V_I"][...] = 0
    assert costs()[0] == pytest.approx(costs()[1])


def test_rnn_base_is_the_model_with_an_image_of_zeros():
    base = MRNN(M=23, d_I=0, d_e=5, d_w=7, d_m=8)
    sentences, images, _ = random_sentences()
    params = random_params()
    base_params = Params(base.layout, np.zeros(layout_size(base.layout)))
    for name in base.layout:
        base_params[name][...] = params[name] if name != "V_I" else 0
    bits, _ = base.forward(base_params, pack(sentences, images, lambda rows: np.zeros((len(rows), 0))))
    expected, _ = MODEL.forward(params, pack(sentences, images, lambda rows: np.zeros((len(rows), 6))))
    assert bits == pytest.approx(expected)


def test_the_untrained_model_knows_the_words_frequencies():
    counts = np.arange(23)
    params = initial_params(MODEL, np.random.default_rng(0), counts)
    assert params.theta.dtype == np.float32
    sentences, images, features = random_sentences(count=200)
    batch = pack(sentences, images, features.astype(np.float32).__getitem__)
    frequency = (counts + 1) / (counts + 1).sum()
    expected = -np.log2(frequency[batch.targets]).mean()
    assert MODEL.forward(params, batch)[0].mean() == pytest.approx(expected, abs=0.05)


def test_initial_parameters_repeat_and_differ_by_seed():
    first, same, other = (initial_params(MODEL, np.random.default_rng(seed), np.ones(23)).theta for seed in (1, 1, 2))
    assert (first == same).all()
    assert (first != other).any()
    U_r = initial_params(MODEL, np.random.default_rng(1), np.ones(23), np.float64)["U_r"]
    assert U_r @ U_r.T == pytest.approx(np.eye(7), abs=1e-12)


def test_params_are_views_of_one_vector():
    params = random_params()
    params["U_r"][0, 0] = 7
    assert 7 in params.theta
    params.theta[...] = 1
    assert all((params[name] == 1).all() for name in params)
    with pytest.raises(ValueError, match=r"theta holds 3 numbers, the layout 4"):
        Params({"a": (2, 2)}, np.zeros(3))


def test_a_gradient_is_flat_for_whoever_asks_and_copied_for_nobody_else():
    params = random_params()
    arrays = {name: params[name].copy() for name in reversed(list(params))}
    gradient = Gradient(params.layout, arrays)
    assert list(gradient) == list(params)
    assert all(gradient[name] is arrays[name] for name in params)
    assert (gradient.theta == params.theta).all()


def test_the_scores_are_let_go_of_before_the_other_gradients_are_made(monkeypatch):
    sentences, images, features = random_sentences()
    bits, cache = MODEL.forward(random_params(), pack(sentences, images, features.__getitem__))
    scores, seen = weakref.ref(cache[-1][0]), []
    assert scores().shape == (len(bits), MODEL.M)
    monkeypatch.setattr(mrnn, "multimodal_backward", lambda *args: seen.append(scores()) or multimodal_backward(*args))
    MODEL.backward(np.ones_like(bits), cache)
    assert seen == [None]


def test_dropout_masks_have_the_asked_rate_and_mean_1():
    batch = pack(*random_sentences(count=500)[:2], random_sentences()[2].__getitem__)
    masks = MODEL.draw_masks(np.random.default_rng(0), batch, (0.5, 0.2, 0.0, 0.5))
    assert masks.m is None
    assert masks.I.shape == (4, 6)
    for mask, rate in ((masks.e, 0.5), (masks.r, 0.2)):
        assert mask.dtype == np.float32
        assert (mask == 0).mean() == pytest.approx(rate, abs=0.02)
        assert mask.max() == np.float32(1 / (1 - rate))
    assert NO_DROPOUT.e is None


def torch_cost(torch, params, batch, masks, l2):
    """The paper's cost written with PyTorch's own operations, one sentence after another, for autograd."""
    p = {name: torch.tensor(params[name], requires_grad=True) for name in params}
    bits = []
    ids, targets, image_of = (unpack(x, batch) for x in (batch.ids, batch.targets, batch.image_of))
    rows = unpack(np.arange(len(batch)), batch)
    mask = {name: torch.tensor(getattr(masks, name)) for name in "ermI"}
    for sentence in range(len(ids)):
        r = torch.zeros(params["U_r"].shape[0], dtype=torch.float64)
        for word, target, image, row in zip(
            ids[sentence], targets[sentence], image_of[sentence], rows[sentence], strict=True
        ):
            e = p["E"][int(word)] * mask["e"][row]
            w = p["W_2"] @ e + p["b_w"]
            r = torch.relu(p["U_r"] @ r + w)
            I = torch.tensor(batch.features[image]) * mask["I"][image]
            z = p["V_w"] @ w + p["V_r"] @ (r * mask["r"][row]) + p["V_I"] @ I + p["b_m"]
            m = 1.7159 * torch.tanh(z * (2 / 3)) * mask["m"][row]
            log_y = torch.log_softmax(p["V_y"] @ m + p["b_y"], 0)
            bits.append(-log_y[int(target)] / np.log(2))
    return p, torch.stack(bits).mean() + l2 * sum((x**2).sum() for x in p.values())


@pytest.mark.gradcheck
def test_pytorch_agrees():
    torch = pytest.importorskip("torch", reason="PyTorch is the outside witness; install it with: pip install torch")
    sentences, images, features = random_sentences()
    params, sgd = random_params(), SGD(l2=0.01)
    batch = pack(sentences, images, features.__getitem__)
    masks = MODEL.draw_masks(np.random.default_rng(1), batch, (0.3, 0.4, 0.5, 0.2), np.float64)
    p, cost = torch_cost(torch, params, batch, masks, sgd.l2)
    cost.backward()
    bits, cache = MODEL.forward(params, batch, masks)
    assert bits.mean() + sgd.penalty(params) == pytest.approx(float(cost.detach()), rel=1e-12)
    updated = params.with_theta(params.theta.copy())
    sgd.update(updated, MODEL.backward(np.full_like(bits, 1 / len(batch)), cache), np.zeros_like(params.theta), lr=1.0)
    for name in params:
        assert relative_error(params[name] - updated[name], p[name].grad.numpy()) < 1e-10, name


def test_a_worked_example_of_two_words():
    """The sentence "hi" END about one image, every width 1, so that each equation is one multiplication.

    Words: START = 0, END = 1, UNK = 2, hi = 3.  E = (0.5, 0, 0, 1), W_2 = 2, U_r = 0.5, V_w = 1, V_r = -1, V_I = 0.25.

        word START:  e = 0.5   w = 1   r = f2(0 + 1) = 1           z = 1 - 1 + 0.25 * 2 = 0.5
        word hi:     e = 1     w = 2   r = f2(0.5 * 1 + 2) = 2.5   z = 2 - 2.5 + 0.5    = 0
        m = g2(0.5) = 1.7159 tanh(1/3) = 0.5517 and g2(0) = 0

    V_y = (0, 0, 0, 1) scores "hi" with m and all else with 0:
        P(hi | START) = exp(0.5517) / (3 + exp(0.5517)) = 1.7362 / 4.7362     1.4478 bits
        P(END | hi) = 1 / 4                                                    2 bits
    """
    model = MRNN(M=4, d_I=1, d_e=1, d_w=1, d_m=1)
    params = Params(model.layout, np.zeros(layout_size(model.layout)))
    for name, value in {"W_2": 2, "U_r": 0.5, "V_w": 1, "V_r": -1, "V_I": 0.25}.items():
        params[name][...] = value
    params["E"][:, 0] = 0.5, 0, 0, 1
    params["V_y"][3] = 1
    batch = pack([np.array([3, END])], [0], lambda rows: np.array([[2.0]]))
    assert batch.ids.tolist() == [START, 3]
    bits, cache = model.forward(params, batch)
    assert bits == pytest.approx([1.4478, 2], abs=1e-4)
    gradient = model.backward(np.ones(2), cache)
    # ds(hi) = (1.7362 / 4.7362 - 1) / ln 2 = -0.9138 at START, and 1/4 / ln 2 = 0.3607 at hi; dV_y = ds * m.
    assert gradient["V_y"][3, 0] == pytest.approx(-0.9138 * 0.5517, abs=1e-4)
    assert gradient["b_y"][3] == pytest.approx(-0.9138 + 0.3607, abs=1e-4)
    # dz = ds * g2'(z), with g2'(0.5) = 2/3 (1.7159 - 0.5517^2 / 1.7159) = 1.0257 and g2'(0) = 1.1439; dV_I = 2 sum dz.
    dz = -0.9138 * 1.0257, 0.3607 * 1.1439
    assert gradient["b_m"][0] == pytest.approx(sum(dz), abs=1e-4)
    assert gradient["V_I"][0, 0] == pytest.approx(2 * sum(dz), abs=1e-4)
    # r(2) = f2(0.5 r(1) + w(2)): dU_r = dz_r(2) r(1) with dz_r(2) = V_r dz(2) = -dz(2), as r(1) = 1.
    assert gradient["U_r"][0, 0] == pytest.approx(-dz[1], abs=1e-4)


GOLDEN = [
    6.957116424502774,
    6.934541555632863,
    6.862648398921339,
    5.654073239038059,
    6.02255790705,
    5.928677363836604,
    5.521105544749493,
    5.212503905417114,
    5.003405072313291,
    4.972537777422176,
]


def by_hand(params, batch, masks):
    bits, cache = MODEL.forward(params, batch, masks)
    return bits.mean(), MODEL.backward(np.full_like(bits, 1 / len(batch)), cache)


def by_pytorch(params, batch, masks):
    torch = pytest.importorskip("torch", reason="PyTorch is the outside witness; install it with: pip install torch")
    p, cost = torch_cost(torch, params, batch, masks, l2=0)
    cost.backward()
    return float(cost.detach()), Gradient(params.layout, {name: p[name].grad.numpy() for name in params})


@pytest.mark.parametrize("cost_and_gradient", [by_hand, by_pytorch])
def test_the_first_ten_costs_of_a_seeded_run(cost_and_gradient):
    """A golden trajectory: a change of forward, backward, update, packing or random numbers shows here."""
    params = random_params()
    velocity, sgd, costs = np.zeros_like(params.theta), SGD(l2=1e-3, momentum=0.9, clip=2.0), []
    for step in range(10):
        batch = pack(*random_sentences(step)[:2], random_sentences(99)[2].__getitem__)
        masks = MODEL.draw_masks(np.random.default_rng(step), batch, (0.1, 0.2, 0.3, 0.4), np.float64)
        cost, gradient = cost_and_gradient(params, batch, masks)
        sgd.update(params, gradient, velocity, lr=0.1)
        costs.append(cost)
    assert costs == pytest.approx(GOLDEN, rel=1e-9)
