"""Locks on folders and files, which end with the process that holds them, in whatever way it ends.

The package `filelock` (4.3.1 was tried) would lock on Windows too, where nothing is locked here.  But it locks no
folder, only a file, which stays: each folder of a run, and each temporary file, would need another one beside it that
is not renamed with it and that nobody may remove while another process could be about to lock it.
"""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from mrnn_np.errors import UserError

if sys.platform != "win32":
    import fcntl


def try_lock(path: Path) -> int | None:
    """Lock a file or folder until the descriptor returned is closed; None where the system has no locks.

    Raises BlockingIOError when somebody else holds the lock, and other kinds of OSError when `path` cannot be opened.
    """
    if sys.platform == "win32":
        return None
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # a pipe is not waited for
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise
    except OSError:  # a file system without locks
        os.close(descriptor)
        return None
    return descriptor


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
