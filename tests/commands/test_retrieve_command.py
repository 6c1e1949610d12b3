"""The retrieval command: both directions, a query by sentence and by image, and what it refuses."""

import json
import os
import re
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from mrnn_np import retrieve
from mrnn_np.data.features import Features
from mrnn_np.errors import UserError
from mrnn_np.vision.pictures import picture_of

THINGS, COLOURS = ("dog", "boat", "man"), ("red", "blue")


def train(data, out, *more):
    """Train a small model on the tiny data set."""
    small = "--d-e 6 --d-w 8 --d-m 10 --min-count 1 --batch-size 16 --lr 0.05 --warmup 5 --epochs 30"
    small += " --dropout-e 0 --dropout-r 0 --dropout-m 0 --dropout-I 0"
    command = [sys.executable, "-m", "mrnn_np.train", "--data", f"flickr8k:{data}", "--out", out, *small.split(), *more]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    subprocess.run(command, check=True, capture_output=True, env=environment)
    return out / "best.npz"


@pytest.fixture(scope="module")
def trained(tiny_flickr8k, tmp_path_factory):
    """A checkpoint of a model that has learnt the tiny data set."""
    return train(tiny_flickr8k, tmp_path_factory.mktemp("trained") / "run")


def refused(done, message):
    """Whether the command ended with exit status 2 and just this one line."""
    return (done.returncode, done.stderr) == (2, f"error: {message}\n")


def test_both_directions(run, trained, tmp_path):
    arguments = ("--checkpoint", trained, "--prior-images", 30, "--out", "found.json", "--work", "work")
    done = run("retrieve", *arguments)
    assert done.returncode == 0, done.stderr
    note = "scores are kept in work; the same command goes on where it was stopped\n"
    assert done.stderr == note
    title, head, *rows = done.stdout.splitlines()
    assert title == "flickr8k dev: 20 captions of 10 images, P(w) from 30 training images"
    assert head.split() == ["R@1", "R@5", "R@10", "median", "rank", "mean", "rank"]
    written = json.loads((tmp_path / "found.json").read_text())
    assert (written["images"], written["sentences"], written["prior_images"]) == (10, 20, 30)
    assert [row[:34].strip() for row in rows] == list(written["results"])
    for row, values in zip(rows, written["results"].values(), strict=True):
        recall = [f"{values[key]:.1%}" for key in ("R@1", "R@5", "R@10")]
        assert row[34:].split() == [*recall, f"{values['median rank']:.1f}", f"{values['mean rank']:.1f}"]
        # Two or so of the ten images share what is said about them.
        assert values["mean rank"] < 2.5
        assert values["R@5"] == 1
    divided, plain = list(written["results"].values())[:2]
    assert divided["mean rank"] <= plain["mean rank"]

    files = sorted((tmp_path / "work").iterdir())
    assert len(files) == 2
    before = [file.read_bytes() for file in files]
    again = run("retrieve", *arguments)
    assert (again.returncode, again.stdout) == (0, done.stdout)
    assert [file.read_bytes() for file in files] == before


def test_limit_and_split(run, trained):
    done = run("retrieve", "--checkpoint", trained, "--split", "test", "--limit", 4, "--prior-images", 99)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == "flickr8k test: 8 captions of 4 images, P(w) from 40 training images"
    assert len(list((trained.parent / "retrieval").glob("scores-*.npy"))) == 2


def test_query_and_its_sheet(run, trained, tmp_path):
    (tmp_path / "photos").mkdir()
    for i in range(40, 50):
        Image.new("RGB", (40, 30), (i, 0, 0)).save(tmp_path / "photos" / f"image{i}.jpg")
    query = ("--query", "The boat is blue.", "--top", 2, "--out", "q.json", "--sheet", "s.png", "--pictures", "photos")
    done = run("retrieve", "--checkpoint", trained, *query)
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads((tmp_path / "q.json").read_text())["found"]
    assert [line.split()[1] for line in done.stdout.splitlines()] == [entry["image"] for entry in found]
    assert len(found) == 2
    for entry in found:
        i = int(entry["image"][5:7])
        # The model has learnt at least what the boat looks like.
        assert THINGS[i % 3] == "boat"
    assert found[0]["log2_prob"] >= found[1]["log2_prob"]
    assert COLOURS[int(found[0]["image"][5:7]) // 3 % 2] == "blue"
    with Image.open(tmp_path / "s.png") as sheet:
        assert sheet.format == "PNG"
        assert sheet.width > 400


def test_query_with_an_unknown_word(run, trained):
    done = run("retrieve", "--checkpoint", trained, "--query", "a red zebra")
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 5)
    assert done.stderr == "not in the model's vocabulary, so any unknown word to it: zebra\n"


def test_image_by_name(run, trained, tmp_path):
    done = run("retrieve", "--checkpoint", trained, "--image", "image03.jpg", "--top", 2, "--out", "i.json")
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "i.json").read_text())["found"]
    # Image 3 is a blue dog.
    assert all({"dog", "blue"} <= set(entry["caption"].split()) for entry in found)
    assert len({entry["caption"] for entry in found}) == 2
    assert found[0]["log2_ratio"] >= found[1]["log2_ratio"] > 0 > found[0]["log2_prob"]
    assert f"1. {found[0]['caption']}   (" in done.stdout


def test_a_photograph_goes_through_the_cnn(trained, tiny_flickr8k, monkeypatch, tmp_path, capsys):
    with np.load(tiny_flickr8k / "features.npz") as archive:
        values = archive["features"][3:4]
    asked = []

    def photograph_features(source, paths, backend, cnn, weights):
        asked.append((source, list(paths), backend.name, cnn, weights))
        return Features(("p.jpg",), values, "p.jpg")

    monkeypatch.setattr("mrnn_np.vision.photographs.photograph_features", photograph_features)
    (tmp_path / "p.jpg").write_bytes(b"")
    command = [
        "retrieve",
        "--checkpoint",
        str(trained),
        "--work",
        str(tmp_path),
        "--cnn",
        "that-cnn",
        "--weights",
        "weights.npz",
    ]
    printed = []
    for image in (str(tmp_path / "p.jpg"), "image03.jpg"):
        monkeypatch.setattr(sys, "argv", [*command, "--image", image])
        assert retrieve.main() == 0
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1]
    assert asked == [({}, [str(tmp_path / "p.jpg")], "numpy", "that-cnn", "weights.npz")]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--limit", 0), "--limit is 0; it must be 1 or more"),
        (("--prior-images", 0), "--prior-images is 0; it must be 1 or more"),
        (("--top", 0), "--top is 0; it must be 1 or more"),
        (("--seed", -1), "--seed is -1; it must be 0 or more"),
        (("--top", 3), "--top is about --query and --image; leave it out, or add --query"),
        (("--query", "a", "--pictures", "photos"), "--pictures is about --sheet; leave it out, or add --sheet"),
        (
            ("--query", "a", "--seed", 1, "--prior-images", 9),
            "--query ranks by P(w given I) alone, without P(w); leave --prior-images and --seed out",
        ),
        (("--sheet", "s.png"), "--sheet is about --query; leave it out, or add --query"),
        (("--query", "a", "--sheet", "s.png"), "--sheet needs the photographs; name their folder with --pictures DIR"),
        (("--weights", "w.npz"), "--weights is about --image; leave it out, or add --image"),
        (("--query", "a", "--image", "b"), "argument --image: not allowed with argument --query; see --help"),
        (("--query", "?!"), "--query: '?!' holds no word; give a sentence as \"a dog runs\""),
        (("--split", "night"), "flickr8k: split 'night' was asked for; expected one of train, dev, test"),
    ],
)
def test_bad_arguments(arguments, message, run, trained):
    assert refused(run("retrieve", "--checkpoint", trained, *arguments), message)


def test_a_photograph_that_is_not_there(run, trained):
    done = run("retrieve", "--checkpoint", trained, "--query", "a dog", "--sheet", "s.png", "--pictures", "no")
    assert done.returncode == 2
    assert re.fullmatch(r"error: no/image4\d\.jpg: no such file; check the name\n", done.stderr)


def test_an_image_that_is_not_there(run, trained, tiny_flickr8k):
    message = f"--image x.jpg: is neither a file nor the name of an image in {tiny_flickr8k / 'features.npz'}"
    assert refused(run("retrieve", "--checkpoint", trained, "--image", "x.jpg"), message)


def test_features_of_another_width(run, trained, tiny_flickr8k, tmp_path):
    names = np.array([f"image{i:02}.jpg" for i in range(60)])
    np.savez(tmp_path / "wide.npz", features=np.ones((60, 4096), np.float32), names=names)
    message = "features: wide.npz holds 4096 columns but the checkpoint was trained on 8; extract with the same CNN"
    assert refused(run("retrieve", "--checkpoint", trained, "--features", "wide.npz"), message)


def test_a_model_that_sees_no_image(run, tiny_flickr8k, tmp_path):
    blind = train(tiny_flickr8k, tmp_path / "blind", "--epochs", "1", "--model", "rnn-base")
    message = f"{blind}: is RNN-Base, which never sees an image; retrieval needs an m-RNN"
    assert refused(run("retrieve", "--checkpoint", blind), message)


def test_data_elsewhere(run, trained, tiny_flickr8k, tmp_path):
    for file in tiny_flickr8k.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    arguments = ("--checkpoint", trained, "--limit", 3, "--work", "w")
    there = run("retrieve", *arguments)
    here = run("retrieve", *arguments, "--data", f"flickr8k:{tmp_path}")
    assert (here.returncode, here.stdout) == (0, there.stdout)


@pytest.mark.parametrize("name", ["../secret.png", "a/../../secret.png", "{outside}/secret.png", ".."])
def test_the_sheet_stays_in_the_folder_of_photographs(name, tmp_path):
    Image.new("RGB", (40, 40)).save(tmp_path / "secret.png")
    (tmp_path / "photos/a").mkdir(parents=True)
    name = name.format(outside=tmp_path)
    with pytest.raises(UserError, match=r"^--sheet: the image '.*' is not in the folder .*photos; correct its name$"):
        picture_of(name, tmp_path / "photos", None, "--sheet", "--pictures")


def test_the_sheet_opens_what_is_in_folders_of_the_folder(tmp_path):
    (tmp_path / "photos/a").mkdir(parents=True)
    Image.new("RGB", (40, 30)).save(tmp_path / "photos/a/b..png")
    assert picture_of("a/b..png", tmp_path / "photos", None, "--sheet", "--pictures").size == (40, 30)
