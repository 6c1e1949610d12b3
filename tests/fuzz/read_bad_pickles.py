"""Reads bad pickles by every door, and watches what is run: python tests/fuzz/read_bad_pickles.py 5000 1 [LONGEST].

Each must be read or refused in one line, within 5 seconds and a gigabyte, and without anything being run.  What is read
must do no harm later, when somebody prints it, compares it, looks it up or writes it as JSON.
"""

import contextlib
import faulthandler
import json
import os
import pickle
import resource
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np
from bad_pickles import hostile

from mrnn_np.data.readers.mrnn import read_mrnn
from mrnn_np.errors import LONGEST, UserError
from mrnn_np.files.npy_objects import read_objects
from mrnn_np.vision.weight_files import read_weights

SECONDS, BYTES = 5, 2**30
EVENTS = {
    "os.system", "os.mkdir", "os.exec", "os.posix_spawn", "os.fork", "os.remove", "os.rename", "os.putenv", "exec",
    "subprocess.Popen", "shutil.rmtree", "socket.connect", "ctypes.dlopen", "import", "pickle.find_class",
}  # fmt: skip
"""What Python's own audit says of code that is run and of files that are changed."""


def doors(folder, raw):
    """Yield a function for each way in which a file that holds the pickle `raw` is read."""
    header = b"\x93NUMPY\x01\x00v\0" + b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }".ljust(117) + b"\n"
    start = pickle.dumps(0x1950A86A20F9469CFC6C, 2) + pickle.dumps(1001, 2) + pickle.dumps({"little_endian": True}, 2)
    lists = folder / "anno_list_mscoco_train_m_RNN.npy"
    lists.write_bytes(header + raw)
    yield lambda: read_objects(lists)
    yield lambda: read_mrnn(folder)
    path = folder / "weights.pth"
    for contents in (raw, start + raw + b"].", start + b"}." + raw):
        path.write_bytes(contents)
        yield lambda: read_weights(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", raw)
        archive.writestr("archive/data/0", bytes(16))
    yield lambda: read_weights(path)


def use(value, same):
    """Do what programs do with a value they have read."""
    for careless in (str, hash, lambda value: value == same, lambda value: json.dumps(value, default=repr)):
        with contextlib.suppress(TypeError, ValueError):
            careless(value)


def harm_of(read, ran):
    """Read a file twice and use what it holds; return what that did which it must not do."""
    ran.clear()
    began, message = time.process_time(), ""
    try:
        use(read(), read())
    except UserError as error:
        message = str(error)
        if "\n" in message or len(message) > LONGEST or "fit in memory" in message:
            return message
    except BaseException as error:
        return repr(error)[:200]
    took = time.process_time() - began
    return f"ran {ran}" if ran else f"took {took:.1f} s" if took > 2 * SECONDS else ""


def main(count, seed, longest):
    """Read so many pickles, print each that does harm, and return whether there is one."""
    ran, harm = [], []
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for read in doors(Path(folder), b"Vx\nN."):  # what Python imports when it is first needed is there now
            harm_of(read, ran)
        sys.addaudithook(lambda event, arguments: ran.append((event, *arguments[:1])) if event in EVENTS else None)
        for number in range(count):
            raw = hostile(np.random.default_rng([seed, number]), longest)
            for door, read in enumerate(doors(Path(folder), raw)):
                faulthandler.dump_traceback_later(10 * SECONDS, exit=True)
                if found := harm_of(read, ran):
                    harm.append(f"number {number} by door {door}: {found}")
                    print(harm[-1])
        faulthandler.cancel_dump_traceback_later()
        os.chdir("/")
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    print(f"{count} hostile pickles, {len(harm)} did harm, {grown / 1e6:.0f} MB")
    return bool(harm) or grown > BYTES


if __name__ == "__main__":
    sys.exit(main(*map(int, [*sys.argv[1:], 20_000][:3])))
