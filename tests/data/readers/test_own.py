"""People's own tables and JSON lines: with splits and without, and everything that goes wrong in them."""

import json
from pathlib import Path

import pytest

from mrnn_np.data.captions import load_captions
from mrnn_np.data.readers.own import read_csv, read_jsonl
from mrnn_np.errors import UserError

CSV = (
    'Split, image ,caption,note\ntrain,a.jpg,"A dog, running",x\nvalid,b.jpg,"A ""cat""",\ntrain,a.jpg,"Two\nlines",\n'
)


def test_csv_with_splits(tmp_path: Path):
    path = tmp_path / "mine.csv"
    path.write_bytes(b"\xef\xbb\xbf" + CSV.encode().replace(b"\n", b"\r\n"))
    data = load_captions(f"csv:{path}")
    assert data.splits == {"train": ("a.jpg",), "val": ("b.jpg",)}
    assert data.captions == {"a.jpg": (("a", "dog", "running"), ("two", "lines")), "b.jpg": (("a", "cat"),)}
    assert data.notes == ()


def test_csv_as_kaggle_has_flickr8k(tmp_path: Path):
    path = tmp_path / "captions.txt"
    path.write_text(
        "image,caption\n" + "".join(f'{i}.jpg,A dog .\n{i}.jpg,"""A"" dog , he runs ."\n' for i in range(10))
    )
    data = load_captions(f"csv:{path}")
    assert {split: len(images) for split, images in data.splits.items()} == {"train": 8, "val": 1, "test": 1}
    assert set(data.captions.values()) == {(("a", "dog"), ("a", "dog", "he", "runs"))}
    assert data.notes == (f"{path}: no official split, divided by a hash of the images' names: 8 train, 1 val, 1 test",)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", r"mine\.csv:1: no column 'image' among none; expected a first line such as image,caption,split"),
        ("a.jpg,A dog\n", r"mine\.csv:1: no column 'image' among a\.jpg, a dog; expected"),
        ("image,text\na,b\n", r"mine\.csv:1: no column 'caption' among image, text; expected"),
        (
            "image,caption\na.jpg,A dog, running\n",
            r"mine\.csv:2: 3 columns and not 2; put captions that hold a comma in",
        ),
        ("image,caption\n\na.jpg\n", r"mine\.csv:3: 1 columns and not 2; put"),
        ('image,caption\na.jpg,"A dog\nb.jpg,A cat\n', r"mine\.csv:3: not CSV \(unexpected end of data\); double the"),
        ('image,caption\na.jpg,"A" dog\n', r"mine\.csv:2: not CSV \(.*\); double the quotes within quotes"),
        ("image,caption\n ,A dog\n", r"mine\.csv:2: the image has no name; expected one"),
        ("image,caption,split\na,A dog, \n", r"mine\.csv:2: the split of 'a' is empty; give one for each caption, or"),
        (
            "image,caption,split\na,A dog,train\nb,x,val\na,A dog,val\n",
            r"mine\.csv:4: 'a' is in 'train' above and in 'val' here; expected each image in one split",
        ),
        ("image,caption\n", r"mine\.csv: holds no caption; expected an image and a caption a line"),
    ],
)
def test_malformed_csv(tmp_path: Path, content: str, message: str):
    path = tmp_path / "mine.csv"
    path.write_text(content)
    with pytest.raises(UserError, match=message):
        read_csv(path)


def test_jsonl(tmp_path: Path):
    records = [
        {"image": "a.jpg", "caption": "A dog.", "split": "train"},
        {"image": 42, "captions": ["A cat.", " ", "One caf\u00e9."], "split": "Validation", "more": None},
    ]
    path = tmp_path / "mine.jsonl"
    path.write_text("\n\n".join(map(json.dumps, records)))
    data = load_captions(f"jsonl:{path}")
    assert data.splits == {"train": ("a.jpg",), "val": ("42",)}
    assert data.captions == {"a.jpg": (("a", "dog"),), "42": (("a", "cat"), ("one", "caf\u00e9"))}
    assert data.notes == (f"{path}:3: 1 captions without a word left out, the first ' '",)


def test_jsonl_without_splits(tmp_path: Path):
    path = tmp_path / "mine.jsonl"
    path.write_text("".join(json.dumps({"image": f"{i}.jpg", "caption": "A dog"}) + "\n" for i in range(10)))
    corpus = read_jsonl(path)
    assert {split: len(images) for split, images in corpus.splits.items()} == {"train": 8, "val": 1, "test": 1}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"image": "a", "caption": "x"}\n{"image": "a"', r"mine\.jsonl:2: not JSON \(.*\); get the file again"),
        ("3\n", r"mine\.jsonl:1: 3 is no object; expected one with 'image'"),
        ('{"caption": "x"}\n', r"mine\.jsonl:1: 'image' is missing from \[\"caption\"\]; expected a text"),
        ('{"image": true}\n', r"mine\.jsonl:1: 'image' is true; expected a text"),
        ('{"image": "a"}\n', r"mine\.jsonl:1: 'caption' is missing from \[\"image\"\]; expected a text"),
        ('{"image": "a", "captions": "x"}\n', r"mine\.jsonl:1: 'captions' is \"x\"; expected a list"),
        ('{"image": "a", "captions": [3]}\n', r"mine\.jsonl:1: 'captions' holds something other than texts; expected"),
        ('{"image": "a", "caption": "x", "split": 1}\n', r"mine\.jsonl:1: 'split' is 1; expected a text"),
        (
            '{"image": "a", "caption": "x", "split": "train"}\n{"image": "b", "caption": "x"}\n',
            r"mine\.jsonl: 'b' has no split but others have; give one for each caption, or for none",
        ),
        ("\n", r"mine\.jsonl: holds no caption; expected an image and a caption a line"),
    ],
)
def test_malformed_jsonl(tmp_path: Path, content: str, message: str):
    path = tmp_path / "mine.jsonl"
    path.write_text(content)
    with pytest.raises(UserError, match=message):
        read_jsonl(path)
