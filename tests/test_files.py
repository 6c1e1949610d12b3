"""Files are read with line numbers in the errors, and written whole or not at all."""

import itertools
import os
import stat
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pytest

from mrnn_np import files
from mrnn_np.data.npy_objects import objects_in
from mrnn_np.errors import UserError
from mrnn_np.files import atomic_write, find_files, is_hidden, open_file, plain_numbers_in, read_archive


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


def test_atomic_write_creates_and_replaces(tmp_path: Path):
    path = tmp_path / "file"
    for content in (b"first", b"second"):
        atomic_write(path, lambda file, content=content: file.write(content))
        assert path.read_bytes() == content
        assert os.listdir(tmp_path) == ["file"]


def test_atomic_write_takes_a_name_in_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    atomic_write("file", lambda file: file.write(b"here"))
    assert (tmp_path / "file").read_bytes() == b"here"


def test_atomic_write_never_shows_a_half_written_file(tmp_path: Path):
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def write(file: BinaryIO):
        file.write(b"half")
        file.flush()
        assert path.read_bytes() == b"old"

    atomic_write(path, write)
    assert path.read_bytes() == b"half"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot sync a folder")
def test_atomic_write_syncs_the_bytes_before_the_rename(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    calls = []
    sync, replace = os.fsync, os.replace

    def spied_sync(descriptor: int):
        status = os.fstat(descriptor)
        calls.append("sync folder" if stat.S_ISDIR(status.st_mode) else f"sync {status.st_size} bytes")
        sync(descriptor)

    def spied_replace(source: Path, target: Path):
        calls.append("replace")
        assert source.parent == target.parent
        assert source.read_bytes() == b"bytes"
        replace(source, target)

    monkeypatch.setattr(os, "fsync", spied_sync)
    monkeypatch.setattr(os, "replace", spied_replace)
    atomic_write(tmp_path / "file", lambda file: file.write(b"bytes"))
    assert calls == ["sync 5 bytes", "replace", "sync folder"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_atomic_write_leaves_nothing_of_a_write_that_raises(tmp_path: Path, error: type[BaseException]):
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def write(file: BinaryIO):
        file.write(b"half")
        raise error("stopped")

    with pytest.raises(error, match="stopped"):
        atomic_write(path, write)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of files")
def test_atomic_write_on_a_full_disk(tmp_path: Path):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    program = (
        "import resource, sys\n"
        "from mrnn_np.command_line.run import run_command\n"
        "from mrnn_np.files import atomic_write\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "run_command(lambda: atomic_write(sys.argv[1], lambda file: file.write(bytes(100_000))))\n"
    )
    root = Path(__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", program, path], cwd=root, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr == f"error: {path}: cannot be written (File too large)\n"
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no flock")
def test_atomic_write_removes_what_killed_processes_left_and_nothing_else(tmp_path: Path):
    os.mkfifo(tmp_path / ".file.0123abce.tmp")
    for name in (
        ".file.0123abcd.tmp",
        ".file.tmp",
        ".file2.0123abcd.tmp",
        ".file.npz.0123abcd.tmp",
        "file.0123abcd.tmp",
    ):
        (tmp_path / name).touch()

    def write(file: BinaryIO):
        # Another process that writes the same file meanwhile leaves this one's alone.
        atomic_write(tmp_path / "file", lambda other: other.write(b"theirs"))
        file.write(b"ours")

    atomic_write(tmp_path / "file", write)
    assert (tmp_path / "file").read_bytes() == b"ours"
    assert sorted(os.listdir(tmp_path)) == [
        ".file.npz.0123abcd.tmp",
        ".file.tmp",
        ".file2.0123abcd.tmp",
        "file",
        "file.0123abcd.tmp",
    ]


def test_atomic_write_begins_anew_where_its_file_was_taken_for_one_left_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    lock, seen = files.try_lock, []

    def removed_first(path: Path) -> int | None:
        seen.append(path.name)
        if len(seen) == 1:
            path.unlink()
        return lock(path)

    monkeypatch.setattr(files, "try_lock", removed_first)
    atomic_write(tmp_path / "file", lambda file: file.write(b"here"))
    assert len(set(seen)) == 2
    assert os.listdir(tmp_path) == ["file"]


def test_atomic_write_into_a_folder_that_is_not_there(tmp_path: Path):
    with pytest.raises(UserError, match=r"file: cannot be written \(No such file or directory\)$"):
        atomic_write(tmp_path / "nowhere" / "file", lambda file: file.write(b"x"))


def test_atomic_write_under_a_file_as_if_it_were_a_folder(tmp_path: Path):
    (tmp_path / "plain").write_bytes(b"")
    with pytest.raises(UserError, match=r"file: cannot be written \(Not a directory\)$"):
        atomic_write(tmp_path / "plain" / "file", lambda file: file.write(b"x"))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="permissions do not bind root")
def test_atomic_write_without_permission(tmp_path: Path):
    tmp_path.chmod(0o500)
    with pytest.raises(UserError, match=r"file: cannot be written \(Permission denied\)$"):
        atomic_write(tmp_path / "file", lambda file: file.write(b"x"))


def test_atomic_write_refuses_a_folder_and_a_device(tmp_path: Path):
    for path in (tmp_path, Path(os.devnull)):
        with pytest.raises(UserError, match=r"cannot be written \(it is a folder or a device, not a file\)$"):
            atomic_write(path, lambda file: file.write(b"x"))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows asks for a privilege to make symbolic links")
def test_atomic_write_through_a_symbolic_link(tmp_path: Path):
    link, target = tmp_path / "link", tmp_path / "target"
    target.write_bytes(b"old")
    link.symlink_to(target)
    atomic_write(link, lambda file: file.write(b"new"))
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_atomic_write_gives_the_permissions_of_any_new_file(tmp_path: Path):
    (tmp_path / "plain").touch()
    atomic_write(tmp_path / "file", lambda file: file.write(b"x"))
    assert (tmp_path / "file").stat().st_mode == (tmp_path / "plain").stat().st_mode


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
    monkeypatch.setattr(files, "SMALL", 2**16)
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
    with pytest.raises(UserError, match=r"^a\.npz: does not fit in memory"), plain_numbers_in("a.npz"):
        raise MemoryError
