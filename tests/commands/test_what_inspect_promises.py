"""What `inspect` promises: every number it prints, counted by hand, and a status that follows from its findings."""

import csv
import json

import numpy as np
import pytest
from by_hand import in_process

from mrnn_np import inspect

CAPTIONS = {
    "train": {
        **{f"t{i}": ("a dog runs fast", "a dog sits", f"the dog number {i % 3}") for i in range(6)},
        "once": ("a very very long day ends",),
    },
    "val": {"v0": ("a dog runs", "the cat"), "v1": ("the dog sits down",)},
}
EXTRA = ("somebody", "elses", "images")
"""Images with features but in no split."""


@pytest.fixture
def folder(tmp_path):
    """Captions and features each of whose numbers is another."""
    with open(tmp_path / "mine.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["image", "caption", "split"])
        for split, images in CAPTIONS.items():
            writer.writerows((image, text, split) for image, texts in images.items() for text in texts)
    names = [*CAPTIONS["train"], "v0", *EXTRA]
    values = np.random.default_rng(0).normal(size=(len(names), 5)).astype(np.float32)
    values[:, 2], values[:, 4] = 1.5, 0
    values[names.index("images")] = values[names.index("elses")]
    values[names.index("somebody")] = np.nan
    np.savez(tmp_path / "f.npz", features=values, names=names, source=json.dumps({"cnn": "mine"}))
    return tmp_path


@pytest.fixture
def lines(folder, monkeypatch, capsys):
    """What the command says, each run of spaces as one, and its exit status."""

    def run(*arguments, status):
        monkeypatch.chdir(folder)
        monkeypatch.setattr("sys.argv", ["inspect", "--data", "csv:mine.csv", *map(str, arguments)])
        assert inspect.main() == status
        return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]

    return run


def test_the_captions(lines):
    found = lines("--min-count", 1, status=1)
    for split, images in CAPTIONS.items():
        texts = [text for of_image in images.values() for text in of_image]
        per_image, lengths = [len(of_image) for of_image in images.values()], [len(text.split()) for text in texts]
        numbers = f"{len(images)} {len(texts)} {min(per_image)}-{max(per_image)} {len(set(texts))}"
        assert f"{split} {numbers} {np.mean(lengths):.1f} {np.median(lengths):.0f} {max(lengths)}" in found


def test_the_vocabulary_for_each_least_count(lines):
    found = lines("--min-count", 1, status=1)
    words = {
        split: [word for texts in images.values() for text in texts for word in text.split()]
        for split, images in CAPTIONS.items()
    }
    for least in (1, 2, 3, 5, 10):
        known = {word for word in words["train"] if words["train"].count(word) >= least}
        shares = [f"{split} {np.mean([word in known for word in said]):.1%}" for split, said in words.items()]
        assert f"{least} times: {len(known)} words {' '.join(shares)}" in found


def test_the_features(lines, folder):
    found = lines("--features", "f.npz", "--min-count", 1, status=1)
    with np.load(folder / "f.npz") as archive:
        values = archive["features"]
    norms = np.sort(np.linalg.norm(values[np.isfinite(values).all(axis=1)], axis=1))
    for line in (
        "11 images x 5 numbers, float32; cnn mine",
        "train 7 of 7 images have features",
        "val 1 of 2 images have features",
        "3 rows are of images in no split or without captions",
        f"norms: {norms[0]:.3g} to {norms[-1]:.3g}, median {np.median(norms):.3g}",
        "rows with NaN or infinity: 1; all zero: 0; with the numbers of an earlier row: 1",
        "columns that hold one number in all rows: 2 of 5",
    ):
        assert line in found
    assert any(line.startswith("MISTAKE: 1 of 2 images in val have no features; 'v1' is one") for line in found)
    assert found[-1] == "training on this would be a mistake"


def test_the_least_count_is_the_one_asked_for(lines):
    assert not any("no word is said" in line for line in lines("--min-count", 1, status=1))
    assert "MISTAKE: no word is said 90 times in train; lower --min-count" in lines("--min-count", 90, status=1)
    assert any("--min-count 5" in line for line in lines(status=1))


def test_features_beside_the_captions_are_found(lines, folder):
    assert "no features; name their file with --features F" in lines(status=1)
    (folder / "f.npz").rename(folder / "features.npz")
    assert "11 images x 5 numbers, float32; cnn mine" in lines(status=1)


def test_mistakes_stand_before_notes_and_decide_the_status(tiny_flickr8k, tmp_path, lines):
    found = lines("--min-count", 3, status=1)
    kinds = [line.split(":")[0] for line in found if line.startswith(("MISTAKE", "note"))]
    assert kinds == sorted(kinds)
    assert set(kinds) == {"MISTAKE", "note"}
    good = in_process(tmp_path, "inspect", "--data", f"flickr8k:{tiny_flickr8k}", "--min-count", 1)
    assert good.endswith("nothing speaks against training on this\n")
    assert "MISTAKE" not in good
