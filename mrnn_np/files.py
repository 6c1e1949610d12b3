"""Files read and written so that whatever goes wrong is one line and no half-written file is ever seen."""

import contextlib
import fnmatch
import io
import math
import os
import re
import secrets
import stat
import sys
import warnings
import zipfile
from collections.abc import Callable, Iterator
from io import BufferedReader
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from mrnn_np.errors import UserError
from mrnn_np.locks import try_lock

SMALL = 2**28
"""Bytes that any archive may unpack to."""
LARGEST_RATIO = 100
"""How many times its size a larger one may."""


def is_hidden(path: Path) -> bool:
    """Whether a file is one of those that macOS keeps beside others in archives and on foreign disks: nobody's data."""
    return path.name.startswith("._")


def find_files(folder: Path, pattern: str, *, deep: bool = False) -> list[Path]:
    """Return the files in a folder, or at any depth in it, whose names fit a pattern such as "*.txt" in any case.

    They are sorted.  Hidden ones (see `is_hidden`) are left out; folders of such names are not.

    Raises UserError when a folder cannot be read.
    """

    def refuse(error: OSError) -> None:
        raise UserError(f"{error.filename}: cannot be read ({error.strerror or error})")

    found = []
    for here, folders, files in os.walk(folder, onerror=refuse):
        found += [Path(here, name) for name in (*folders, *files) if fnmatch.fnmatchcase(name.lower(), pattern)]
        if not deep:
            break
    return sorted(path for path in found if not is_hidden(path))


def open_file(path: str | Path) -> BufferedReader:
    """Open a regular file for reading its bytes.

    Raises UserError when it cannot be read or is no regular file; a pipe that nobody writes to is not waited for.
    """
    try:
        file = open(path, "rb", opener=open_without_waiting)
        if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            return file
        file.close()
        reason = "it is a pipe or a device, not a file"
    except OSError as error:
        reason = str(error.strerror or error)
    except ValueError as error:  # a name that no file can have, as one with a zero byte
        reason = str(error)
    raise UserError(f"{path}: cannot be read ({reason})")


def open_without_waiting(path: str, flags: int) -> int:
    """Open as `os.open` does, the opener of `open`; a pipe without a reader or a writer is not waited for."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def read_bytes(path: str | Path) -> bytes:
    """Return all bytes of a regular file; raise UserError when it cannot be read or does not fit in memory."""
    with open_file(path) as file:
        try:
            return file.read()
        except OSError as error:
            raise UserError(f"{path}: cannot be read ({error.strerror or error})") from None
        except MemoryError:
            raise UserError(f"{path}: does not fit in memory; expected a file of text") from None


def read_archive(
    path: str | Path, objects: Callable[[BinaryIO, str], Any] | None = None
) -> dict[str, npt.NDArray[Any]]:
    """Return all arrays of an ``.npz``, by name: of bools, numbers, text and bytes; pickled objects are never built.

    The memory it takes is in proportion to the file: what its headers claim is held to what is there, and an archive
    that unpacks to more than `LARGEST_RATIO` times its size (or `SMALL`) is refused.

    Parameters
    ----------
    objects : what returns the list in an ``.npy`` of pickled objects, given its bytes and what its messages begin with;
        without it a file that holds objects is refused

    Raises UserError when the file cannot be read, does not fit in memory, is cut short, has a bit flipped, is of
    another format, or holds pickled objects.
    """
    with open_file(path) as file, plain_numbers_in(path), zipfile.ZipFile(file) as archive:
        members = [
            member
            for member in archive.infolist()
            if member.filename.endswith(".npy") and not is_hidden(Path(member.filename))
        ]
        size, claimed = os.fstat(file.fileno()).st_size, sum(member.file_size for member in members)
        if claimed > max(SMALL, LARGEST_RATIO * size):
            raise UserError(f"{path}: {size:,} bytes claim to unpack to {claimed:,}; save it again with numpy.savez")
        arrays = {member.filename.removesuffix(".npy"): _array(archive, member, path, objects) for member in members}
        if len(arrays) < len(members):
            raise zipfile.BadZipFile("two arrays have one name")
        return arrays


def _array(
    archive: zipfile.ZipFile,
    member: zipfile.ZipInfo,
    path: str | Path,
    objects: Callable[[BinaryIO, str], Any] | None,
) -> npt.NDArray[Any]:
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise zipfile.BadZipFile("not as NumPy packs it")
    with archive.open(member) as part:
        version = np.lib.format.read_magic(part)
        read_header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, dtype = read_header(part)
        if dtype.hasobject and objects is not None:
            values = objects(io.BytesIO(archive.read(member)), f"{path}: {member.filename}")
            if not isinstance(values, list):
                raise ValueError("one object, where an array of them is expected")
            return np.fromiter(values, object, len(values))
        # An empty array of a thousand million rows takes no room in a file, but it does as a list.
        least = math.prod(max(length, 1) for length in shape) * max(dtype.itemsize, 1)
        if dtype.kind not in "biufcSU" or least > member.file_size:
            raise ValueError("no array of numbers or text that has room in this file")
    with archive.open(member) as part:
        array: npt.NDArray[Any] = np.lib.format.read_array(part, allow_pickle=False)
        if part.read(1):  # which also makes zipfile look at the checksum
            raise ValueError("more bytes than its array has")
    if dtype.kind == "U" and (np.frombuffer(array.tobytes(), dtype.str[0] + "u4") > sys.maxunicode).any():
        raise ValueError("text of characters that there are not")
    return array


@contextlib.contextmanager
def plain_numbers_in(path: str | Path) -> Iterator[None]:
    """Turn whatever goes wrong while the arrays of `path` are read in this context into a UserError of one line."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of headers that are damaged, or as Python 2 wrote them
            yield
    except UserError:
        raise
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror or error})") from None
    except MemoryError:
        raise UserError(f"{path}: does not fit in memory; features in an .npy are memory-mapped") from None
    except Exception:  # NumPy, zipfile and zlib raise a dozen kinds for a file that is cut short or foreign
        kind, reason = Path(path).suffix, "it is damaged, of another format, or holds pickled objects"
        raise UserError(f"{path}: not an {kind} file of plain numbers and text: {reason}") from None


def always() -> None:
    """Allow a file to be written, whatever happened meanwhile."""


def atomic_write(path: str | Path, write: Callable[[BinaryIO], object], allow: Callable[[], object] = always) -> None:
    """Create or replace the file `path` with what `write` puts into the binary file it is given.

    The bytes go to a temporary file in the same folder, reach the disk, and are renamed: whoever opens
    `path`, even after a power cut, finds all of the old file or all of the new one.  On any failure the old
    file is untouched and the temporary file removed.

    `allow` is called at the last moment, and where the writing failed; it may raise.

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


def _sync_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a power cut, where the file system can promise that."""
    # Windows and some network file systems cannot sync a folder; the file's own bytes are on disk by now.
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
