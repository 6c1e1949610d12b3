"""Pickles made to harm whoever reads them: by what they call, by how deep they nest, by how large they unfold."""

import io
import pickle
import zipfile
from pathlib import Path

import numpy as np

Rng = np.random.Generator

HARM = "PWNED"
"""The file that appears where a pickle was obeyed."""
HEADER = b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"
ARRAY = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK\x00\x85C\x01btR"
CALLABLES = ("os system", "posix mkdir", "builtins exec", "builtins eval", "builtins getattr", "subprocess Popen",
             "shutil rmtree", "numpy load", "torch load", "functools partial", "operator attrgetter", "io open",
             "numpy.core.multiarray _reconstruct", "numpy.core.multiarray scalar", "numpy ndarray", "numpy dtype",
             "collections OrderedDict", "torch._utils _rebuild_tensor_v2", "torch._utils _rebuild_tensor",
             "torch._utils _rebuild_parameter", "torch FloatStorage", "copyreg _reconstructor")  # fmt: skip
HUGE = (2**31 - 1, 2**32 - 1, 2**40, 2**62, -1, 10**30)


def hostile(rng: Rng, longest: int = 400_000) -> bytes:
    """Return a pickle of one kind or another, whose values nest or repeat so many times at most."""
    kinds = [
        _call,
        lambda rng: _deep(rng, longest),
        lambda rng: _placed(rng, longest),
        lambda rng: _repeated(rng, longest),
        _unfolding,
        _claim,
        _long_number,
        _of_numpy,
        _used_again,
        _collisions,
        *[_random] * 5,
        *[_nearly_sound] * 3,
    ]
    return b"\x80\x02" + kinds[rng.integers(len(kinds))](rng) + b"."


def write_pickle(folder: Path, pickled: bytes) -> None:
    """Write a pickle as an .npy of objects."""
    header = HEADER.ljust(117) + b"\n"
    (folder / "f.npy").write_bytes(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + pickled)


def write_npy(folder: Path, rng: Rng) -> None:
    """Write a hostile one as an .npy of objects."""
    write_pickle(folder, hostile(rng))


def write_zip(folder: Path, rng: Rng) -> None:
    """Write a hostile one as the description in a zip archive of PyTorch's."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("w/data.pkl", hostile(rng))
        archive.writestr("w/data/0", bytes(64))
        archive.writestr("w/byteorder", b"little")
    (folder / "w.pth").write_bytes(file.getvalue())


def write_legacy(folder: Path, rng: Rng) -> None:
    """Write a hostile one as one of the pickles in a row that PyTorch wrote before."""
    sound = [pickle.dumps(value, 2) for value in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}, {}, [])]
    sound[int(rng.choice([0, 1, 2, 3, 3, 3, 4]))] = hostile(rng)
    (folder / "w.pth").write_bytes(b"".join(sound))


def _text(text: str) -> bytes:
    raw = text.encode()
    return b"X" + len(raw).to_bytes(4, "little") + raw


def _number(number: int) -> bytes:
    return pickle.dumps(number, 2)[2:-1]


def _global(rng: Rng) -> bytes:
    module, name = CALLABLES[rng.integers(len(CALLABLES))].split()
    return (f"c{module}\n{name}\n".encode(), _text(module) + _text(name) + b"\x93")[rng.integers(2)]


def _call(rng: Rng) -> bytes:
    """Call something, in one of the ways that there are."""
    arguments = _text(HARM if rng.random() < 0.7 else f"open('{HARM}', 'w')")
    what = _global(rng) if rng.random() < 0.5 else b"cposix\nmkdir\n"
    ways = (
        what + arguments + b"\x85R",
        what + arguments + b"\x85\x81",
        b"(" + what + arguments + b"o",
        b"(" + arguments + b"iposix\nmkdir\n",
        what + arguments + b"\x85}\x92",
        what + _text("x") + what + b"sb",
        b"}" + what + arguments + b"\x85Rb",
        b"\x82\x01" + arguments + b"\x85R",
        b"P" + HARM.encode() + b"\n",
        _text(HARM) + b"Q",
    )
    return ways[rng.integers(len(ways))]


def _deep(rng: Rng, deepest: int) -> bytes:
    depth = int(rng.choice([500, 5000, deepest // 10, deepest]))
    layers = (
        b"]" * depth + b"a" * (depth - 1),
        b")" + b"\x85" * depth,
        b"}" + b")" + b"\x85" * depth + b"Ns",
        b"(" * depth + b"t" * depth,
        b"(" * depth + b"]" + b"e",
        (b"}K\x00" * depth) + b"N" + b"s" * depth,
        b"]q\x00h\x00a",
        b"}q\x00K\x01h\x00s",
        b"]q\x00h\x00h\x00\x86\x85a",
    )
    return layers[rng.integers(len(layers))]


def _placed(rng: Rng, deepest: int) -> bytes:
    """Put what is deep or unfolds where something else belongs: a key, an argument, a state, a shape, contents."""
    value = _deep(rng, deepest) if rng.random() < 0.5 else _unfolding(rng)
    objects = b"cnumpy\ndtype\n(" + _text("O8") + b"\x89\x88tR"
    record = b"}(" + _text("file_name") + _text("a") + _text("sentences") + b"](" + value + b"eu"
    places = (
        b"}" + value + b"K\x01s",
        b"}(K\x01K\x01" + value + b"K\x01u",
        b"}" + _text("state_dict") + value + b"s",
        b"}" + value + b"b",
        value + value + b"\x93",
        _global(rng) + value + b"\x85R",
        b"ccollections\nOrderedDict\n]](" + value + b"K\x01ea\x85R",
        b"ctorch._utils\n_rebuild_tensor\n(NK\x00" + value + value + b"tR",
        ARRAY + b"(K\x01" + value + objects + b"\x89]tb",
        ARRAY + b"(K\x01K\x01\x85" + objects + b"\x89](" + value + b"etb",
        ARRAY + b"(K\x01K\x01\x85" + objects + b"\x89](" + record + b"etb",
    )
    return places[rng.integers(len(places))]


def _repeated(rng: Rng, times: int) -> bytes:
    """Write one instruction, or a few, again and again."""
    parts = (b"]", b"}", b"N\x85", b"(", b"]\x94", b"N\x94", b"U\x02ab", b"]Na", b"}K\x01Ns", b")", b"M\x01\x02")
    return b"](" + parts[rng.integers(len(parts))] * int(rng.choice([100, times])) + b"e"


def _used_again(rng: Rng) -> bytes:
    """Make many arrays of the same bytes."""
    size = int(rng.choice([10, 10_000]))
    dtype = b"cnumpy\ndtype\n(" + _text("u1") + b"\x89\x88tR"
    array = ARRAY + b"(K\x01" + _number(size) + b"\x85" + dtype + b"\x89h\x00tb"
    return b"](T" + size.to_bytes(4, "little") + b"\x01" * size + b"q\x00" + array * 1000 + b"e"


def _unfolding(rng: Rng) -> bytes:
    """Hold one thing twice, and that twice, and so on."""
    layers, times = int(rng.integers(10, 60)), int(rng.integers(2, 12))
    raw = (b"]q\x00", _text("ha" * 1000) + b"q\x00", b")q\x00")[rng.integers(3)]
    for _ in range(layers):
        raw += (b"(" + b"h\x00" * times + b"tq\x00", b"](" + b"h\x00" * times + b"eq\x00")[rng.integers(2)]
    return raw if rng.random() < 0.5 else b"}" + raw + b"Ns"


def _claim(rng: Rng) -> bytes:
    """Claim a length or a place that cannot be."""
    size = int(rng.choice([4, 8]))
    number = (HUGE[rng.integers(4)] % 2 ** (8 * size)).to_bytes(size, "little")
    codes = b"XTB\x8bjr" if size == 4 else b"\x8d\x8e\x95\x96"
    return b"K\x01" + bytes([codes[rng.integers(len(codes))]]) + number + b"abc"


def _long_number(rng: Rng) -> bytes:
    size = int(rng.choice([255, 5000, 2_000_000]))
    ways = (
        b"I" + b"9" * size + b"\n",
        b"L" + b"9" * size + b"L\n",
        b"\x8b" + size.to_bytes(4, "little") + b"\x7f" * size,
        b"F" + b"9" * size + b"\n",
        b"V" + b"\\u0041" * (size // 6) + b"\n",
        b"}\x8b" + size.to_bytes(4, "little") + b"\x7f" * size + b"Ns",
    )
    return ways[rng.integers(len(ways))]


def _of_numpy(rng: Rng) -> bytes:
    """Describe an array or a tensor whose shape, dtype or storage cannot be."""
    sizes = [
        int(rng.choice([0, 1, 3, 10**6, 10**9])) if rng.random() < 0.8 else HUGE[rng.integers(6)] for _ in range(3)
    ]
    shape = b"(" + b"".join(map(_number, sizes[: rng.integers(4)])) + b"t"
    codes = ("f4", "O8", "V8", "U99999", "S0", "U0", "M8[s]", "f4\n", "i4,f4", "c16", "x" * 2000, "f99999999999")
    code, order = codes[rng.integers(len(codes))], "<|>=!\x1b"[rng.integers(6)]
    dtype = (
        b"cnumpy\ndtype\n(" + _text(code) + b"\x89\x88tR(K\x03" + _text(order) + b"NNN\x8a\x01\xff\x8a\x01\xffK\x00tb"
    )
    contents = (b"C\x04abcd", b"]", b"C\x00", b"](NNNe", _text("ab"), b"N")[rng.integers(6)]
    array = ARRAY + b"(K\x01" + shape + dtype + b"\x89" + contents + b"tb"
    storage = (
        b"(" + _text("storage") + b"ctorch\nFloatStorage\n" + _text("0") + _text("cpu") + _number(sizes[0]) + b"tQ"
    )
    tensor = b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + _number(sizes[1]) + shape + shape + b"\x89}tR"
    scalar = b"cnumpy.core.multiarray\nscalar\n" + dtype + contents + b"\x86R"
    inside = b"]" + b"".join(one + b"a" for one in (array, scalar))
    return (array, b"}" + _text("c.weight") + tensor + b"s", scalar, inside)[rng.integers(4)]


def _collisions(rng: Rng) -> bytes:
    """Fill a dictionary with numbers that all have the hash 0."""
    count = int(rng.choice([100, 30_000]))
    return b"}(" + b"".join(_number(i * (2**61 - 1)) + b"N" for i in range(count)) + b"u"


def _random(rng: Rng) -> bytes:
    """Write instructions at random, most of which find something to work on."""
    raw, depth = b"", 0
    for _ in range(int(rng.integers(1, 60))):
        pushes = (
            b"N", b"\x88", b")", b"]", b"}", b"K\x01", b"M\x01\x02", b"J\xff\xff\xff\xff", _text("a\x1b[31m"),
            b"C\x01x", b"U\x02ab", b"\x8a\x09" + b"\xff" * 9, b"G" + b"\x7f" * 8, _global(rng), b"h\x00", b"(",
        )  # fmt: skip
        works = b"aes\x85\x86\x87tRbuld0q\x00\x94\x93Q\x81\x91\x90\x921"
        if depth < 2 or rng.random() < 0.5:
            raw += pushes[rng.integers(len(pushes))]
            depth += 1
        else:
            raw += works[(i := int(rng.integers(len(works)))) : i + 1]
    return raw


def _nearly_sound(rng: Rng) -> bytes:
    """Damage what is ordinary."""
    vectors = {f"{number}.jpg": np.ones(4, np.float32) for number in range(4)}
    values = (vectors, {"state_dict": {"a": [1, 2.5, "x"]}}, [{"id": 1, "sentences": [["a", "dog"]]}])
    raw = bytearray(pickle.dumps(values[rng.integers(3)], int(rng.choice([2, 4]))))
    for _ in range(int(rng.integers(1, 6))):
        raw[int(rng.integers(len(raw)))] = int(rng.integers(256))
    return bytes(raw[2:-1])
