"""Files are read with line numbers in the errors, and no header of one is believed."""

import itertools
import os
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from mrnn_np.errors import UserError
from mrnn_np.files import errors_in_one_line, find_files, is_hidden, open_file, read_archive, read_lines, reading
from mrnn_np.files.npy_objects import objects_in


def test_open_file(tmp_path: Path):
    (tmp_path / "file").write_bytes(b"bytes")
    with open_file(tmp_path / "file") as file:
        assert file.read() == b"bytes"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows names other reasons, and has no pipes in folders")
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("missing", "No such file or directory"),
        ("pipe", "it is a pipe or a device, not a file"),
        ("device", "it is a pipe or a device, not a file"),
        ("folder", "Is a directory"),
        ("a/b", "Not a directory"),
        ("x" * 300, "File name too long"),
        ("a\0b", "embedded null byte"),
        ("\ud800", "'utf-8' codec can't encode .*"),
    ],
)
def test_open_file_opens_files_only_and_waits_for_nobody(tmp_path: Path, name: str, reason: str):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "device").symlink_to(os.devnull)
    (tmp_path / "folder").mkdir()
    (tmp_path / "a").touch()
    with pytest.raises(UserError, match=rf": cannot be read \({reason}\)$"):
        open_file(tmp_path / name)


def test_find_files(tmp_path: Path):
    (tmp_path / "in" / "deep").mkdir(parents=True)
    for name in ("b.txt", "A.TXT", "._b.txt", "c.text", "in/d.txt", "in/deep/e.Txt", "in/._d.txt"):
        (tmp_path / name).touch()
    assert find_files(tmp_path, "*.txt") == [tmp_path / "A.TXT", tmp_path / "b.txt"]
    deep = [tmp_path / name for name in ("A.TXT", "b.txt", "in/d.txt", "in/deep/e.Txt")]
    assert find_files(tmp_path, "*.txt", deep=True) == deep
    with pytest.raises(UserError, match=r"A\.TXT: cannot be read \(Not a directory\)$"):
        find_files(tmp_path / "A.TXT", "*")
    with pytest.raises(UserError, match=r"nowhere: cannot be read \(No such file or directory\)$"):
        find_files(tmp_path / "nowhere", "*")


def test_hidden_files():
    assert is_hidden(Path("folder/._train.txt"))
    assert not any(is_hidden(Path(name)) for name in ("._folder/train.txt", "_train.txt", ".train.txt", "train._txt"))


ARRAYS = {
    "numbers": np.arange(12, dtype=np.float16).reshape(3, 4),
    "one": np.array(7),
    "text": np.array(["a", "\u00e9\U0001f600"]),
    "bytes": np.array([b"a", b"bc"]),
    "none": np.zeros((0, 3), np.float32),
    "fortran": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
}


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_read_archive(tmp_path: Path, save):
    save(tmp_path / "a.npz", **ARRAYS)
    with zipfile.ZipFile(tmp_path / "a.npz", "a") as archive:
        archive.writestr("__MACOSX/._one.npy", b"of a Mac")
        archive.writestr("README", b"not an array")
    found = read_archive(tmp_path / "a.npz")
    assert list(found) == list(ARRAYS)
    for name, array in ARRAYS.items():
        assert found[name].dtype == array.dtype
        np.testing.assert_array_equal(found[name], array)


def npy(shape: object, descr: str, data: bytes) -> bytes:
    """An .npy file whose header says whatever it is told to."""
    header = str({"descr": descr, "fortran_order": False, "shape": shape}).encode()
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + data


@pytest.mark.parametrize(
    "content",
    [
        b"",
        npy((10**12,), "<f4", b"1234"),
        npy((1,), "<f4", b"12345"),
        npy((-1, -1), "<f4", b"1234"),
        npy((10**9, 0), "<f4", b""),
        npy((10**12,), "<U0", b""),
        npy((1,), "<U1", b"\xff\xff\xff\xff"),
        npy((1,), ">U1", b"\x00\x11\x00\x00"),
        npy((1,), "<M8[s]", b"12345678"),
        npy((1,), "|O", b"12345678"),
        npy("(" * 500, "<f4", b""),
    ],
    ids=itertools.count(),
)
def test_read_archive_believes_no_header(tmp_path: Path, content: bytes):
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("a.npy", content)
    with pytest.raises(UserError, match=r"not an \.npz file of plain numbers and text"):
        read_archive(tmp_path / "a.npz")


def test_read_archive_unpacks_in_proportion_to_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(reading, "SMALL", 2**16)
    np.savez_compressed(tmp_path / "a.npz", a=np.zeros(2**16, np.uint8), b=np.zeros(2**16, np.uint8))
    with pytest.raises(
        UserError, match=r"a\.npz: \d{3} bytes claim to unpack to 131,328; save it again with numpy.savez"
    ):
        read_archive(tmp_path / "a.npz")
    np.savez(tmp_path / "a.npz", a=np.zeros(2**17, np.uint8))
    assert read_archive(tmp_path / "a.npz")["a"].shape == (2**17,)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_read_archive_refuses_two_arrays_of_one_name(tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        for _ in range(2):
            archive.writestr("a.npy", npy((1,), "<f4", b"1234"))
    with pytest.raises(UserError, match=r"not an \.npz file of plain numbers and text"):
        read_archive(tmp_path / "a.npz")


def test_read_archive_hands_objects_to_who_can_read_them(tmp_path: Path):
    np.savez(tmp_path / "a.npz", names=np.array(["a", "bc"], object))
    with pytest.raises(UserError, match=r"not an \.npz file of plain numbers and text"):
        read_archive(tmp_path / "a.npz")
    assert read_archive(tmp_path / "a.npz", objects_in)["names"].tolist() == ["a", "bc"]
    for lone in ("abc", {"a": 1}):
        np.savez(tmp_path / "a.npz", names=np.array(lone, object))
        with pytest.raises(UserError, match=r"not an \.npz file of plain numbers and text"):
            read_archive(tmp_path / "a.npz", objects_in)


def test_what_does_not_fit_in_memory():
    with pytest.raises(UserError, match=r"^a\.npz: does not fit in memory"), errors_in_one_line("a.npz"):
        raise MemoryError


# --- Text -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "lines"),
    [
        (b"", []),
        (b"\n", [""]),
        (b"a\nb\n", ["a", "b"]),
        (b"a\nb", ["a", "b"]),
        (b"a\r\nb\r\n", ["a", "b"]),
        (b"a\n\nb\n\n", ["a", "", "b", ""]),
        (b"\xef\xbb\xbfa\n", ["a"]),
        (b"a\rb\n", ["a\rb"]),
        (b"a\rb\r", ["a", "b"]),
        (b"a\rb", ["a", "b"]),
        (b"a\r\rb\r\nc\n", ["a\r\rb", "c"]),
        (b"a\rb\rc\n", ["a", "b", "c"]),
        ("\ufeffa\r\ncaf\u00e9\n".encode("utf-16-le"), ["a", "caf\u00e9"]),
        ("\ufeffa\rb".encode("utf-16-be"), ["a", "b"]),
        ("caf\u00e9\x85\u2028x\n".encode(), ["caf\u00e9\x85\u2028x"]),
    ],
)
def test_read_lines(tmp_path: Path, raw: bytes, lines: list[str]):
    path = tmp_path / "text"
    path.write_bytes(raw)
    assert read_lines(path) == lines


def test_read_lines_names_the_line_that_is_not_utf8(tmp_path: Path):
    path = tmp_path / "text"
    path.write_bytes(b"a\ncaf\xe9\n")
    with pytest.raises(
        UserError, match=r"text:2: byte 0xe9 at column 4; expected UTF-8 text, so save the file in that encoding$"
    ):
        read_lines(path)


def test_read_lines_names_what_is_no_text(tmp_path: Path):
    path = tmp_path / "text"
    for raw, message in (
        (b"a\n\0b\xe9\n", r"text:2: byte 0xe9 at column 3; expected UTF-8 text"),
        (b"a\nb\0\n", r"text:2: byte 0x00 at column 2; expected UTF-8 text"),
        (b"\xff\xfea", r"text: begins as UTF-16 does, but byte 3 and its neighbours are none; save the file as UTF-8$"),
    ):
        path.write_bytes(raw)
        with pytest.raises(UserError, match=message):
            read_lines(path)


def test_read_lines_of_a_file_that_is_not_there(tmp_path: Path):
    with pytest.raises(UserError, match=r"missing\.txt: cannot be read \(No such file or directory\)$"):
        read_lines(tmp_path / "missing.txt")
