"""Files are written whole or not at all, and folders made or refused."""

import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import BinaryIO

import pytest

from mrnn_np.errors import UserError
from mrnn_np.files import atomic_write, make_folder, writing


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
    root = Path(__file__).parents[2]
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
    lock, seen = writing.try_lock, []

    def removed_first(path: Path) -> int | None:
        seen.append(path.name)
        if len(seen) == 1:
            path.unlink()
        return lock(path)

    monkeypatch.setattr(writing, "try_lock", removed_first)
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


def test_a_folder_is_made_with_those_above_it_and_may_be_there_already(tmp_path):
    for _ in range(2):
        make_folder(tmp_path / "runs" / "name")
    assert (tmp_path / "runs" / "name").is_dir()


def test_a_file_is_not_a_folder(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=r"--out: .*file cannot be made \(File exists\)"):
        make_folder(tmp_path / "file")
