"""IAPR TC-12: Latin-1, semicolons, lists without suffixes, and a val split that it does not have."""

from pathlib import Path

import pytest

from mrnn_np.data.captions import load_captions
from mrnn_np.data.readers.iaprtc12 import read_iaprtc12
from mrnn_np.errors import UserError


def write(folder: Path, number: int, description: str) -> None:
    """Write an annotation as the corpus has it, and in its encoding."""
    path = folder / "annotations_complete_eng" / f"{number // 1000:02}" / f"{number}.eng"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = (
        f"<DOC>\n<DOCNO>annotations/{number // 1000:02}/{number}.eng</DOCNO>\n<TITLE>Tafí del Valle</TITLE>\n"
        f"<DESCRIPTION>{description}</DESCRIPTION>\n<NOTES>a note; no caption;</NOTES>\n<LOCATION>Tucumán</LOCATION>\n"
        f"<IMAGE>images/{number // 1000:02}/{number}.jpg</IMAGE>\n"
        f"<THUMBNAIL>thumbnails/{number // 1000:02}/{number}.jpg</THUMBNAIL>\n</DOC>\n"
    )
    path.write_bytes(text.encode("iso-8859-1"))


def test_read(tmp_path: Path):
    write(tmp_path, 25, "a yellow building in Tucumán; two palm trees;\ncars &amp; a lorry; ")
    write(tmp_path, 1000, "a boy")
    write(tmp_path, 2808, ";")
    (tmp_path / "iaprtc12_train_list.txt").write_text("00/25\n02/2808\n")
    (tmp_path / "iaprtc12_val_list.txt").write_text("01/1000\n")
    data = load_captions(f"iaprtc12:{tmp_path}")
    assert data.splits == {"train": ("00/25.jpg",), "val": ("01/1000.jpg",)}
    assert data.captions["00/25.jpg"] == (
        ("a", "yellow", "building", "in", "tucumán"),
        ("two", "palm", "trees"),
        ("cars", "a", "lorry"),
    )
    assert data.notes == ("iaprtc12: train: 1 of 2 images have no caption, left out, the first '02/2808'",)


def test_val_is_held_out_of_train(tmp_path: Path):
    for number in range(20):
        write(tmp_path, number, "a boy;")
    (tmp_path / "iaprtc12_train_list.txt").write_text("".join(f"00/{number}\n" for number in range(18)))
    (tmp_path / "iaprtc12_test_list.txt").write_text("00/18\n00/19\n")
    corpus = read_iaprtc12(tmp_path, None)
    assert {split: len(images) for split, images in corpus.splits.items()} == {"train": 17, "val": 1, "test": 2}
    assert corpus.notes == (f"{tmp_path}: no official val split, 1 training images held out by a hash of their names",)


def test_files_of_macos_and_endless_tags(tmp_path: Path):
    for number in range(3):
        write(tmp_path, number, "a boy;")
        (tmp_path / f"._{number}.eng").write_bytes(b"\0\5\x16\7")
    assert len(read_iaprtc12(tmp_path, None).captions) == 3
    (tmp_path / "9.eng").write_text("<DESCRIPTION>" * 200_000 + "<IMAGE>" + " " * 1_000_000)
    with pytest.raises(UserError, match=r"9\.eng: has no <DESCRIPTION> or no <IMAGE>; expected both"):
        read_iaprtc12(tmp_path, None)


def test_without_lists(tmp_path: Path):
    for number in range(10):
        write(tmp_path, number, "a boy;")
    corpus = read_iaprtc12(tmp_path, None)
    assert {split: len(images) for split, images in corpus.splits.items()} == {"train": 8, "val": 1, "test": 1}
    assert corpus.notes[0].startswith(f"{tmp_path}: no official split, divided by a hash")


def test_malformed(tmp_path: Path):
    with pytest.raises(UserError, match=r"holds no annotations; expected files \*\.eng there or in its folders"):
        read_iaprtc12(tmp_path, None)
    for text in ("<DOC><IMAGE>images/00/1.jpg</IMAGE></DOC>", "<DESCRIPTION>a boy</DESCRIPTION><IMAGE></IMAGE>", ""):
        (tmp_path / "1.eng").write_text(text)
        with pytest.raises(UserError, match=r"1\.eng: has no <DESCRIPTION> or no <IMAGE>; expected both"):
            read_iaprtc12(tmp_path, None)
    (tmp_path / "1.eng").unlink()
    (tmp_path / "1.eng").mkdir()
    with pytest.raises(UserError, match=r"1\.eng: cannot be read \(Is a directory\)"):
        read_iaprtc12(tmp_path, None)
