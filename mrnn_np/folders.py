"""Where results go: folders made where they are missing, and what one command at a time may write to."""

import contextlib
import errno
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from mrnn_np.errors import UserError
from mrnn_np.locks import try_lock


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


def lock(path: Path) -> int | None:
    """Lock a folder or a file until this process has ended, in whatever way, or the descriptor returned is closed.

    Where the system or its file system has no locks, nothing is locked.

    Raises UserError when it cannot be opened or somebody else holds the lock.
    """
    try:
        return try_lock(path)
    except BlockingIOError:
        raise UserError(f"--out: another command still writes to {path}; let it end or stop it") from None
    except OSError as error:
        raise UserError(f"--out: {path} cannot be read ({error.strerror})") from None


@contextlib.contextmanager
def locked(path: Path) -> Iterator[Callable[[], None]]:
    """Hold the lock of a folder until the context ends.

    What the context is given is to be called before each writing: it raises UserError when `path` is no longer the
    folder that was locked, as somebody renamed it or put another one there.

    Raises UserError as `lock` does.
    """
    descriptor = lock(path)
    try:
        yield lambda: _require_same(path, descriptor)
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _require_same(path: Path, descriptor: int | None) -> None:
    try:
        same = descriptor is None or os.path.samestat(os.stat(path), os.fstat(descriptor))
    except OSError:
        same = False
    if not same:
        raise UserError(f"--out: {path} was renamed or removed meanwhile; nothing more is written there")


def require_unlocked(path: Path) -> None:
    """Raise UserError when somebody holds the lock of a folder or a file."""
    descriptor = lock(path)
    if descriptor is not None:
        os.close(descriptor)
