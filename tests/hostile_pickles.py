"""Seeded hostile pickles, and a process that reads them by every door: python tests/hostile_pickles.py 5000 1 [LENGTH].

Each must be read or refused in one line, within 5 seconds and a gigabyte, and without anything being run.  What is read
must do no harm later, when somebody prints it, compares it, looks it up or writes it as JSON.
"""

import contextlib
import faulthandler
import itertools
import json
import os
import pickle
import pickletools
import resource
import struct
import sys
import tempfile
import time
import zipfile
from collections import OrderedDict
from pathlib import Path

import numpy as np

from mrnn_np.data.npy_objects import read_objects
from mrnn_np.data.readers.mrnn import read_mrnn
from mrnn_np.errors import LONGEST, UserError
from mrnn_np.vision.weight_files import read_weights

SECONDS, BYTES = 5, 2**30
RECORD = {"id": 1, "file_name": "a.jpg", "sentences": [["a", "dog"], ["dogs"]], "score": 0.5, "flags": (True, None)}
LISTS = np.array([RECORD, RECORD | {"id": 2**40}, {"x": np.arange(3.0), "n": np.float32(1)}], object)
DANGEROUS = [
    "os system", "posix system", "builtins eval", "builtins exec", "builtins getattr", "builtins open", "builtins list",
    "subprocess Popen", "runpy run_path", "importlib import_module", "numpy load", "numpy fromfile", "pickle loads",
    "torch load", "torch hub", "shutil rmtree", "operator attrgetter", "copyreg _reconstructor", "types CodeType",
]  # fmt: skip
ALLOWED = [
    "collections OrderedDict", "numpy ndarray", "numpy dtype", "numpy.core.multiarray _reconstruct", "torch Size",
    "numpy._core.multiarray scalar", "torch FloatStorage", "torch FloatTensor", "torch._utils _rebuild_tensor",
    "torch._utils _rebuild_tensor_v2", "torch._utils _rebuild_parameter", "torch._tensor _rebuild_from_type_v2",
    "torch.nn.parameter Parameter",
]  # fmt: skip
EVENTS = {
    "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.remove", "os.rename", "os.putenv", "pickle.find_class",
    "subprocess.Popen", "shutil.rmtree", "socket.connect", "ctypes.dlopen", "exec", "import",
}  # fmt: skip
BINARY_GET, BINARY_PUT = b"j", b"r"


def named(name):
    return b"c" + name.replace(" ", "\n").encode() + b"\n"


def text(raw):
    return b"U" + bytes([len(raw)]) + raw


def long(number):
    raw = pickle.encode_long(number)
    return b"\x8a" + bytes([len(raw)]) + raw


def dtype(code):
    state = b"(K\x03U\x01|NNN" + b"J\xff\xff\xff\xff" * 2 + b"K\x00tb"
    return named("numpy dtype") + text(code) + b"\x89\x88\x87R" + state


def array(shape, its_dtype, contents):
    empty = named("numpy.core.multiarray _reconstruct") + named("numpy ndarray") + b"K\x00\x85C\x01b\x87R"
    return empty + b"(K\x01" + shape + its_dtype + b"\x89" + contents + b"tb"


class Draw:
    """Draws at random, the same ones for a seed."""

    def __init__(self, *seed):
        self.rng = np.random.default_rng(seed)

    def one(self, *choices):
        return choices[self.rng.integers(len(choices))]

    def chance(self, probability):
        return self.rng.random() < probability


def altered(draw, _length):
    """A sound pickle with bytes changed, put in, taken out or written twice."""
    raw = bytearray(pickle.dumps(draw.one(LISTS, LISTS, OrderedDict(a=[1], b=RECORD)), draw.one(*range(6))))
    for _ in range(draw.one(1, 2, 5)):
        first, last = sorted(draw.rng.integers(0, len(raw), 2))
        match draw.one("change", "put in", "take out", "repeat"):
            case "change":
                raw[first] = draw.rng.integers(256)
            case "put in":
                raw[first:first] = draw.rng.bytes(draw.one(1, 4, 8))
            case "take out":
                del raw[first : min(last, first + 20)]
            case "repeat":
                raw[last:last] = raw[first : first + 40]
    return bytes(raw)


def program(draw, _length):
    """Instructions drawn at random, most of them such as plain data needs."""
    every = [code.code.encode("latin-1") for code in pickletools.opcodes if code.name != "STOP"]
    plain = [text(b"a"), b"K\x01", b"q\x00", b"h\x00", *(bytes([code]) for code in b"N}])(\x88\x85\x86as\x94")]
    parts = []
    for _ in range(draw.one(5, 20, 80)):
        parts.append(draw.one(*plain) if draw.chance(0.7) else draw.one(*every))
        if draw.chance(0.2):
            parts.append(named(draw.one(*ALLOWED)) + b")R")
    return b"\x80\x04" + b"".join(parts) + b"."


def call(draw, _length):
    """A call of something dangerous, in each of the ways that pickles know."""
    name, argument = draw.one(*DANGEROUS), text(b"touch PWNED")
    by_lines, on_stack = named(name), b"".join(b"\x8c" + text(part.encode())[1:] for part in name.split()) + b"\x93"
    form = draw.one(
        by_lines, by_lines + argument + b"\x85R", on_stack + argument + b"\x85R", by_lines + argument + b"\x85\x81",
        b"(" + argument + b"i" + by_lines[1:], b"(" + by_lines + argument + b"o", by_lines + argument + b"\x85}\x92",
        by_lines + b")R}" + argument + b"Nsb", b"\x82\x01" + argument + b"\x85R", b"P" + by_lines[1:], argument + b"Q",
        named(draw.one(*ALLOWED)) + by_lines + b"\x85R",
    )  # fmt: skip
    return b"\x80\x04" + draw.one(b"%b.", b"]%ba.", b"}U\x01a%bs.", b"}%bK\x01s.") % form


def deep(draw, length):
    opening, closing = draw.one((b"]", b"a"), (b"", b"\x85"), (b"}K\x01", b"s"), (b"](", b"e"), (b"K\x01", b"\x86"))
    depth = draw.one(50, 101, 1000, length)
    return opening * depth + b"N" + closing * depth


def unfolding(draw, _length):
    """Containers each of which holds the one before twice or more often."""
    opening, get_again, closing = draw.one((b"](", b"", b"e"), (b"(", b"", b"t"), (b"}(U\x01a", b"U\x01b", b"u"))
    value = b"]"
    for number in struct.iter_unpack("4s", np.arange(draw.one(10, 30, 60), dtype="<u4").tobytes()):
        get = BINARY_GET + number[0]
        value += BINARY_PUT + number[0] + opening + get + get_again + get + closing
    return value


def placed(draw, length):
    """Such a value as the whole, as a key, an argument, a state, a shape, the contents of an array, a sentence."""
    value, objects, one = draw.one(deep, unfolding)(draw, length), dtype(b"O8"), b"K\x01\x85"
    record = b"}(" + text(b"file_name") + text(b"a") + text(b"sentences") + b"](" + value + b"eu"
    return b"\x80\x02" + draw.one(
        value, b"}" + value + b"K\x01s", b"}(K\x01K\x01" + value + b"K\x01u", b"}" + value + b"b",
        value + value + b"\x93", named(draw.one(*ALLOWED)) + value + b"\x85R",
        named("collections OrderedDict") + b"]](" + value + b"K\x01ea\x85R",
        array(value, dtype(b"f4"), b"C\x00"), array(one, objects, b"](" + value + b"e"), array(one, objects, value),
        array(one, objects, b"](" + record + b"e"), named("numpy dtype") + value + b"\x89\x88\x87R",
        b"}" + text(b"state_dict") + value + b"s", b"}" + value + text(b"state_dict") + value + b"s",
        named("torch._utils _rebuild_tensor") + b"(NK\x00" + value + one + b"tR",
    ) + b"."  # fmt: skip


def claim(draw, _length):
    """A length, a place or a number that cannot be."""
    code, width = draw.one(
        *[(bytes([code]), 4) for code in b"XTB\x8brj"], *[(bytes([code]), 8) for code in b"\x8d\x8e\x96\x95"]
    )
    size = min(draw.one(5000, 2**30, 2**31 - 1, 2**40, 2**63 - 1), 2 ** (8 * width) - 1).to_bytes(width, "little")
    digits = b"9" * draw.one(100, 4000, 100_000)
    return b"\x80\x04" + draw.one(
        b"}" + code + size + b"abc", b"I" + digits + b"\n", b"L" + digits + b"L\n", b"F" + digits + b"\n",
        b"\x8b" + struct.pack("<i", 10**6) + b"\x7f" * 10**6, b"}" + long(2**2000) + b"Ns",
        array(b"(" + long(2**1000) * draw.one(2, 5000) + b"t", dtype(b"f4"), b"C\x00"),
    ) + b"."  # fmt: skip


def arrays(draw, length):
    """Arrays that are larger than what they are made of."""
    shape = draw.one(b"J\0\0\0\x40\x85", b"J\0\0\0\x40K\x00\x86", b"K\x00J\0\0\0\x40\x86")
    one = array(shape, dtype(draw.one(b"S0", b"U0", b"S", b"O8", b"f4")), draw.one(b"C\x00", b"]", b"U\x00"))
    run = b"T" + struct.pack("<i", length) + b"\x01" * length + BINARY_PUT + bytes(4)
    again = array(b"J" + struct.pack("<i", length) + b"\x85", dtype(b"u1"), BINARY_GET + bytes(4))
    within = array(b"K\x01\x85", dtype(b"O8"), b"](" + one + b"e")
    return b"\x80\x02" + draw.one(one, b"](" + run + again * 1000 + b"e", within) + b"."


def repeated(draw, length):
    """One instruction again and again, or keys that have one hash."""
    parts = (b"]", b"}", b"N\x85", b"(", b"]\x94", b"N\x94", b"U\x02ab", b"]Na", b"}K\x01Ns", b")", b"N0", b"M\x01\x02")
    keys = b"".join(long(number * (2**61 - 1)) + b"N" for number in range(1, length // 10))
    return b"\x80\x04" + draw.one(*(b"](" + part * length + b"e" for part in parts), b"}(" + keys + b"u") + b"."


KINDS = (altered, altered, program, program, call, placed, placed, claim, arrays, repeated)


def hostile(count, seed, length):
    """Yield so many pickles behind their kind; `length` is that of the longer ones."""
    for number, kind in zip(range(count), itertools.cycle(KINDS), strict=False):
        yield kind.__name__, kind(Draw(seed, number), length)


def doors(folder, raw):
    """Yield a function for each way in which a file that holds the pickle `raw` is read."""
    header = b"\x93NUMPY\x01\x00v\0" + b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }".ljust(117) + b"\n"
    start = pickle.dumps(0x1950A86A20F9469CFC6C, 2) + pickle.dumps(1001, 2) + pickle.dumps({"little_endian": True}, 2)
    lists = folder / "anno_list_mscoco_train_m_RNN.npy"
    lists.write_bytes(header + raw)
    yield lambda: read_objects(lists)
    yield lambda: read_mrnn(folder)
    path = folder / "weights.pth"
    for contents in (raw, start + raw + raw, start + b"}." + raw):
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
    """Read and use a file, and return what that did which it must not do."""
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
    return f"ran {ran}" if ran else f"took {took:.1f} s" if took > SECONDS else ""


def main(count, seed, length):
    """Read so many pickles, print each that does harm, and return whether there is one."""
    ran, harm = [], []
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for read in doors(Path(folder), b"Vx\nN."):  # what Python imports when it is first needed is there now
            harm_of(read, ran)
        sys.addaudithook(lambda event, arguments: ran.append((event, *arguments[:1])) if event in EVENTS else None)
        for number, (kind, raw) in enumerate(hostile(count, seed, length)):
            for door, read in enumerate(doors(Path(folder), raw)):
                faulthandler.dump_traceback_later(10 * SECONDS, exit=True)
                if found := harm_of(read, ran):
                    harm.append(f"{kind} {number} by door {door}: {found}")
                    print(harm[-1])
        faulthandler.cancel_dump_traceback_later()
        os.chdir("/")
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    print(f"{count} hostile pickles, {len(harm)} did harm, {grown / 1e6:.0f} MB")
    return bool(harm) or grown > BYTES


if __name__ == "__main__":
    sys.exit(main(*map(int, [*sys.argv[1:], 20_000][:3])))
