"""Files read and written so that whatever goes wrong is one line and no half-written file is ever seen."""

import contextlib
import os
import secrets
import stat
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from mrnn_np.errors import UserError


def is_hidden(path: Path) -> bool:
    """Whether a file is one of those that macOS keeps beside others in archives and on foreign disks: nobody's data."""
    return path.name.startswith("._")


def open_file(path: str | Path) -> BinaryIO:
    """Open a regular file for reading its bytes.

    Raises UserError when it cannot be read or is no regular file; a pipe that nobody writes to is not waited for.
    """
    try:
        file = open(path, "rb", opener=_open_without_waiting)
        if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            return file
        file.close()
        reason = "it is a pipe or a device, not a file"
    except OSError as error:
        reason = str(error.strerror or error)
    except ValueError as error:  # a name that no file can have, as one with a zero byte
        reason = str(error)
    raise UserError(f"{path}: cannot be read ({reason})")


def _open_without_waiting(path: str, flags: int) -> int:
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
    r"""Return the lines of a UTF-8 text file, without their line ends.

    Lines end in ``\n`` or ``\r\n`` and in nothing else, so that line numbers are those of an editor.  The
    last line needs no line end, and a byte order mark at the start is dropped.

    Raises UserError when the file cannot be read, or names the first line that is not UTF-8.
    """
    raw = read_bytes(path)
    text = raw.removeprefix(b"\xef\xbb\xbf").removesuffix(b"\n")
    lines = []
    for number, line in enumerate(text.split(b"\n") if raw else [], 1):
        try:
            lines.append(line.removesuffix(b"\r").decode("utf-8"))
        except UnicodeDecodeError as error:
            found = f"byte 0x{line[error.start]:02x} at column {error.start + 1}"
            raise UserError(f"{path}:{number}: {found}; expected UTF-8 text") from None
    return lines


def read_archive(path: str | Path) -> dict[str, npt.NDArray[Any]]:
    """Return all arrays of an ``.npz``, by name; pickled objects are never built.

    Raises UserError when the file cannot be read, does not fit in memory, is cut short, has a bit flipped, is of
    another format, or holds pickled objects.
    """
    with open_file(path) as file, plain_numbers_in(path), np.load(file, allow_pickle=False) as archive:
        # NumPy reads past a flipped bit; the archive's own checksums do not.
        if archive.zip.testzip() is not None:
            raise zipfile.BadZipFile
        return {name: archive[name] for name in archive.files}


@contextlib.contextmanager
def plain_numbers_in(path: str | Path) -> Iterator[None]:
    """Turn whatever goes wrong while the arrays of `path` are read in this context into a UserError of one line."""
    try:
        yield
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror or error})") from None
    except MemoryError:
        raise UserError(f"{path}: does not fit in memory; features in an .npy are memory-mapped") from None
    except Exception:  # NumPy, zipfile and zlib raise a dozen kinds for a file that is cut short or foreign
        kind, reason = Path(path).suffix, "it is damaged, of another format, or holds pickled objects"
        raise UserError(f"{path}: not an {kind} file of plain numbers and text: {reason}") from None


def atomic_write(path: str | Path, write: Callable[[BinaryIO], object]) -> None:
    """Create or replace the file `path` with what `write` puts into the binary file it is given.

    The bytes go to a temporary file in the same folder, reach the disk, and are renamed: whoever opens
    `path`, even after a power cut, finds all of the old file or all of the new one.  On any failure the old
    file is untouched and the temporary file removed.

    Raises UserError when the operating system refuses (disk full, no permission, no such folder), or when
    `path` is something other than a file.  Whatever else `write` raises passes through.
    """
    path = Path(os.path.realpath(path))  # a symbolic link keeps pointing at the file that is replaced
    if path.exists() and not path.is_file():
        raise UserError(f"{path}: cannot be written (it is a folder or a device, not a file)")
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        # Not tempfile, whose files only their owner may read; "x" never opens another process's file.
        with open(temporary, "xb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException as error:
        # The removal may fail for the reason the writing did, a folder that is not there or not ours.
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise UserError(f"{path}: cannot be written ({error.strerror or error})") from None
        raise
    _sync_folder(path.parent)


def write_text(path: str | Path, text: str) -> None:
    r"""Create or replace a UTF-8 text file, as `atomic_write` does.

    What UTF-8 cannot hold, the odd bytes in a name of a file, is written as in ``\udce9``, which JSON reads back.
    """
    atomic_write(path, lambda file: file.write(text.encode(errors="backslashreplace")))


def _sync_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a power cut, where the file system can promise that."""
    # Windows and some network file systems cannot sync a folder; the file's own bytes are on disk by now.
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
