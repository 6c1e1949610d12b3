"""Files read so that whatever is wrong with one is one line: any file, text, and archives of NumPy arrays."""

import codecs
import contextlib
import fnmatch
import io
import math
import os
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

SMALL = 2**28
"""Every archive may unpack to so many bytes,"""
LARGEST_RATIO = 100
"""and a large one to so many times the bytes of its file."""


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


def read_lines(path: str | Path) -> list[str]:
    r"""Return the lines of a text file, without their line ends.

    It is UTF-8, or UTF-16 if its byte order mark says so; the mark is dropped.  Lines end in ``\n`` or ``\r\n``, so
    that line numbers are those of an editor, or in ``\r`` where that is how most lines end, as on old Macs.  The last
    line needs no line end.

    Raises UserError when the file cannot be read, or names the first line that is no such text.
    """
    raw = _as_utf8(path, read_bytes(path))
    if raw.count(b"\r") - raw.count(b"\r\n") > raw.count(b"\n"):
        raw = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    lines = []
    for number, line in enumerate(raw.removesuffix(b"\n").split(b"\n") if raw else [], 1):
        try:
            bad = line.find(b"\0")
            lines.append(line.removesuffix(b"\r").decode("utf-8"))
        except UnicodeDecodeError as error:
            bad = error.start
        if bad >= 0:
            found = f"byte 0x{line[bad]:02x} at column {bad + 1}"
            raise UserError(f"{path}:{number}: {found}; expected UTF-8 text, so save the file in that encoding")
    return lines


def _as_utf8(path: str | Path, raw: bytes) -> bytes:
    """Return text without its byte order mark, in UTF-8 if the mark says UTF-16."""
    if not raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return raw.removeprefix(codecs.BOM_UTF8)
    try:
        return raw.decode("utf-16").encode()
    except UnicodeDecodeError as error:
        found = f"begins as UTF-16 does, but byte {error.start + 1:,} and its neighbours are none"
        raise UserError(f"{path}: {found}; save the file as UTF-8") from None


def read_archive(
    path: str | Path, objects: Callable[[BinaryIO, str], Any] | None = None
) -> dict[str, npt.NDArray[Any]]:
    """Return all arrays of an ``.npz``, by name: of bools, numbers, text and bytes; pickled objects are never built.

    The memory it takes is in proportion to the file: what its headers claim is held to what is there, and an archive
    that unpacks to more than `LARGEST_RATIO` times its size (or `SMALL`) is refused.

    Parameters
    ----------
    objects : reads an ``.npy`` of pickled objects: (its bytes, how its messages begin) -> the list that it holds;
        without it an archive that holds objects is refused

    Raises UserError when the file cannot be read, does not fit in memory, is cut short, has a bit flipped, is of
    another format, or holds pickled objects.
    """
    with open_file(path) as file, errors_in_one_line(path), zipfile.ZipFile(file) as archive:
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
def errors_in_one_line(path: str | Path) -> Iterator[None]:
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
