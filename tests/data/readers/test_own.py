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


ROWS = ["image,caption,split", 'a.jpg,"A dog, running",train', "b.jpg,Une chienne d\u00e9lur\u00e9e,val"]
READ = {"a.jpg": [["a", "dog", "running"]], "b.jpg": [["une", "chienne", "d\u00e9lur\u00e9e"]]}


@pytest.mark.parametrize(
    "raw",
    [
        "\r".join(ROWS).encode(),
        ("\r".join(ROWS) + "\r").encode(),
        ("\n \n" + "\n".join(ROWS)).encode(),
        ("\ufeff\r\n" + "\r\n".join(ROWS)).encode(),
        ("sep=,\r\n" + "\r\n".join(ROWS)).encode(),
        '"sep=;"\n\nimage;caption;split\na.jpg;A dog, running;train\nb.jpg;Une chienne d\u00e9lur\u00e9e;val'.encode(),
        'image;caption;split\na.jpg;"A dog; running";train\nb.jpg;Une chienne d\u00e9lur\u00e9e;val\n;;\n'.encode(),
        '"image"\t"caption"\t"split"\na.jpg\tA dog, running\ttrain\nb.jpg\tUne chienne d\u00e9lur\u00e9e\tval'.encode(
            "utf-16"
        ),
        "\r\n".join(ROWS).encode("utf-16"),
        b"\xfe\xff" + "\r".join(ROWS).encode("utf-16-be"),
        "split|image|caption\ntrain|a.jpg|A dog, running\nval|b.jpg|Une chienne d\u00e9lur\u00e9e".encode(),
        ("\n".join(ROWS) + "\n\n \n,,\n").encode(),
    ],
)
def test_tables_as_programs_write_them(tmp_path: Path, raw: bytes):
    path = tmp_path / "mine.csv"
    path.write_bytes(raw)
    corpus = read_csv(path)
    assert corpus.captions == READ
    assert corpus.splits == {"train": ("a.jpg",), "val": ("b.jpg",)}


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (
            "\n".join(ROWS).encode("cp1252"),
            r"mine\.csv:3: byte 0xe9 at column 20; expected UTF-8 text, so save the file",
        ),
        ("\n".join(ROWS).encode("utf-16-le"), r"mine\.csv:1: byte 0x00 at column 2; expected UTF-8 text, so save the"),
        (
            "\n".join(ROWS).encode("utf-16")[:-1],
            r"mine\.csv: begins as UTF-16 does, but byte .*; save the file as UTF-8",
        ),
        (b"sep=;\nimage,caption\na,b\n", r"mine\.csv:2: no column 'image' among image,caption; expected a first line"),
        (b"image;caption\na;b;c\n", r"mine\.csv:2: 3 columns and not 2; put captions that hold a semicolon in double"),
        (b"\nimage,caption,Caption\na,b,c\n", r"mine\.csv:2: several columns are called 'caption'; expected one"),
        (
            b"image,caption,split\na,A dog,\x1b[31m\n",
            r"mine\.csv:2: the split is '\\x1b\[31m'; expected train, val, test or",
        ),
        (b"image,caption\n./,A dog\n", r"mine\.csv:2: the image has no name; expected one"),
        (
            "image,caption,split\ncaf\u00e9/a,A dog,Train\ncafe\u0301\\a,x,validation\n".encode(),
            r"mine\.csv:3: 'caf\u00e9/a' is in 'train' above and in 'val' here; expected each image in one split",
        ),
    ],
)
def test_what_is_wrong_with_a_table_is_named(tmp_path: Path, raw: bytes, message: str):
    path = tmp_path / "mine.csv"
    path.write_bytes(raw)
    with pytest.raises(UserError, match=message):
        read_csv(path)


def test_one_split_and_one_image_in_all_their_spellings(tmp_path: Path):
    path = tmp_path / "mine.csv"
    splits = ["Train", "TRAIN", "Training ", " train", "training set", "Train2014"]
    names = [
        "x/caf\u00e9.jpg",
        "x\\cafe\u0301.jpg",
        "./x/caf\u00e9.jpg",
        " x//caf\u00e9.jpg ",
        "x/./cafe\u0301.jpg",
        "\ufeffx/caf\u00e9.jpg",
    ]
    rows = [f"{name},A dog,{split}\n" for name, split in zip(names, splits, strict=True)]
    rows += [f"{i}.jpg,A cat,{split}\n" for i, split in enumerate(["val", "Valid", "VALIDATION", "Val2017"])]
    path.write_text("image,caption,split\n" + "".join(rows))
    corpus = read_csv(path)
    assert corpus.splits == {"train": ("x/caf\u00e9.jpg",), "val": tuple(f"{i}.jpg" for i in range(4))}
    assert len(corpus.captions["x/caf\u00e9.jpg"]) == 6


@pytest.mark.parametrize("between", [b"\r", b"\n", b",\n", b",", b",\r"])
def test_json_lines_and_lists(tmp_path: Path, between: bytes):
    records = [
        b'{"image": %d, "caption": "A dog", "split": "%s"}' % (i, b"train" if i < 2 else b"Val") for i in range(3)
    ]
    path = tmp_path / "mine.jsonl"
    path.write_bytes(b" [" + between.join(records) + b"]" if b"," in between else between.join(records))
    assert read_jsonl(path).splits == {"train": ("0", "1"), "val": ("2",)}


def test_a_bad_record_in_a_list(tmp_path: Path):
    path = tmp_path / "mine.jsonl"
    path.write_text('[{"image": "a", "caption": "A dog"},\n{"image": "b"}]')
    with pytest.raises(UserError, match=r"mine\.jsonl: record 2: 'caption' is missing from"):
        read_jsonl(path)
