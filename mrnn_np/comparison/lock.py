"""One comparison at a time in a folder, together with the trainings that a killed one leaves behind."""

import os
import sys
from pathlib import Path

from mrnn_np.errors import UserError

if sys.platform != "win32":
    import fcntl


def lock_folder(folder: Path) -> tuple[int, ...]:
    """Lock a folder until this process has ended, and every process that inherits the descriptors returned.

    Where the system or the folder's file system has no locks, nothing is locked.

    Raises
    ------
    UserError : somebody else holds the lock
    """
    if sys.platform == "win32":
        return ()
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise UserError(
            f"--out: a comparison, or a training that one left behind, still runs in {folder}; let it end or stop it"
        ) from None
    except OSError:
        os.close(descriptor)
        return ()
    return (descriptor,)
