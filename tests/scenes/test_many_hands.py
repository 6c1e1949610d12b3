"""The data set of drawings: its splits, captions true of what is seen, and pictures that are found again."""

import math

import numpy as np
import pytest

from mrnn_np.backend import choose_backend
from mrnn_np.data.captions import load_captions, open_data_set
from mrnn_np.scenes import dataset, many_hands
from mrnn_np.scenes.attributes import ATTRIBUTES, beyond_doubt
from mrnn_np.scenes.built_in import scene_features
from mrnn_np.scenes.cnn import as_input
from mrnn_np.scenes.english import caption_phrase
from mrnn_np.scenes.grammar import lengths, probability
from mrnn_np.scenes.many_hands import in_many_hands, load_drawings
from mrnn_np.scenes.train_cnn import pictures_and_labels
from mrnn_np.vision.cnn import load_cnn


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """The data set with few scenes and drawings, in a cache folder of its own."""
    kept = (dataset.load_scenes, many_hands.load_drawings, many_hands._intended)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MRNN_NP_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setattr(dataset, "SIZES", {"train": 6, "val": 2, "test": 2})
        patch.setattr(many_hands, "SIZES", {"train": 70, "drawn": 10})
        for function in kept:
            function.cache_clear()
        yield open_data_set("drawings")
    for function in kept:
        function.cache_clear()


def test_the_scenes_are_in_it_and_drawings_besides(small):
    data, scenes = small.captions(), load_captions("scenes")
    assert {split: len(names) for split, names in data.splits.items()} == {
        "train": 76,
        "val": 2,
        "test": 2,
        "drawn": 10,
    }
    for split in ("val", "test"):
        assert data.splits[split] == scenes.splits[split]
        assert data.floor(split) == scenes.floor(split)
    assert data.splits["train"][:6] == scenes.splits["train"]
    assert all(data.captions[name] == scenes.captions[name] for name in scenes.captions)


def test_no_drawing_was_to_be_of_a_scene_of_the_splits(small):
    scenes = {one.scene for split in dataset.load_scenes().values() for one in split.values()}
    assert scenes.isdisjoint(scene for scene, _ in many_hands._intended().values())


def test_what_is_said_of_a_drawing_is_true_of_what_is_seen(small):
    data = small.captions()
    for name in load_drawings():
        assert len(data.captions[name]) == 5
        for caption in data.captions[name]:
            assert {claim.verdict for claim in small.judge(name, caption)} == {"true"}


def test_some_are_nowhere_and_nobody_says_where_they_are(small):
    bare = {name: one for name, one in load_drawings().items() if not one.scene.setting}
    assert bare
    said = [small.judge(name, caption) for name, one in bare.items() for caption in one.captions]
    assert all(claim.kind != "setting" for claims in said for claim in claims)


def test_what_the_cnn_doubts_is_not_said(small):
    features, silent = small.features(), 0
    for name, one in load_drawings().items():
        likely = dict(zip(ATTRIBUTES, features.values[features.row_of[name]], strict=True))
        for thing in one.scene.things:
            if thing.colour and likely[f"{thing.colour} {thing.kind}"] <= 0.5:
                others = {other.colour for other in one.scene.things if other != thing}
                assert thing.colour in others or all(thing.colour not in caption for caption in one.captions)
                silent += 1
    assert silent > 5


def test_log2_probs_are_those_of_the_grammar_given_the_length(small):
    features = small.features()
    for name, one in load_drawings().items():
        phrase = caption_phrase(beyond_doubt(one.scene, features.values[features.row_of[name]]))
        of_length = sum(p for n, p in lengths(phrase).items() if 4 <= n <= 16)
        assert np.allclose(one.log2_probs, [math.log2(probability(phrase, c) / of_length) for c in one.captions])


def test_features_are_of_the_pictures_by_the_cnn_that_looks_at_them(small):
    features, scenes = small.features(), scene_features()
    assert features.source == scenes.source
    assert (features.values[:10] == scenes.values).all()
    cnn = load_cnn("drawings", None, choose_backend("numpy"))
    for name in ("train-drawing-00002", "drawn-drawing-00009"):
        seen = cnn.features(as_input(np.asarray(small.picture(name))[None]))[0]
        assert np.allclose(features.values[features.row_of[name]], seen, atol=1e-5)
    assert small.picture("val-0000").tobytes() == open_data_set("scenes").picture("val-0000").tobytes()


def test_pictures_do_not_depend_on_who_draws_them(monkeypatch):
    scenes = list(dataset.scene_descriptions("val").values())
    images, shown = in_many_hands(scenes[:12], seed=3, classic=4)
    monkeypatch.setattr(many_hands, "_CHUNK", 5)
    again = in_many_hands(scenes[:12], seed=3, classic=4)
    assert (images == again[0]).all()
    assert shown == again[1]
    classic, _ = pictures_and_labels(scenes[:12:4])
    assert (images[::4] == classic).all()
    assert shown[::4] == scenes[:12:4]
    assert (in_many_hands(scenes[:12], seed=4)[0] != images).any(axis=(1, 2, 3)).all()
