"""Files written so that no half-written one is ever seen, and the folders and places that results go to."""

import contextlib
import csv
import errno
import io
import os
import re
import secrets
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from mrnn_np.errors import UserError
from mrnn_np.files.locks import try_lock


def always() -> None:
    """Allow a file to take its place, whatever happened while it was written: the default of `atomic_write`."""


def atomic_write(path: str | Path, write: Callable[[BinaryIO], object], allow: Callable[[], object] = always) -> None:
    """Create or replace the file `path` with what `write` puts into the binary file it is given.

    The bytes go to a temporary file in the same folder, reach the disk, and are renamed: whoever opens
    `path`, even after a power cut, finds all of the old file or all of the new one.  On any failure the old
    file is untouched and the temporary file removed.

    `allow` is called just before the renaming, and where the writing failed; it raises where the file may no longer
    stand there.

    Raises UserError when the operating system refuses (disk full, no permission, no such folder), or when
    `path` is something other than a file.  Whatever else `write` or `allow` raises passes through.
    """
    path = Path(os.path.realpath(path))  # a symbolic link keeps pointing at the file that is replaced
    if os.path.exists(path) and not os.path.isfile(path):
        raise UserError(f"{path}: cannot be written (it is a folder or a device, not a file)")
    _remove_left_over(path)
    try:
        with _temporary_file(path) as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
            file.close()  # Windows renames no open file
            allow()
            os.replace(Path(file.name), path)
    except OSError as error:
        allow()  # which may know a better reason
        raise UserError(f"{path}: cannot be written ({error.strerror or error})") from None
    _sync_folder(path.parent)


@contextlib.contextmanager
def _temporary_file(path: Path) -> Iterator[BinaryIO]:
    """Make a new file beside `path`, removed where the context fails, and locked meanwhile: its process lives."""
    file, lock = _new_locked_file(path)
    try:
        with file:
            yield file
    except BaseException:
        # The removal may fail for the reason the writing did, a folder that is not there or not ours.
        with contextlib.suppress(OSError):
            os.unlink(file.name)
        raise
    finally:
        if lock is not None:
            os.close(lock)


def _new_locked_file(path: Path) -> tuple[BinaryIO, int | None]:
    while True:
        # Not tempfile, whose files only their owner may read; "x" never opens another process's file.
        file = open(path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp"), "xb")
        try:
            return file, try_lock(Path(file.name))
        except (BlockingIOError, FileNotFoundError):  # not locked yet, another process took it for one left over
            file.close()


def _remove_left_over(path: Path) -> None:
    """Remove the temporary files of `path` that killed processes left; those that are locked belong to others."""
    with contextlib.suppress(OSError):
        for name in os.listdir(path.parent):
            if re.fullmatch(rf"\.{re.escape(path.name)}\.[0-9a-f]{{8}}\.tmp", name):
                _remove_unless_locked(path.with_name(name))


def _remove_unless_locked(path: Path) -> None:
    with contextlib.suppress(OSError):
        if (lock := try_lock(path)) is not None:
            path.unlink()
            os.close(lock)


def write_text(path: str | Path, text: str, allow: Callable[[], object] = always) -> None:
    r"""Create or replace a UTF-8 text file, as `atomic_write` does.

    What UTF-8 cannot hold, the odd bytes in a name of a file, is written as in ``\udce9``, which JSON reads back.
    """
    atomic_write(path, lambda file: file.write(text.encode(errors="backslashreplace")), allow)


def csv_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return rows as CSV, with a column for each name that any of them has, in the order of first mention."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(name for row in rows for name in row)), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _sync_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a power cut, where the file system can promise that."""
    # Windows and some network file systems cannot sync a folder; the file's own bytes are on disk by now.
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def make_folder(folder: Path, option: str = "--out") -> None:
    """Make a folder for results, named by `option`, if it is not there; raise UserError where that cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{option}: {folder} cannot be made ({error.strerror})") from None


def new_file(place: str) -> Path:
    """Return the path of a file of results that is named on a command line, before there is anything to lose.

    Raises UserError where it could not be written.
    """
    path = Path(place)
    try:
        if os.path.isdir(path):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        with contextlib.suppress(FileNotFoundError):
            os.lstat(path)  # which knows names that are too long
        tempfile.TemporaryFile(dir=path.parent).close()
    except OSError as error:
        raise UserError(f"{os.path.realpath(path)}: cannot be written ({error.strerror})") from None
    return path
