"""Names of images: what means the same image, and what must not."""

import pytest

from mrnn_np.data.names import NameIndex, image_name
from mrnn_np.vision.picture_files import SUFFIXES

COCO = "COCO_val2014_000000000042.jpg"


@pytest.mark.parametrize(
    "written",
    [
        "caf\u00e9/a b.jpg",
        "cafe\u0301/a b.jpg",
        "caf\u00e9\\a b.jpg",
        "./caf\u00e9/./a b.jpg",
        ".\\caf\u00e9\\\\a b.jpg",
        "\ufeffcaf\u00e9/a b.jpg",
        "  caf\u00e9/a b.jpg \t\r\n",
        "caf\u00e9/x/../a b.jpg",
    ],
)
def test_one_name_in_all_its_spellings(written: str):
    assert image_name(written) == "caf\u00e9/a b.jpg"
    assert NameIndex(["x.jpg", written])["caf\u00e9/a b.jpg"] == 1
    assert NameIndex(["x.jpg", "caf\u00e9/a b.jpg"])[written] == 1
    assert NameIndex(["x.jpg", written])["a b"] == 1


@pytest.mark.parametrize("written", ["", " ", ".", "./", "/", "a/..", "\ufeff", "\\", "../.."])
def test_no_name(written: str):
    assert image_name(written) == ""


@pytest.mark.parametrize(
    "written", ["A.jpg", "a.JPG", "../a.jpg", "a.jpg#1", "\ud800.jpg", ".a", "a.b", "http://x/a.jpg"]
)
def test_names_that_are_left_as_they_are(written: str):
    assert image_name(written) == written


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("a.jpg", "a.jpg"),
        ("a.jpg", "a"),
        ("a", "a.jpg"),
        ("a.JPEG", "a.jpg"),
        ("train/a.jpg", "a.jpg"),
        ("a", "images/train/a.jpg"),
        ("images/train/a.jpg", "train/a"),
        (COCO, "42"),
        ("42", COCO),
        ("42", "000000000042.jpg"),
        (f"val2014/{COCO}", COCO),
        ("000000000042", f"val2014/{COCO}"),
        ("00/25.jpg", "00/25"),
        ("0", "COCO_val2014_000000000000.jpg"),
        ("7.1.jpg", "7.1"),
    ],
)
def test_names_that_mean_the_same(written: str, asked: str):
    index = NameIndex(["x.jpg", written, "y"])
    assert index[asked] == 1
    assert asked in index


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("a.jpg", "b.jpg"),
        ("a.jpg", "a.png"),
        ("train/a.jpg", "val/a.jpg"),
        ("rain/a.jpg", "train/a.jpg"),
        ("a.jpg", "A.jpg"),
        ("a.jpg", "aa.jpg"),
        (COCO, "COCO_train2014_000000000042.jpg"),
        (COCO, "val2014_42"),
        ("a", "a.txt"),
    ],
)
def test_names_that_do_not(written: str, asked: str):
    index = NameIndex(["x.jpg", written, "y"])
    assert asked not in index
    with pytest.raises(KeyError):
        index[asked]


def test_a_name_that_could_mean_two_means_neither():
    index = NameIndex(["train/a.jpg", "val/a.jpg", "b.png"])
    assert "a.jpg" not in index
    assert index["val/a"] == 1
    assert index["b"] == 2


def test_what_is_written_comes_first():
    index = NameIndex(["42", COCO, "000000000042.jpg"])
    assert [index[name] for name in ("42", COCO, "000000000042.jpg")] == [0, 1, 2]
    assert "0042" not in index


def test_it_is_a_mapping_of_the_names_as_written():
    assert NameIndex(["b.jpg", "a.jpg"]) == {"b.jpg": 0, "a.jpg": 1}
    assert list(NameIndex(["b.jpg", "a.jpg"])) == ["b.jpg", "a.jpg"]
    assert len(NameIndex(["a", "b", "a"])) == 2


def test_every_suffix_of_a_picture_may_be_left_out():
    for suffix in (*SUFFIXES, ".HEIC", ".heif"):
        assert NameIndex([f"a{suffix}", "b.txt"])["a"] == 0


def test_the_names_that_could_mean_one_image():
    index = NameIndex(["a.jpg", "x/a.jpg", "y/x/a", "y/a.png", "b.jpg"])
    assert set(index.alike("x/a.jpg")) == {"a.jpg", "x/a.jpg", "y/x/a"}
    assert set(index.alike("a")) == {"a.jpg", "x/a.jpg", "y/x/a", "y/a.png"}
    assert set(index.alike("c")) == set()


def test_many_folders_with_files_of_one_name_are_not_searched_for_each():
    index = NameIndex([f"videos/{i}/00001.jpg" for i in range(20_000)])
    assert all(index[f"{i}/1"] == i for i in range(20_000))
    assert "1" not in index


def test_a_name_of_a_million_zeros_takes_no_time():
    assert NameIndex(["a.jpg"]).get("0" * 1_000_000 + "x") is None
