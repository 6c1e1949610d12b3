"""The inspecting command: what it says of good data, its exit status for bad data, and its histograms."""

import csv
import json
import unicodedata

import numpy as np
from PIL import Image

from mrnn_np import inspect


def test_good_data(run, tiny_flickr8k, tmp_path):
    done = run("inspect", "--data", f"flickr8k:{tiny_flickr8k}", "--min-count", 2, "--out", "look")
    assert (done.returncode, done.stderr) == (0, "")
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert lines[2] == "split images captions an image different words: mean median most"
    assert lines[3].startswith("train 40 80 2-2 ")
    assert "1 times: 11 words train 100.0% dev 100.0% test 100.0%" in lines
    assert "60 images x 8 numbers, float16" in lines
    assert "dev 10 of 10 images have features" in lines
    assert "rows with NaN or infinity: 0; all zero: 0; with the numbers of an earlier row: 0" in lines
    assert "columns that hold one number in all rows: 0 of 8" in lines
    with Image.open(tmp_path / "look" / "histograms.png") as picture:
        assert picture.format == "PNG"


def test_bad_features(run, tiny_flickr8k, tmp_path):
    with np.load(tiny_flickr8k / "features.npz") as archive:
        features = archive["features"]
        features[3], features[5] = np.nan, 0
        np.savez(tmp_path / "bad.npz", features=features, names=archive["names"], source=json.dumps({"cnn": "tiny"}))
    done = run("inspect", "--data", f"flickr8k:{tiny_flickr8k}", "--features", "bad.npz", "--min-count", 1)
    assert (done.returncode, done.stderr) == (1, "")
    assert "float16; cnn tiny" in done.stdout
    assert "rows with NaN or infinity: 1; all zero: 1; with" in done.stdout
    assert (
        "MISTAKE: 1 of 60 images have NaN or infinity in their features, the first is 'image03.jpg'; extract "
        "them again\n"
        "MISTAKE: 1 of 60 images have features that are all zero; their extraction failed, the first is 'image05.jpg'\n"
    ) in done.stdout
    assert done.stdout.endswith("training on this would be a mistake\n")


def test_captions_alone(run, tmp_path):
    with open(tmp_path / "mine.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["image", "caption", "split"])
        writer.writerows([f"{i}.jpg", f"A dog number {i}", "train"] for i in range(9))
    done = run("inspect", "--data", "csv:mine.csv", "--out", "look")
    assert (done.returncode, done.stderr) == (1, "")
    assert "no features; name their file with --features F" in done.stdout
    assert "MISTAKE: there is no dev or val split, only train; give one" in done.stdout
    assert (tmp_path / "look" / "histograms.png").exists()


def test_without_a_train_split(run, tmp_path):
    (tmp_path / "mine.csv").write_text("image,caption,split\na,A dog,val\n")
    np.savez(tmp_path / "features.npz", a=np.ones(3))
    done = run("inspect", "--data", "csv:mine.csv")
    assert (done.returncode, done.stderr) == (1, "")
    assert "MISTAKE: there is no train split, only val; give one" in done.stdout


def test_refused(run, tmp_path):
    (tmp_path / "mine.csv").write_text("image,caption\na,A dog\n")
    (tmp_path / "file").write_text("")
    np.savez(tmp_path / "ints.npz", features=np.ones((1, 3), int), names=["a"])
    for arguments, message in (
        (("--min-count", 0), "--min-count is 0; it must be 1 or more"),
        (("--features", "none.npz"), "none.npz: cannot be read (No such file or directory)"),
        (("--features", "ints.npz"), "ints.npz: features are int64; expected float16, float32 or float64"),
        (("--out", "file"), "--out: file cannot be made (File exists)"),
    ):
        done = run("inspect", "--data", "csv:mine.csv", *arguments)
        assert (done.returncode, done.stderr) == (2, f"error: {message}\n")
    assert run("inspect").returncode == 2


def test_one_thing_under_two_spellings_is_one_thing(tmp_path, monkeypatch, capsys):
    """Splits and images in all their spellings: none vanishes, none counts twice, each has its features."""
    splits = ["train", "Train", "TRAIN", "Training"] * 5 + ["val", "Validation", "VALID"]
    images = [f"ordn\u00e9{i}/bild {i}.jpg" for i in range(len(splits))]
    spellings = (
        lambda name: name,
        lambda name: unicodedata.normalize("NFD", name),
        lambda name: name.replace("/", "\\"),
        lambda name: f"./{name} ",
    )
    rows = [
        [spell(image), f"A {'red' if i % 2 else 'blue'} dog number {i % 5} {'runs' if k else 'sits'}", split]
        for i, (image, split) in enumerate(zip(images, splits, strict=True))
        for k, spell in enumerate((spellings[i % 4], spellings[i // 4 % 4]))
    ]
    with open(tmp_path / "mine.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["image", "caption", "split"], *rows])
    names = [spellings[(i + 1) % 4](image) for i, image in enumerate(images)]
    np.savez(tmp_path / "features.npz", features=np.random.default_rng(0).normal(size=(len(names), 4)), names=names)
    monkeypatch.setattr("sys.argv", ["inspect", "--data", f"csv:{tmp_path / 'mine.csv'}", "--min-count", "1"])
    status = inspect.main()
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert [line.split()[:4] for line in lines if line.startswith(("train", "val"))][:2] == [
        ["train", "20", "40", "2-2"],
        ["val", "3", "6", "2-2"],
    ]
    assert "train 20 of 20 images have features" in lines
    assert "val 3 of 3 images have features" in lines
    assert "0 rows are of images in no split or without captions" in lines
    assert (status, lines[-1]) == (0, "nothing speaks against training on this")
