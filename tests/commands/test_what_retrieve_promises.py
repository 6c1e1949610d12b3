"""What `retrieve` promises: ranks by probabilities computed anew, pair by pair, and each option's difference."""

import itertools
import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from mrnn_np.data.features import Features
from mrnn_np.plots.contact_sheet import contact_sheet
from mrnn_np.training.checkpoint import load_checkpoint, save_checkpoint

TRAIN = [f"image{i:02}.jpg" for i in range(40)]
DEV = [f"image{i:02}.jpg" for i in range(40, 50)]


@pytest.fixture
def retrieve(command, opinionated, tmp_path):
    """Retrieve and return what was printed and what was written."""

    def run(*arguments):
        said = command("retrieve", "--checkpoint", opinionated, "--work", "work", "--out", "r.json", *arguments)
        return said, json.loads((tmp_path / "r.json").read_text())

    return run


def log2_table(slow, images, sentences):
    """log2 P(sentence | image), (images, sentences)."""
    return np.array([[slow.log2_prob(image, words) for words in sentences] for image in images])


def log2_mean(values):
    return np.log2(np.mean(2.0**values, axis=0))


def rank(row, right):
    """The rank of the best right one, averaged over all the places the right ones may have among equal scores."""
    best = row[right].max()
    equal = np.isclose(row, best, atol=1e-4)
    above = np.count_nonzero((row > best) & ~equal)
    places = itertools.combinations(range(np.count_nonzero(equal)), np.count_nonzero(equal & right))
    return 1 + above + np.mean([places_of_right[0] for places_of_right in places])


@pytest.fixture(scope="module")
def by_hand(slow, data):
    """The sentences of dev, and their probabilities given its images and all images of train."""
    sentences = [caption for name in DEV for caption in data.captions[name]]
    return sentences, log2_table(slow, DEV, sentences), log2_table(slow, TRAIN, sentences)


def test_ranks_in_all_directions(retrieve, by_hand):
    said, told = retrieve("--prior-images", 40)
    sentences, given_image, given_others = by_hand
    own = np.repeat(np.eye(10, dtype=bool), 2, axis=1)
    scores = {
        "image -> sentence, P(w|I) / P(w)": (given_image - log2_mean(given_others), own),
        "image -> sentence, P(w|I)": (given_image, own),
        "sentence -> image, P(w|I)": (given_image.T, own.T),
    }
    assert list(told["results"]) == list(scores)
    assert (told["images"], told["sentences"], told["prior_images"]) == (10, len(sentences), 40)
    for name, (values, right) in scores.items():
        # A sentence said of two images stands there twice, with one score: half a rank.
        found = np.array([rank(row, of_row) for row, of_row in zip(values, right, strict=True)])
        row = told["results"][name]
        assert row["mean rank"] == pytest.approx(found.mean())
        assert row["median rank"] == pytest.approx(np.median(found))
        for k in (1, 5, 10):
            assert row[f"R@{k}"] == pytest.approx((found <= k).mean())
        [line] = [line for line in said.splitlines() if line.startswith(f"{name}  ")]
        assert line.split()[-2:] == [f"{row['median rank']:.1f}", f"{row['mean rank']:.1f}"]


def test_which_images_and_sentences(retrieve, data):
    said, told = retrieve("--split", "test", "--limit", 3)
    assert (told["split"], told["images"], told["sentences"], told["prior_images"]) == ("test", 3, 6, 40)
    assert said.startswith("flickr8k test: 6 captions of 3 images, P(w) from 40 training images\n")


@pytest.mark.parametrize("option", [("--prior-images", 5), ("--prior-images", 5, "--seed", 1)])
def test_the_images_of_the_prior_are_different_ones(retrieve, slow, data, option):
    """Of 40 images in all, 40 different ones are taken, whatever the seed; of fewer, the seed says which."""
    of_all = [retrieve("--image", "image41.jpg", "--prior-images", 40, "--seed", s)[1] for s in (0, 1)]
    assert of_all[0] == of_all[1]
    _, of_few = retrieve("--image", "image41.jpg", *option)
    assert of_few != of_all[0]
    other = retrieve("--image", "image41.jpg", *option, "--seed", 7)[1]
    assert other != of_few
    assert retrieve("--image", "image41.jpg", *option)[1] == of_few


def test_sentences_for_an_image_are_ranked_by_what_the_image_adds(retrieve, by_hand):
    sentences, given_image, given_others = by_hand
    ratio = given_image[1] - log2_mean(given_others)
    texts = [" ".join(words) for words in sentences]
    order = list(dict.fromkeys(texts[i] for i in np.argsort(-ratio, kind="stable")))
    plain = list(dict.fromkeys(texts[i] for i in np.argsort(-given_image[1], kind="stable")))
    assert order[:3] != plain[:3]
    for top in (3, 8):
        said, told = retrieve("--image", "image41.jpg", "--prior-images", 40, "--top", top)
        assert [entry["caption"] for entry in told["found"]] == order[:top]
        for place, (entry, line) in enumerate(zip(told["found"], said.splitlines(), strict=True), 1):
            i = texts.index(entry["caption"])
            assert entry["log2_ratio"] == pytest.approx(ratio[i], abs=1e-3)
            assert entry["log2_prob"] == pytest.approx(given_image[1, i], abs=1e-3)
            numbers = f"log2 P(w|I)/P(w) = {entry['log2_ratio']:.1f}, log2 P(w|I) = {entry['log2_prob']:.1f}"
            assert line == f"{place}. {entry['caption']}   ({numbers})"


def test_images_for_a_sentence_are_ranked_by_its_probability(retrieve, slow, data):
    words = "the dog is red".split()
    scores = {name: slow.log2_prob(name, words) for name in DEV}
    order = sorted(DEV, key=lambda name: -scores[name])
    for top in (2, 10):
        said, told = retrieve("--query", "The dog is RED.", "--top", top)
        assert [entry["image"] for entry in told["found"]] == order[:top]
        for place, (entry, line) in enumerate(zip(told["found"], said.splitlines(), strict=True), 1):
            assert entry["log2_prob"] == pytest.approx(scores[entry["image"]], abs=1e-3)
            assert entry["caption"] == " ".join(data.captions[entry["image"]][0])
            shown = f"log2 P(w|I) = {entry['log2_prob']:.1f}"
            assert line == f"{place}. {entry['image']}   {shown}   {entry['caption']}"
    _, limited = retrieve("--query", "the dog is red", "--limit", 4)
    assert [entry["image"] for entry in limited["found"]] == [name for name in order if name in DEV[:4]]


def test_scores_of_one_model_are_not_taken_for_anothers(retrieve, command, opinionated, tmp_path):
    """In one folder of work: the numbers do not depend on what was kept there before."""
    first = retrieve()[1]["results"]
    checkpoint = load_checkpoint(opinionated)
    theta = checkpoint.params.theta * np.float32(0.9)
    save_checkpoint(tmp_path / "other.npz", replace(checkpoint, params=checkpoint.params.with_theta(theta)))
    other = ("--checkpoint", "other.npz", "--out", "o.json")
    for more in (("--work", "work"), ("--work", "new"), ("--work", "work", "--split", "test"), ("--split", "test")):
        command("retrieve", *other, *more)
        results = json.loads((tmp_path / "o.json").read_text())["results"]
        assert results != first
        command("retrieve", *other, *more, "--work", f"work of {more}")
        assert json.loads((tmp_path / "o.json").read_text())["results"] == results
    assert retrieve()[1]["results"] == first


def test_the_sheet_shows_what_was_found(retrieve, monkeypatch, tmp_path):
    """Each picture with its place and its caption, the best first, at most five in a row."""
    (tmp_path / "photos").mkdir()
    for number in range(40, 50):
        Image.new("RGB", (40, 30), (number, 0, 0)).save(tmp_path / "photos" / f"image{number}.jpg", quality=100)
    shown = []

    def drawn(panels, columns):
        shown.append((panels, columns))
        return contact_sheet(panels, columns)

    monkeypatch.setattr("mrnn_np.retrieve.contact_sheet", drawn)
    for top, columns in ((3, 3), (7, 5)):
        sheet = ("--top", top, "--sheet", "s.png", "--pictures", "photos")
        _, told = retrieve("--query", "the dog is red", *sheet)
        panels, there = shown.pop()
        assert there == columns
        for place, (panel, entry) in enumerate(zip(panels, told["found"], strict=True), 1):
            red = np.asarray(panel.picture)[..., 0].mean()
            assert red == pytest.approx(int(entry["image"][5:7]), abs=2)
            [line] = panel.lines
            assert " ".join(word for word, _ in line) == f"{place}. {entry['caption']}"
        with Image.open(tmp_path / "s.png") as picture:
            assert picture.format == "PNG"


def test_a_photograph_is_seen_by_the_cnn_that_is_named(retrieve, slow, monkeypatch, tmp_path):
    asked = []

    def features_of(source, paths, backend, cnn, weights):
        asked.append((dict(source), list(paths), backend.name, cnn, weights))
        return Features(tuple(paths), slow.features["image41.jpg"][None], "a photograph", {})

    monkeypatch.setattr("mrnn_np.vision.photographs.photograph_features", features_of)
    (tmp_path / "mine.png").write_bytes(b"")
    named = ("--cnn", "alexnet", "--weights", "w.npz", "--prior-images", 40)
    _, told = retrieve("--image", "mine.png", *named)
    assert asked == [({}, ["mine.png"], "numpy", "alexnet", "w.npz")]
    assert told["image"] == "mine.png"
    assert told["found"] == retrieve("--image", "image41.jpg", "--prior-images", 40)[1]["found"]
    # A file that is called as an image of the features is not looked at.
    (tmp_path / "image41.jpg").write_bytes(b"")
    assert retrieve("--image", "image41.jpg", "--prior-images", 40)[1]["found"] == told["found"]
    assert len(asked) == 1


def test_how_many_images_are_looked_at_together_does_not_matter(retrieve, monkeypatch):
    whole, table = retrieve("--query", "the dog is red", "--top", 10)[1], retrieve()[1]
    monkeypatch.setattr("mrnn_np.retrieve.QUERY_IMAGES", 3)
    monkeypatch.setattr("mrnn_np.evaluation.kept_scores.IMAGES", 3)
    in_parts = retrieve("--query", "the dog is red", "--top", 10)[1]
    assert [entry["image"] for entry in in_parts["found"]] == [entry["image"] for entry in whole["found"]]
    assert retrieve("--work", "another")[1]["results"] == table["results"]
