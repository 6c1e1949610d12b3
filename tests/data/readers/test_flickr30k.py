"""Flickr30k: both forms, the known broken line, and the division into splits."""

from pathlib import Path

import pytest

from mrnn_np.data.captions import load_captions
from mrnn_np.data.readers.flickr30k import read_flickr30k
from mrnn_np.errors import UserError

TOKEN = "1.jpg#0\tTwo young guys .\n1.jpg#1\tTwo men #3 wait\n2.jpg#0\tA dog runs .\n"
CSV = (
    "image_name| comment_number| comment\n"
    "1.jpg| 0| Two young guys .\n"
    "1.jpg| 1| Two men | a bar\n"
    "2.jpg| 4   A dog runs across the grass .\n"
)


def test_token(tmp_path: Path):
    (tmp_path / "results_20130124.token").write_text(TOKEN)
    corpus = read_flickr30k(tmp_path, None)
    assert corpus.captions == {
        "1.jpg": [["two", "young", "guys"], ["two", "men", "3", "wait"]],
        "2.jpg": [["a", "dog", "runs"]],
    }
    assert corpus.splits == {"train": ("1.jpg", "2.jpg")}
    assert corpus.notes == (f"{tmp_path}: no official split, divided by a hash of the images' names: 2 train",)


def test_csv_with_its_broken_line(tmp_path: Path):
    (tmp_path / "results.csv").write_text(CSV)
    (tmp_path / "train.txt").write_text("1\n2\n")
    corpus = read_flickr30k(tmp_path, None)
    assert corpus.captions == {
        "1.jpg": [["two", "young", "guys"], ["two", "men", "a", "bar"]],
        "2.jpg": [["a", "dog", "runs", "across", "the", "grass"]],
    }
    assert corpus.splits == {"train": ("1.jpg", "2.jpg")}
    assert corpus.notes == (f"{tmp_path / 'results.csv'}:4: no bar behind the number, read as caption 4 of '2.jpg'",)


def test_lists_elsewhere(tmp_path: Path):
    (tmp_path / "results_20130124.token").write_text(TOKEN)
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "train.txt").write_text("2\n")
    (tmp_path / "lists" / "val.txt").write_text("1.jpg\n")
    data = load_captions(f"flickr30k:{tmp_path},splits={tmp_path / 'lists'}")
    assert data.splits == {"train": ("2.jpg",), "val": ("1.jpg",)}
    assert data.notes == ()


@pytest.mark.parametrize(
    ("name", "line", "message"),
    [
        ("results.csv", "1.jpg, 0, A dog", r"'1\.jpg, 0, A dog'; expected name\.jpg\| k\| caption"),
        ("results.csv", "1.jpg| A dog| 0", r".*; expected name\.jpg\| k\| caption"),
        ("results.csv", "1.jpg| 5A dog", r".*; expected name\.jpg\| k\| caption"),
        (
            "results.csv",
            "1.jpg| 1| Again",
            r"caption 1 of '1\.jpg' stands in line 3 already; expected each caption once",
        ),
        ("results_20130124.token", "1.jpg#5 A dog", r"'1\.jpg#5 A dog'; expected name\.jpg#k, a tab and a caption"),
        ("results_20130124.token", "1.jpg#0\tAgain", r"caption 0 of '1\.jpg' stands in line 1 already"),
    ],
)
def test_bad_lines(tmp_path: Path, name: str, line: str, message: str):
    content = CSV if name.endswith("csv") else TOKEN
    (tmp_path / name).write_text(f"{content}{line}\n")
    with pytest.raises(UserError, match=rf"{name}:{content.count(chr(10)) + 1}: {message}"):
        read_flickr30k(tmp_path, None)


def test_a_line_of_blanks_takes_no_time(tmp_path: Path):
    (tmp_path / "results.csv").write_text(f"1.jpg{' ' * 1_000_000}\n")
    with pytest.raises(UserError, match=r"results\.csv:1: .*; expected name\.jpg\| k\| caption"):
        read_flickr30k(tmp_path, None)


def test_nothing_there(tmp_path: Path):
    with pytest.raises(
        UserError, match=r"holds no captions of Flickr30k; expected results_20130124\.token or results\.csv"
    ):
        read_flickr30k(tmp_path, None)
