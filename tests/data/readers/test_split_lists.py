"""Lists of images: under many file names, in many spellings, and what is wrong with them."""

import json
from pathlib import Path

import pytest

from mrnn_np.data.readers.splits import read_split_lists, split_in_name, split_name
from mrnn_np.errors import UserError

IMAGES = ["COCO_train2014_000000000001.jpg", "COCO_val2014_000000000002.jpg", "a b.jpg", "02/30.jpg"]


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("train.txt", "train"),
        ("Flickr_8k.devImages.txt", "dev"),
        ("iaprtc12_test_list.txt", "test"),
        ("karpathy_restval_images.txt", "restval"),
        ("captions_val2014.json", "val"),
        ("readme.txt", None),
        ("trainval.txt", None),
        ("train_test.txt", None),
        ("latest.txt", None),
        ("Train.txt", "train"),
        ("TRAIN_LIST.TXT", "train"),
        ("TRAINImages.txt", "train"),
        ("training.txt", "train"),
        ("validation-set.txt", "val"),
        ("my valid.txt", "val"),
        ("Testing.txt", "test"),
        ("development.txt", "dev"),
        ("crVal.txt", None),
        ("untested.txt", None),
    ],
)
def test_the_split_that_a_name_tells(name: str, split: str | None):
    assert split_in_name(Path(name)) == split


def test_text_lists_in_every_spelling(tmp_path: Path):
    (tmp_path / "my_test.txt").write_text("\n02/30\n\n")
    (tmp_path / "my_train.txt").write_text(
        "train2014/COCO_train2014_000000000001.jpg 1\r\na b.jpg\r\nunknown one.jpg\n"
    )
    (tmp_path / "val.names.txt").write_text("names of features\n")
    (tmp_path / "val_ids.txt").write_text("2\n")
    splits = read_split_lists(tmp_path, IMAGES)
    assert list(splits) == ["train", "val", "test"]
    assert splits == {"train": (IMAGES[0], IMAGES[2], "unknown one.jpg"), "val": (IMAGES[1],), "test": (IMAGES[3],)}


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("train", "train"), ("Train", "train"), ("TRAIN ", "train"), ("Training", "train"), ("training_set", "train"),
        ("train2014", "train"), ("train images", "train"), ("val", "val"), ("valid", "val"), ("Validation", "val"),
        ("VAL2017", "val"), ("validation split", "val"), ("dev", "dev"), ("Development", "dev"), ("Testing", "test"),
        ("test-set", "test"), ("restval", "restval"), ("Mine", "mine"), ("test2", "test2"), ("trainval", "trainval"),
    ],
)  # fmt: skip
def test_the_split_that_is_meant(written: str, name: str):
    assert split_name(written, "here") == name


@pytest.mark.parametrize("written", ["", " ", "\x1b[31m", "a\nb", "x" * 41, "\ud800"])
def test_no_split(written: str):
    with pytest.raises(UserError, match=r"^here: the split is '.*'; expected train, val, test or the like$"):
        split_name(written, "here")


def test_files_of_macos_are_passed_over(tmp_path: Path):
    for split, image in (("train", "1"), ("val", "2")):
        (tmp_path / f"{split}.txt").write_text(f"{image}\n")
        (tmp_path / f"._{split}.txt").write_bytes(b"\0\5\x16\7\xff")
    assert read_split_lists(tmp_path, IMAGES) == {"train": (IMAGES[0],), "val": (IMAGES[1],)}


def test_json_lists_of_one_split_under_two_names(tmp_path: Path):
    path = tmp_path / "lists.json"
    path.write_text(json.dumps({"Train": [1], "training": ["a b"], "Validation": ["02\\30.JPG"]}))
    assert read_split_lists(path, IMAGES) == {"train": (IMAGES[0], IMAGES[2]), "val": (IMAGES[3],)}
    path.write_text(json.dumps({"Train": [1], "TRAIN": ["1"]}))
    with pytest.raises(UserError, match=r"lists\.json: 'TRAIN', number 1: .* is in 'train' already; expected each"):
        read_split_lists(path, IMAGES)


def test_json_lists(tmp_path: Path):
    path = tmp_path / "lists.json"
    path.write_text(json.dumps({"train": [1, "a b"], "mine": ["2"]}))
    assert read_split_lists(path, IMAGES) == {"train": (IMAGES[0], IMAGES[2]), "mine": (IMAGES[1],)}


def test_a_folder_without_lists(tmp_path: Path):
    (tmp_path / "readme.txt").write_text("hello")
    assert read_split_lists(tmp_path, IMAGES) == {}


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            {"train.txt": "1\n2\n", "val.txt": "3\n000000000001\n"},
            r"val\.txt:2: 'COCO_train2014_0+1\.jpg' is in 'train'",
        ),
        ({"train.txt": "1\n1\n"}, r"train\.txt:2: .* is in 'train' already; expected each image once"),
        ({"train.txt": " \n"}, r"train\.txt: the file is empty; expected NAME\.txt with an image a line, where NAME"),
        (
            {"train.txt": "1", "a_train.txt": "2"},
            r"a_train\.txt and train\.txt both list 'train'; keep one of them there",
        ),
        ({"train.txt": b"caf\xe9"}, r"train\.txt:1: byte 0xe9 at column 4; expected UTF-8 text"),
    ],
)
def test_bad_text_lists(tmp_path: Path, files: dict[str, str | bytes], message: str):
    for name, content in files.items():
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(UserError, match=message):
        read_split_lists(tmp_path, IMAGES)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[1]", r"lists\.json: holds no such object; expected an object from each split's name to its list"),
        ("{}", r"lists\.json: holds no such object"),
        ('{"train": "1"}', r"lists\.json: 'train' is no list of images; expected an object"),
        ('{"train": []}', r"lists\.json: 'train' is no list of images"),
        ('{"train": [1, null]}', r"lists\.json: 'train', number 2: None is no name; expected"),
        ('{"train": [" "]}', r"lists\.json: 'train', number 1: ' ' is no name"),
        ('{"train": [1], "val": [2, 1]}', r"lists\.json: 'val', number 2: .* is in 'train' already"),
    ],
)
def test_bad_json_lists(tmp_path: Path, content: str, message: str):
    path = tmp_path / "lists.json"
    path.write_text(content)
    with pytest.raises(UserError, match=message):
        read_split_lists(path, IMAGES)
