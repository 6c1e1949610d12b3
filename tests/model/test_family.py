"""Every model of the family: it is the m-RNN where it should be, packing changes nothing, PyTorch agrees."""

import dataclasses

import numpy as np
import pytest

from mrnn_np.data.batches import pack, unpack
from mrnn_np.data.vocabulary import END
from mrnn_np.errors import UserError
from mrnn_np.gradients.methods import relative_error
from mrnn_np.model.design import Design
from mrnn_np.model.general import General, build_model
from mrnn_np.model.initial import initial_params
from mrnn_np.model.mrnn import MRNN
from mrnn_np.model.params import Params, layout_size
from mrnn_np.model.presets import M_RNN, PRESETS, RNN_BASE

M, D_I = 23, 6


def small(name, M=M, d_I=D_I, bptt=0):
    """A preset in a size for tests."""
    design = dataclasses.replace(PRESETS[name].design, bptt=bptt)
    d_r = 6 if design.recurrence in ("lstm", "gru") else 0
    return build_model(M, d_I, design, d_e=5, d_w=7, d_m=8, d_r=d_r)


def random_params(model, seed=0, size=0.5):
    return Params(model.layout, np.random.default_rng(seed).normal(0, size, layout_size(model.layout)))


def random_sentences(model, seed=0, count=9):
    rng = np.random.default_rng(seed)
    sentences = [np.append(rng.integers(3, model.M, rng.integers(0, 8)), END) for _ in range(count)]
    return sentences, rng.integers(0, 4, count), rng.normal(size=(4, model.d_I))


@pytest.mark.parametrize(("design", "d_I"), [(M_RNN, D_I), (RNN_BASE, 0)], ids=["m-rnn", "rnn-base"])
def test_the_general_model_with_the_papers_design_is_the_m_rnn(design, d_I):
    mrnn, general = MRNN(M, d_I, 5, 7, 8), General(M, d_I, design, 5, 7, 8)
    assert list(general.layout.items()) == list(mrnn.layout.items())
    params = random_params(mrnn)
    sentences, images, features = random_sentences(mrnn)
    batch = pack(sentences, images, features.__getitem__)
    masks, same = (
        model.draw_masks(np.random.default_rng(1), batch, (0.1, 0.2, 0.3, 0.4), np.float64) for model in (mrnn, general)
    )
    for name in "ermI":
        assert (getattr(masks, name) == getattr(same, name)).all()
    (bits, cache), (expected, expected_cache) = (
        general.forward(params, batch, masks),
        mrnn.forward(params, batch, masks),
    )
    assert bits == pytest.approx(expected, rel=1e-13)
    dbits = np.random.default_rng(2).normal(size=bits.shape)
    gradient, expected_gradient = general.backward(dbits, cache), mrnn.backward(dbits, expected_cache)
    for name in params:
        assert relative_error(gradient[name], expected_gradient[name]) < 1e-13, name
    state, expected_state = general.begin(params, features), mrnn.begin(params, features)
    for ids in ([0, 0, 0, 0], [5, 3, 9, 9]):
        scores, state = general.step(params, np.array(ids), state)
        expected_scores, expected_state = mrnn.step(params, np.array(ids), expected_state)
        assert scores == pytest.approx(expected_scores, rel=1e-12)
    assert (
        initial_params(general, np.random.default_rng(3), np.ones(M)).theta
        == initial_params(mrnn, np.random.default_rng(3), np.ones(M)).theta
    ).all()


def test_a_model_of_the_papers_design_is_the_papers_class():
    assert build_model(M, D_I) == MRNN(M, D_I)
    assert build_model(M, D_I, RNN_BASE) == MRNN(M, 0)
    assert build_model(M, D_I, dataclasses.replace(M_RNN, bptt=3)) == General(M, D_I, Design(bptt=3))
    assert small("simple-rnn").d_I == 0


@pytest.mark.parametrize("name", PRESETS)
def test_a_packed_batch_is_its_sentences_one_by_one(name):
    model = small(name)
    params = random_params(model)
    sentences, images, features = random_sentences(model)

    def run(which):
        batch = pack([sentences[i] for i in which], images[which], features.__getitem__)
        bits, cache = model.forward(params, batch)
        return unpack(bits, batch), model.backward(np.ones_like(bits), cache).theta

    alone = [run([i]) for i in range(len(sentences))]
    together, gradient = run(list(range(len(sentences))))
    for bits, (expected, _) in zip(together, alone, strict=True):
        assert bits == pytest.approx(expected[0])
    assert gradient == pytest.approx(sum(gradient for _, gradient in alone))
    assert run([3, 1, 8, 0, 7, 5, 2, 6, 4])[1] == pytest.approx(gradient)


@pytest.mark.parametrize("name", PRESETS)
def test_the_image_matters_where_it_enters(name):
    model = small(name)
    params = random_params(model)
    sentences, images, features = random_sentences(model)
    bits, other = (
        unpack(model.forward(params, batch)[0], batch)[0]
        for batch in (pack(sentences, which, features.__getitem__) for which in (images, (images + 1) % 4))
    )
    assert (abs(bits - other) > 1e-9).all() == PRESETS[name].design.image


@pytest.mark.parametrize("name", PRESETS)
def test_the_untrained_model_knows_the_words_frequencies(name):
    model, counts = small(name), np.arange(M)
    params = initial_params(model, np.random.default_rng(0), counts)
    assert params.theta.dtype == np.float32
    sentences, images, features = random_sentences(model, count=200)
    batch = pack(sentences, images, features.astype(np.float32).__getitem__)
    bits, cache = model.forward(params, batch)
    assert bits.dtype == np.float32
    frequency = (counts + 1) / (counts + 1).sum()
    assert bits.mean() == pytest.approx(-np.log2(frequency[batch.targets]).mean(), abs=0.1)
    gradient = model.backward(np.full_like(bits, 1 / len(batch)), cache)
    assert gradient.theta.dtype == np.float32
    for symbol in params:
        assert np.abs(gradient[symbol]).max(initial=0) > 0 or gradient[symbol].size == 0, symbol


def test_recurrent_layers_start_as_documented():
    nic, deepvs = (initial_params(small(name), np.random.default_rng(0), np.ones(M)) for name in ("nic", "deepvs"))
    assert nic["b_x"].tolist() == [0] * 6 + [1] * 6 + [0] * 12
    assert (deepvs["U_r"] == np.eye(7)).all()


def test_truncation_changes_the_gradient_and_not_the_cost():
    whole, cut = (small("simple-rnn", bptt=bptt) for bptt in (0, 2))
    params = random_params(whole)
    sentences, images, features = random_sentences(whole)
    batch = pack(sentences, images, features.__getitem__)
    (bits, cache), (same, cut_cache) = whole.forward(params, batch), cut.forward(params, batch)
    assert (bits == same).all()
    gradient, truncated = whole.backward(np.ones_like(bits), cache), cut.backward(np.ones_like(bits), cut_cache)
    assert (gradient["V_y"] == truncated["V_y"]).all()
    assert relative_error(gradient["E"], truncated["E"]) > 1e-3


def test_presets_have_the_published_sizes():
    def layout(name):
        preset = PRESETS[name]
        return build_model(100, 4096, preset.design, preset.d_e, preset.d_w, preset.d_m, preset.d_r).layout

    assert layout("m-rnn")["V_w"] == (512, 256)
    assert layout("nic")["U_r"] == (4 * 512, 512)
    assert [layout("lrcn")[f"U_r{k}"] for k in ("", 2, 3, 4)] == [(4000, 1000)] * 4
    assert layout("tf-mrnn")["U_r"] == (3 * 2048, 2048)
    assert layout("tf-mrnn")["V_e"] == (1024, 2048)
    assert "V_w" not in layout("no-emb-input")
    assert layout("emb-one-input")["V_w"] == (512, 128)
    assert layout("one-layer-emb")["E"] == (100, 256)
    assert len({preset.design for preset in PRESETS.values()}) == len(PRESETS)


def test_scale_multiplies_the_widths_only():
    options = PRESETS["tf-mrnn"].options(0.25)
    assert (options["d_w"], options["d_r"], options["d_m"]) == (256, 512, 512)
    assert options["recurrence"] == "gru"
    assert PRESETS["m-rnn"].options(1e-9)["d_e"] == 1
    assert PRESETS["m-rnn"].options(0.5)["d_r"] == 0


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"recurrence": "hopfield"}, "--recurrence is 'hopfield'; it can be relu, sigmoid, tanh, lstm, gru"),
        ({"image_enters": "late"}, "--image-enters is 'late'; it can be multimodal, recurrent"),
        ({"layers": 0}, "--layers must be 1 or more"),
        ({"bptt": -1}, "--bptt 0 or more"),
        ({"multimodal": "none"}, "--image-enters multimodal needs a multimodal layer; leave out --multimodal none"),
        ({"multimodal": "none", "image_enters": "init", "output": "shared"}, "--output shared stands on a multimodal"),
        ({"image_enters": "both-shared", "word_enters": "none"}, "adds the image to embedding II"),
        ({"embedding": "one-layer", "word_enters": "first"}, "--word-enters first needs two embeddings"),
    ],
)
def test_what_cannot_be_built_is_refused(choices, message):
    with pytest.raises(UserError, match=message):
        Design(**choices)


def test_added_layers_are_as_wide_as_the_word():
    with pytest.raises(UserError, match="--d-r is 9; relu layers are as wide as w, --d-w 7: leave it out"):
        build_model(M, D_I, Design(), 5, 7, 8, d_r=9)
    assert build_model(M, D_I, Design("gru"), 5, 7, 8, d_r=9).layout["W_x"] == (27, 7)


def torch_recurrence(torch, kind, x, state, U):
    """One time step of one sentence, written from the equations with whole vectors."""
    r, d = state[0], len(state[0])
    if kind == "lstm":
        i, f, o, g = torch.split(x + U @ r, d)
        c = torch.sigmoid(f) * state[1] + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(c), c
    if kind == "gru":
        u, s = torch.split(torch.sigmoid(x[: 2 * d] + U[: 2 * d] @ r), d)
        n = torch.tanh(x[2 * d :] + U[2 * d :] @ (s * r))
        return (u * r + (1 - u) * n,)
    return (getattr(torch, kind)(x + U @ r),)


def torch_cost(torch, model, params, batch, masks):
    """The mean bits, one sentence after another with PyTorch's own operations; with --bptt the state is detached."""
    design, p = model.design, {name: torch.tensor(params[name], requires_grad=True) for name in params}
    g = {
        "scaled-tanh": lambda z: 1.7159 * torch.tanh(z * (2 / 3)),
        "tanh": torch.tanh,
        "relu": torch.relu,
        "none": None,
    }[design.multimodal]
    ids, targets, image_of, rows = (
        unpack(x, batch) for x in (batch.ids, batch.targets, batch.image_of, np.arange(len(batch)))
    )
    mask = {
        name: None if getattr(masks, name) is None else torch.tensor(getattr(masks, name))
        for name in ("e", "r", "m", "I")
    }
    numbers = ["", *(str(k) for k in range(2, design.layers + 1))]
    bits = []
    for sentence in range(len(ids)):
        zeros = torch.zeros(model.stack.d_r, dtype=torch.float64)
        states, steps = [(zeros,) * (2 if design.recurrence == "lstm" else 1) for _ in numbers], 0
        image = torch.tensor(batch.features[image_of[sentence][0]]) * mask["I"][image_of[sentence][0]]

        def read(s, states, steps):
            for k, number in enumerate(numbers):
                if design.bptt and steps % design.bptt == 0:
                    states[k] = tuple(part.detach() for part in states[k])
                x = p[f"W_x{number}"] @ s + p[f"b_x{number}"] if f"W_x{number}" in p else s
                states[k] = torch_recurrence(torch, design.recurrence, x, states[k], p[f"U_r{number}"])
                s = states[k][0]
            return s

        if design.image_enters == "init":
            read(p["U_I"] @ image, states, steps)
            steps += 1
        for word, target, row in zip(ids[sentence], targets[sentence], rows[sentence], strict=True):
            e = p["E"][int(word)] * mask["e"][row]
            w = p["W_2"] @ e + p["b_w"] if "W_2" in p else e
            s = w + p["U_I"] @ image if design.image_enters in ("recurrent", "both", "both-shared") else w
            m = read(s, states, steps) * mask["r"][row]
            steps += 1
            if g is not None:
                word_input = {"first": e, "second": s if design.image_enters == "both-shared" else w, "none": None}
                z = p["V_r"] @ m + p["b_m"]
                z = z + p["V_w"] @ word_input[design.word_enters] if "V_w" in p else z
                m = g(z + p["V_I"] @ image if "V_I" in p else z) * mask["m"][row]
            scores = p["E"] @ g(p["V_e"] @ m + p["b_e"]) if "V_e" in p else p["V_y"] @ m
            bits.append(-torch.log_softmax(scores + p["b_y"], 0)[int(target)] / np.log(2))
    return p, torch.stack(bits).mean()


@pytest.mark.gradcheck
@pytest.mark.parametrize("bptt", [0, 2])
@pytest.mark.parametrize("name", sorted(PRESETS.keys() - {"m-rnn", "rnn-base"}))
def test_pytorch_agrees(name, bptt):
    torch = pytest.importorskip("torch", reason="PyTorch is the outside witness; install it with: pip install torch")
    model = small(name, bptt=bptt)
    params = random_params(model)
    sentences, images, features = random_sentences(model)
    batch = pack(sentences, images, features.__getitem__)
    masks = model.draw_masks(np.random.default_rng(1), batch, (0.3, 0.4, 0.5, 0.2), np.float64)
    p, cost = torch_cost(torch, model, params, batch, masks)
    cost.backward()
    bits, cache = model.forward(params, batch, masks)
    assert bits.mean() == pytest.approx(float(cost.detach()), rel=1e-12)
    gradient = model.backward(np.full_like(bits, 1 / len(batch)), cache)
    for symbol in params:
        assert relative_error(gradient[symbol], p[symbol].grad.numpy()) < 1e-10, symbol
