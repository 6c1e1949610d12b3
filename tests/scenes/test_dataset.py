"""The data set of scenes: its splits, its captions and their probabilities, and the file it is kept in."""

import math

import numpy as np
import pytest

from mrnn_np.data.captions import load_captions, open_data_set
from mrnn_np.errors import UserError
from mrnn_np.scenes import dataset
from mrnn_np.scenes.english import caption_phrase
from mrnn_np.scenes.grammar import lengths, probability
from mrnn_np.scenes.render import render
from mrnn_np.scenes.truth import judge


@pytest.fixture(scope="module")
def few():
    return dataset.generate({"train": 60, "val": 20}, seed=3)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache folder for a small data set."""
    monkeypatch.setenv("MRNN_NP_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(dataset, "SIZES", {"train": 6, "val": 2, "test": 2})
    dataset.load_scenes.cache_clear()
    yield tmp_path / "cache"
    dataset.load_scenes.cache_clear()


def test_no_two_scenes_are_alike(few):
    scenes = [one.scene for split in few.values() for one in split.values()]
    assert len(set(scenes)) == len(scenes) == 80
    assert list(few["val"])[:2] == ["val-0000", "val-0001"]


def test_five_different_captions_of_four_to_sixteen_words(few):
    for split in few.values():
        for one in split.values():
            assert len(set(one.captions)) == 5
            assert all(4 <= len(caption) <= 16 for caption in one.captions)


def test_log2_probs_are_those_of_the_grammar_given_the_length(few):
    for one in few["val"].values():
        phrase = caption_phrase(one.scene)
        of_length = sum(p for n, p in lengths(phrase).items() if 4 <= n <= 16)
        expected = [math.log2(probability(phrase, caption) / of_length) for caption in one.captions]
        assert np.allclose(one.log2_probs, expected)
        assert max(one.log2_probs) < 0


def test_the_seed_decides(few):
    assert dataset.generate({"train": 60, "val": 20}, seed=3) == few
    assert dataset.generate({"train": 60, "val": 20}, seed=4)["val"] != few["val"]


def test_what_is_kept_is_what_was_made(cache):
    made = dataset.load_scenes()
    assert [path.name for path in cache.iterdir()] == [f"scenes-{dataset.VERSION}.json"]
    dataset.load_scenes.cache_clear()
    assert dataset.load_scenes() == made
    assert {split: len(scenes) for split, scenes in made.items()} == {"train": 6, "val": 2, "test": 2}


def test_a_damaged_file_is_made_anew(cache):
    made = dataset.load_scenes()
    path = cache / f"scenes-{dataset.VERSION}.json"
    whole = path.read_bytes()
    flipped = bytearray(whole)
    flipped[whole.index(b'"day"')] ^= 1
    of_other_lines = [b"", b"[]", b"\n", whole.partition(b"\n")[2], whole.replace(b"1", b"2"), b"[" * 100_000]
    for found in (*of_other_lines, whole[:-1], whole + b" ", bytes(flipped)):
        path.write_bytes(found)
        dataset.load_scenes.cache_clear()
        assert dataset.load_scenes() == made
        assert path.read_bytes() == whole


def test_a_cache_folder_that_cannot_be_made(cache):
    cache.write_text("a file")
    with pytest.raises(UserError, match=r"cache: cannot be made \(File exists\); name another folder in MRNN_NP_CACHE"):
        dataset.load_scenes()


def test_a_cache_folder_that_cannot_be_written(cache):
    path = cache / f"scenes-{dataset.VERSION}.json"
    path.mkdir(parents=True)
    with pytest.raises(UserError, match=r"json: cannot be written \(.*\); name another folder in MRNN_NP_CACHE"):
        dataset.load_scenes()


def test_a_user_without_a_home(cache, monkeypatch):
    def nowhere():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("MRNN_NP_CACHE")
    monkeypatch.setattr(dataset.Path, "home", nowhere)
    with pytest.raises(UserError, match=r"^~/\.cache: nobody says where ~ is; name a folder .* in MRNN_NP_CACHE$"):
        dataset.load_scenes()


def test_as_captions_of_a_data_set(cache):
    data, scenes = load_captions("scenes"), dataset.load_scenes()
    assert data.splits["val"] == tuple(scenes["val"])
    assert data.captions["val-0000"] == scenes["val"]["val-0000"].captions
    words = sum(len(caption) + 1 for one in scenes["test"].values() for caption in one.captions)
    assert data.floor("test") == pytest.approx(-sum(sum(one.log2_probs) for one in scenes["test"].values()) / words)
    assert dataset.scene_descriptions("val")["val-0001"] == scenes["val"]["val-0001"].scene


def test_as_a_data_set_that_judges_and_draws(cache):
    data_set = open_data_set("scenes")
    every = {name: one.scene for split in dataset.load_scenes().values() for name, one in split.items()}
    for name, scene in every.items():
        words = ("a", "red", "boat", "sails", "in", "the", "snow")
        assert data_set.judge(name, words) == judge(words, scene)
        assert data_set.picture(name) == render(scene, 96)
        assert data_set.picture(name, 50) == render(scene, 50)
        for caption in data_set.captions().captions[name]:
            assert {claim.verdict for claim in data_set.judge(name, caption)} == {"true"}
