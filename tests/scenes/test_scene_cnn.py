"""The scene CNN: its size, its training, its file."""

import numpy as np
import pytest

from mrnn_np.errors import UserError
from mrnn_np.scenes import train_cnn
from mrnn_np.scenes.cnn import (
    SceneCnn,
    as_input,
    features,
    initial_weights,
    load_scene_cnn,
    save_scene_cnn,
    scene_cnn,
)
from mrnn_np.scenes.train_cnn import L2, WARMUP, evaluate, gradients, shuffled, train, train_and_save


def coloured_pictures(rng, number):
    """Pictures of one patch, and what is true of it: it is red, it is green, it lies on the left."""
    red, left = rng.integers(0, 2, (2, number)).astype(bool)
    pictures = rng.integers(100, 150, (number, 96, 96, 3), dtype=np.uint8)
    for picture, is_red, is_left in zip(pictures, red, left, strict=True):
        column, row = rng.integers(0, 20) + (0 if is_left else 50), rng.integers(0, 66)
        picture[row : row + 30, column : column + 26] = (220, 30, 30) if is_red else (30, 200, 30)
    return pictures, np.stack([red, ~red, left], axis=1)


@pytest.fixture(scope="module")
def trained():
    """A network trained for a few seconds, the lines it reported, and pictures it has not seen."""
    rng, lines = np.random.default_rng(0), []
    images, labels = coloured_pictures(rng, 96)
    val_images, val_labels = coloured_pictures(rng, 48)
    weights = train(
        images, labels, val_images, val_labels, seed=1, epochs=10, batch=16, lr=0.008, report=lines.append
    )  # fmt: skip
    return weights, lines, (images, labels), (val_images, val_labels)


def test_it_learns_what_and_where(trained):
    weights, lines, _, (images, labels) = trained
    bits, accuracy = evaluate(scene_cnn(3), weights, images, labels)
    assert accuracy > 0.95
    assert bits < 0.3
    assert len(lines) == 10
    assert lines[-1].endswith(f"validation {bits:.4f} bits, {accuracy:.2%} right")
    assert lines[0].startswith("epoch 1/10: ")


def test_the_file_says_how_it_came_about(trained, tmp_path):
    _, _, few, (val_images, val_labels) = trained
    path, attributes = tmp_path / "scene_cnn.npz", ["red", "green", "left"]
    made = train_and_save(
        path, attributes, few[0][:32], few[1][:32], val_images, val_labels, seed=7, epochs=1, report=lambda line: None
    )
    loaded = load_scene_cnn(path)
    assert loaded.attributes == made.attributes == ("red", "green", "left")
    assert loaded.training == made.training
    assert {key: loaded.training[key] for key in ("network", "seed", "epochs", "lr", "pictures")} == {
        "network": repr(scene_cnn(3)),
        "seed": "7",
        "epochs": "1",
        "lr": "0.008",
        "pictures": "32",
    }
    bits, accuracy = evaluate(scene_cnn(3), loaded.weights, val_images, val_labels)
    assert loaded.training["validation bits per attribute"] == f"{bits:.6f}"
    assert loaded.training["validation accuracy"] == f"{accuracy:.6f}"


def test_training_is_repeatable(trained):
    _, _, (images, labels), _ = trained
    few = (images[:8], labels[:8])
    first, again, other = (
        train(*few, *few, seed=seed, epochs=1, report=lambda line: None)["conv1.K"] for seed in (3, 3, 4)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_step_of_momentum_by_hand(trained, monkeypatch):
    """Two steps on one batch:  v1 = g1,  w1 = w0 - a v1,  v2 = m v1 + g2,  w2 = w1 - b v2.

    The rate rises over WARMUP steps and falls by half from the first to the second: a = lr / WARMUP, b = 2 a / 2.
    """
    monkeypatch.setattr(train_cnn, "MOMENTUM", 0.5)
    _, _, (images, labels), _ = trained
    few, labels = images[:4], labels[:4]
    network, name = scene_cnn(3), "attributes.W"
    result = train(few, labels, few, labels, seed=5, epochs=2, batch=4, lr=0.1 * WARMUP, report=lambda line: None)
    w0 = initial_weights(network, np.random.default_rng(np.random.SeedSequence(5).spawn(1)[0]))
    common = labels.mean(axis=0).clip(1e-3, 1 - 1e-3)
    w0[name], w0["attributes.b"] = np.zeros_like(w0[name]), np.log(common / (1 - common)).astype(np.float32)
    g1 = {key: g + 2 * L2 * w0[key] for key, g in gradients(network, w0, few, labels, {})[1].items()}
    w1 = {key: w0[key] - 0.1 * g1[key] for key in w0}
    g2 = gradients(network, w1, few, labels, {})[1][name] + 2 * L2 * w1[name]
    assert np.allclose(result[name], w1[name] - 0.1 * (0.5 * g1[name] + g2), atol=1e-6)


def test_a_step_of_adam_by_hand(trained):
    """The first step of Adam is as long for a small gradient as for a large one:  w1 = w0 - a g / |g|."""
    _, _, (images, labels), _ = trained
    few, labels = images[:4], labels[:4]
    network, name = scene_cnn(3), "conv6.K"
    w0 = initial_weights(network, np.random.default_rng(0))
    result = train(few, labels, few, labels, seed=5, epochs=1, batch=4, lr=0.1 * WARMUP, optimiser="adam", begin=w0,
                   report=lambda line: None)  # fmt: skip
    g = gradients(network, w0, few, labels, {})[1][name]
    sure = np.abs(g) > 1e-3  # of its sign, in whatever order the pictures are added
    assert sure.mean() > 0.5
    assert np.allclose((result[name] - w0[name])[sure], -0.1 * np.sign(g[sure]), atol=1e-5)


def test_every_picture_is_seen_once_an_epoch():
    batches = list(shuffled(10, 4, np.random.default_rng(0)))
    assert [len(batch) for batch in batches] == [4, 4, 2]
    assert sorted(np.concatenate(batches)) == list(range(10))


def test_the_first_weights_keep_signals_alive():
    rng = np.random.default_rng(0)
    weights = initial_weights(scene_cnn(40), rng)
    pictures = rng.integers(0, 256, (4, 96, 96, 3), np.uint8)
    assert 0.8 < as_input(pictures).std() < 1.5
    assert 0.05 < features(pictures, weights).std() < 5
    assert all(value.dtype == np.float32 for value in weights.values())
    assert not any(value.any() for name, value in weights.items() if name.endswith(".b"))


def test_features_do_not_depend_on_the_batch(trained):
    weights, _, (images, _), _ = trained
    together, apart = features(images[:10], weights), features(images[:10], weights, batch=3)
    assert together.shape == (10, 3)
    assert together.dtype == np.float32
    assert np.allclose(together, apart, rtol=1e-4, atol=1e-3)


def test_the_file_keeps_everything_but_the_last_bits(trained, tmp_path):
    weights, *_ = trained
    path = tmp_path / "scene_cnn.npz"
    save_scene_cnn(path, SceneCnn(weights, ("red", "green", "left"), {"seed": "1"}))
    loaded = load_scene_cnn(path)
    assert loaded.attributes == ("red", "green", "left")
    assert loaded.training == {"seed": "1"}
    assert set(loaded.weights) == set(weights)
    for name, value in weights.items():
        assert loaded.weights[name].dtype == np.float32
        assert np.allclose(loaded.weights[name], value, rtol=2e-3, atol=1e-6)


def test_the_shipped_file_will_be_small(tmp_path):
    weights = initial_weights(scene_cnn(100), np.random.default_rng(0))
    save_scene_cnn(tmp_path / "x.npz", SceneCnn(weights, tuple(f"attribute {i}" for i in range(100)), {}))
    assert (tmp_path / "x.npz").stat().st_size < 1_000_000


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda arrays: arrays.pop("conv3.K"), r"\(conv3.K does not fit\)"),
        (lambda arrays: arrays.update({"conv1.b": np.zeros(7)}), r"\(conv1.b does not fit\)"),
        (lambda arrays: arrays.pop("attributes"), r"\(attributes.W does not fit\)"),
        (lambda arrays: arrays.update(attributes=np.array("ab")), r"\(attributes does not fit\)"),
        (lambda arrays: arrays.update(attributes=np.zeros(2)), r"\(attributes does not fit\)"),
        (lambda arrays: arrays.update({"conv1.b": np.full(24, np.nan)}), r"\(conv1.b does not fit\)"),
        (lambda arrays: arrays.update({"conv1.b": np.full(24, "a")}), r"\(conv1.b does not fit\)"),
        (lambda arrays: arrays.update(training=np.array("{")), r"scene_cnn\.npz:1: not JSON \(Expecting"),
        (lambda arrays: arrays.update(training=np.array('{"a": 1}')), r"training\[\"a\"\] is 1; expected a text"),
        (lambda arrays: arrays.update(training=np.array("[" * 10**5)), "not JSON of a sensible form"),
    ],
)
def test_a_file_of_another_design_is_refused(change, reason, tmp_path):
    path = tmp_path / "scene_cnn.npz"
    save_scene_cnn(path, SceneCnn(initial_weights(scene_cnn(2), np.random.default_rng(0)), ("a", "b"), {}))
    with np.load(path) as archive:
        arrays = dict(archive)
    change(arrays)
    np.savez(path, **arrays)
    with pytest.raises(UserError, match=reason):
        load_scene_cnn(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"conv1.b": np.full(24, np.nan, np.float16)}, r"\(conv1\.b does not fit\)"),
        ({"conv1.b": np.zeros(24, int)}, r"\(conv1\.b does not fit\)"),
        ({"conv1.b": np.full(24, "1")}, r"\(conv1\.b does not fit\)"),
        ({"conv1.b": np.zeros(23, np.float16)}, r"\(conv1\.b does not fit\)"),
        ({"attributes": np.array("red")}, r"\(attributes does not fit\)"),
        ({"attributes": np.array([1, 2])}, r"\(attributes does not fit\)"),
        ({"training": np.array("{")}, r"not JSON"),
        ({"training": np.array('{"seed": 1}')}, r'training\["seed"\] is 1; expected a text'),
        ({"training": np.array("[]")}, r"training is \[\]; expected an object"),
    ],
)
def test_a_file_that_is_damaged(change, message, tmp_path):
    path = tmp_path / "scene_cnn.npz"
    weights = initial_weights(scene_cnn(2), np.random.default_rng(0))
    save_scene_cnn(path, SceneCnn(weights, ("red", "green"), {"seed": "1"}))
    with np.load(path) as archive:
        arrays = dict(archive)
    np.savez(path, **{**arrays, **change})
    with pytest.raises(UserError, match=message):
        load_scene_cnn(path)
