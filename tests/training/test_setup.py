"""What a run is made of: which features it may see, and what it must not go on without."""

from dataclasses import replace

import numpy as np
import pytest

from mrnn_np.data.features import Features
from mrnn_np.errors import UserError
from mrnn_np.training.config import Config, config_of
from mrnn_np.training.setup import image_reader, new_run, read_sources, resumed_run

SMALL = {"d_e": 4, "d_w": 5, "d_m": 6, "min_count": 1}


@pytest.fixture
def run(tiny_flickr8k):
    return new_run(Config(data=f"flickr8k:{tiny_flickr8k}", **SMALL))


def features(width=8, **source):
    values = np.random.default_rng(0).normal(size=(3, width)).astype(np.float32)
    return Features(("a", "b", "c"), values, "f.npz", source)


def test_features_are_standardised_as_in_training(run):
    some, scale = features(), run.checkpoint.standardiser
    found = image_reader(run.checkpoint, some)(np.array([2, 0]))
    assert found == pytest.approx((some.values[[2, 0]] - scale.mean) / scale.scale, rel=1e-5)
    assert found.dtype == np.float32


def test_what_the_model_sees_of_train_is_centred_and_of_the_size_that_was_chosen(run):
    seen = run.train_set.read_images(np.unique(run.train_set.images)).astype(np.float64)
    assert seen.mean(axis=0) == pytest.approx(np.zeros(8), abs=1e-5)
    assert np.sqrt((seen**2).mean()) == pytest.approx(0.4, rel=1e-4)


@pytest.mark.parametrize(
    ("source", "other", "complaint"),
    [
        ({"cnn": "vgg16"}, {"cnn": "vgg19"}, "f.npz: cnn is 'vgg19'; the checkpoint was trained on 'vgg16'"),
        (
            {"cnn": "a", "weights": "1"},
            {"cnn": "a", "weights": "2"},
            "weights is '2'; the checkpoint was trained on '1'",
        ),
        ({"cnn": "vgg16"}, {}, None),
        ({}, {"cnn": "vgg19"}, None),
        ({"cnn": "a"}, {"cnn": "a", "layer": "fc7"}, None),
    ],
)
def test_features_of_another_cnn_of_equal_width_are_refused(run, source, other, complaint):
    checkpoint = replace(run.checkpoint, source=source)
    if complaint is None:
        image_reader(checkpoint, features(**other))
    else:
        with pytest.raises(UserError, match=complaint):
            image_reader(checkpoint, features(**other))


def test_features_of_another_width_are_refused(run):
    with pytest.raises(UserError, match=r"f\.npz holds 9 columns but the checkpoint was trained on 8"):
        image_reader(run.checkpoint, features(9))
    with pytest.raises(UserError, match="this model looks at images; name their features"):
        image_reader(run.checkpoint, None)


def test_a_new_run_says_where_its_features_came_from(tiny_flickr8k, tmp_path):
    with np.load(tiny_flickr8k / "features.npz") as archive:
        np.savez(tmp_path / "f.npz", **archive, source='{"cnn": "mine"}')
    run = new_run(Config(data=f"flickr8k:{tiny_flickr8k}", features=str(tmp_path / "f.npz"), **SMALL))
    assert run.checkpoint.source == {"cnn": "mine"}


def test_rnn_base_needs_no_features_but_counts_all_captions(tiny_flickr8k, tmp_path):
    for file in tiny_flickr8k.glob("*.txt"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    run = new_run(Config(data=f"flickr8k:{tmp_path}", image_enters="none", **SMALL))
    assert (run.checkpoint.source, len(run.checkpoint.standardiser.mean)) == ({}, 0)
    assert run.sources.notes[1] == "no features"
    assert len(run.train_set.sentences) == 80
    with pytest.raises(UserError, match=r"features\.npz: cannot be read"):
        new_run(Config(data=f"flickr8k:{tmp_path}", **SMALL))


@pytest.mark.parametrize(
    ("changed", "row"),
    [("train features", 7), ("train features", 39), ("dev features", 44), ("train captions", 3), ("dev captions", 41)],
)
def test_a_run_does_not_go_on_with_other_data(tiny_flickr8k, tmp_path, changed, row):
    for file in tiny_flickr8k.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    checkpoint = new_run(Config(data=f"flickr8k:{tmp_path}", **SMALL)).checkpoint
    resumed_run(checkpoint)
    if changed.endswith("captions"):
        file = tmp_path / "Flickr8k.token.txt"
        file.write_text(file.read_text().replace(f"image{row:02}.jpg#1\tThe", f"image{row:02}.jpg#1\tA"))
    else:
        with np.load(tmp_path / "features.npz") as archive:
            values, names = archive["features"].copy(), archive["names"]
        values[row, 3] += 1
        np.savez(tmp_path / "features.npz", features=values, names=names)
    with pytest.raises(UserError, match="or its features changed since; start a new run"):
        resumed_run(checkpoint)


def test_notes_count_what_was_read(tiny_flickr8k, tmp_path):
    with np.load(tiny_flickr8k / "features.npz") as archive:
        np.savez(tmp_path / "f.npz", features=archive["features"][3:], names=archive["names"][3:])
    notes = read_sources(Config(data=f"flickr8k:{tiny_flickr8k}", features=str(tmp_path / "f.npz"))).notes
    assert (
        f"flickr8k:{tiny_flickr8k}: 74 captions of 37 images to learn from, 20 captions of 10 images (dev)" in notes[0]
    )
    assert notes[1].endswith("f.npz: 57 images x 8 numbers")
    assert notes[2].startswith("train: 3 of 40 images have no row in")


def test_what_is_not_typed_follows_from_model_data_and_optimiser():
    assert config_of({}).lr == config_of({"data": "scenes"}).lr == 0.3
    assert config_of({"data": "flickr8k:x"}).lr == 0.1
    assert config_of({"data": "flickr8k:x", "optimiser": "adam"}).lr == 0.001
    assert config_of({"optimiser": "adam", "lr": 0.5}).lr == 0.5
    assert config_of({"model": "deepvs", "scale": 0.5, "d_e": 7}) == replace(
        config_of({"model": "deepvs", "scale": 0.5}), d_e=7
    )
    assert config_of({"model": "deepvs", "scale": 0.5}).d_w == 150
    scenes = config_of({"data": "scenes"})
    assert (scenes.dropout_e, scenes.dropout_r, scenes.dropout_m, scenes.dropout_I) == (0.1, 0.1, 0.1, 0.05)
    assert (scenes.epochs, scenes.l2) == (20, 2e-5)
