"""Reading .h5 and .mat in a process of its own.

The libraries for them are written in C, and a damaged file can make them crash, run for ever or ask for all memory.
There it ends that process, which is given the time and memory that a sound file of that size needs, and not more.

Run as a module, this file is that process: it writes a line of JSON and, where the features cannot be memory-mapped,
their numbers.
"""

import contextlib
import json
import os
import subprocess
import sys
import time
from io import BufferedReader
from pathlib import Path
from typing import Any, BinaryIO, Literal, cast

import numpy as np

from mrnn_np.data.feature_files.contents import Contents
from mrnn_np.data.feature_files.mat_and_hdf5 import read_hdf5, read_mat
from mrnn_np.errors import UserError
from mrnn_np.files import open_file


def read_apart(path: Path, min_score: float | None) -> Contents:
    """Return what `read_mat`, or for other files `read_hdf5`, does.

    Raises UserError whenever they do, and when the file makes the library crash or run for too long.
    """
    open_file(path).close()
    score = "" if min_score is None else repr(min_score)
    command = [sys.executable, "-P", "-m", __name__, os.fspath(path), score]
    # One thread: the stack of each more would count as memory.
    changed = {"PYTHONPATH": os.pathsep.join(sys.path), "OPENBLAS_NUM_THREADS": "1"}
    try:
        reader = subprocess.Popen(
            command, env={**os.environ, **changed}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror or error})") from None
    with reader:
        try:
            return _received(path, cast(BufferedReader, reader.stdout))
        except MemoryError:
            raise UserError(f"{path}: does not fit in memory; features in an .npy are memory-mapped") from None
        except ValueError:
            reason = "its reader crashed, or took longer than for a sound file of this size"
            raise UserError(f"{path}: is damaged ({reason}); get the file again") from None
        finally:
            reader.kill()


def _received(path: Path, stream: BufferedReader) -> Contents:
    """Return the contents that the other process sends; raise ValueError when it ends too early."""
    message = json.loads(stream.readline())
    if "error" in message:
        raise UserError(message["error"])
    form = message["form"]
    if "offset" in form:
        values: Any = np.memmap(path, mode="r", **form)
    else:
        values = np.empty(**form)
        if stream.readinto(values.ravel("K").view(np.uint8).data) < values.nbytes:
            raise ValueError
    return Contents(tuple(message["names"]), values, message["source"])


def _send(contents: Contents, stream: BinaryIO) -> None:
    """Write what `_received` reads."""
    names, values, source = contents
    order: Literal["C", "F"] = "F" if values.flags.f_contiguous else "C"
    form: dict[str, Any] = {"dtype": values.dtype.str, "shape": values.shape, "order": order}
    if isinstance(values, np.memmap):
        form["offset"] = values.offset
    stream.write(json.dumps({"names": names, "source": source, "form": form}).encode() + b"\n")
    if not isinstance(values, np.memmap):
        stream.write(values.ravel(order).view(np.uint8).data)


def _limit(size: int) -> None:
    """Limit this process to what reading a file of `size` bytes takes, where the system has such limits."""
    if sys.platform == "win32":
        return
    import resource

    # What starting took shows how slow the machine is.
    seconds = round(time.process_time()) + 2 + size // 5_000_000
    memory = 500_000_000 + 40 * size
    for kind, limit in ((resource.RLIMIT_CPU, seconds), (resource.RLIMIT_DATA, memory)):
        # A lower limit that this process was started with stays.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (limit, limit))


def _main(path: Path, score: str) -> None:
    _limit(path.stat().st_size)
    try:
        read = read_mat if path.suffix == ".mat" else read_hdf5
        _send(read(path, float(score) if score else None), sys.stdout.buffer)
    except UserError as error:
        print(json.dumps({"error": str(error)}))
    except MemoryError:
        reason = "takes more memory than sound files of its size do; save its features as an .npy"
        print(json.dumps({"error": f"{path}: {reason}"}))


if __name__ == "__main__":
    _main(Path(sys.argv[1]), sys.argv[2])
