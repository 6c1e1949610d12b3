"""What the strict double of CuPy counts, and what a test may forbid with its options."""

import math
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from strictcupy.signatures import parse_signature

A = np.random.default_rng(0).standard_normal((7, 5)).astype(np.float32)
IDS = np.array([0, 3, 6, 1])

Program = Callable[[Any, Any, Any], Any]

COUNTED: dict[str, tuple[dict[str, int], Program]] = {
    "asarray": ({"h2d": 1, "h2d_bytes": 140}, lambda xp, x, i: xp.asarray(A)),
    "set": ({"h2d": 1, "h2d_bytes": 140}, lambda xp, x, i: x.set(A)),
    "asnumpy": ({"d2h": 1, "d2h_bytes": 140, "sync": 1}, lambda xp, x, i: xp.asnumpy(x)),
    "asnumpy of a host array": ({}, lambda xp, x, i: xp.asnumpy(A)),
    "get into": ({"d2h": 1, "d2h_bytes": 140, "sync": 1}, lambda xp, x, i: x.get(out=A.copy())),
    "tolist": ({"d2h": 1, "d2h_bytes": 140, "sync": 1}, lambda xp, x, i: x.tolist()),
    "item": ({"d2h": 1, "d2h_bytes": 4, "sync": 1}, lambda xp, x, i: x[0, 0].item()),
    "float": ({"d2h": 1, "d2h_bytes": 4, "sync": 1}, lambda xp, x, i: float(x[0, 0])),
    "int": ({"d2h": 1, "d2h_bytes": 8, "sync": 1}, lambda xp, x, i: int(i[0])),
    "complex": ({"d2h": 1, "d2h_bytes": 4, "sync": 1}, lambda xp, x, i: complex(x[0, 0])),
    "if": ({"d2h": 1, "d2h_bytes": 4, "sync": 1}, lambda xp, x, i: bool(x[0, 0])),
    "math": ({"d2h": 1, "d2h_bytes": 4, "sync": 1}, lambda xp, x, i: math.exp(x[0, 0])),
    "f-string": ({"d2h": 1, "d2h_bytes": 4, "sync": 1}, lambda xp, x, i: f"{x[0, 0]:.2f}"),
    "printing": ({"d2h": 1, "d2h_bytes": 140, "sync": 1}, lambda xp, x, i: str(x)),
    "repr": ({"d2h": 1, "d2h_bytes": 140, "sync": 1}, lambda xp, x, i: repr(x)),
    "mask": ({"sync": 1, "launch": 2}, lambda xp, x, i: x[x > 0]),
    "mask of a scalar": ({"launch": 2}, lambda xp, x, i: x.__setitem__(x > 0, 0)),
    "mask of values": ({"sync": 1, "launch": 2}, lambda xp, x, i: x.__setitem__((x > 0)[:, 0], x)),
    "nonzero": ({"sync": 1, "launch": 1}, lambda xp, x, i: xp.nonzero(x)),
    "where alone": ({"sync": 1, "launch": 1}, lambda xp, x, i: xp.where(x)),
    "where": ({"launch": 2}, lambda xp, x, i: xp.where(x > 0, x, 0)),
    "views": ({}, lambda xp, x, i: x.T[1:].reshape(2, 14)[:, None][0, 0]),
    "operators": ({"launch": 4}, lambda xp, x, i: (x * 2 + 1) @ x.T + 1),
    "in place": ({"launch": 1}, lambda xp, x, i: x.__iadd__(1)),
    "functions": ({"launch": 3}, lambda xp, x, i: xp.exp(x).sum(axis=1).argmax()),
    "fancy read": ({"launch": 1}, lambda xp, x, i: x[i]),
    "fancy write": ({"launch": 1}, lambda xp, x, i: x.__setitem__(i, 1)),
    "add.at": ({"launch": 1}, lambda xp, x, i: xp.add.at(x, i, 1)),
    "device": ({"sync": 1}, lambda xp, x, i: xp.cuda.Device().synchronize()),
    "stream": ({"sync": 1}, lambda xp, x, i: xp.cuda.Stream.null.synchronize()),
    "current stream": ({"sync": 1}, lambda xp, x, i: xp.cuda.get_current_stream().synchronize()),
}


@pytest.mark.parametrize("name", COUNTED)
def test_counts(strict_cupy: ModuleType, name: str):
    xp = strict_cupy
    expected, program = COUNTED[name]
    x, i = xp.asarray(A.copy()), xp.asarray(IDS)
    if name == "mask of values":
        x = xp.asarray(np.ones((7, 5), np.float32))
    with xp.testing_counts() as counts:
        program(xp, x, i)
    assert dict(counts) == expected
    with xp.set_options(allow_sync=False):
        if "sync" in expected:
            with pytest.raises(xp.StrictError, match="host waits for the device"):
                program(xp, x, i)
        else:
            program(xp, x, i)
    program(xp, x, i)


PROMOTIONS: dict[str, Program] = {
    "NumPy scalar": lambda xp, x, i: x * np.float64(0.1),
    "NumPy integer": lambda xp, x, i: x / np.int64(3),
    "hidden by in-place": lambda xp, x, i: x.__isub__(np.float64(0.1)),
    "hidden by out": lambda xp, x, i: xp.multiply(x, np.float64(2), out=x),
    "hidden by a comparison": lambda xp, x, i: x > np.float64(0),
    "integers divided": lambda xp, x, i: i / 2,
    "integers times floats": lambda xp, x, i: i[:1] * x,
    "mean of booleans": lambda xp, x, i: (x > 0).mean(),
    "default of zeros": lambda xp, x, i: xp.zeros(3),
    "default of arange": lambda xp, x, i: xp.arange(3.0),
    "where of two numbers": lambda xp, x, i: xp.where(x > 0, 1.0, 0.0),
    "upload": lambda xp, x, i: xp.asarray(A.astype(np.float64)),
    "cast": lambda xp, x, i: x.astype(float),
    "dtype of a sum": lambda xp, x, i: x.sum(dtype=np.float64),
    "complex": lambda xp, x, i: x.astype(np.complex128),
}


@pytest.mark.parametrize("name", PROMOTIONS)
def test_float64_is_noticed(strict_cupy: ModuleType, name: str):
    xp = strict_cupy
    x, i = xp.asarray(A.copy()), xp.asarray(IDS)
    PROMOTIONS[name](xp, x, i)
    with xp.set_options(allow_float64=False), pytest.raises(xp.StrictError, match=r"float64|complex128"):
        PROMOTIONS[name](xp, x, i)


def test_float64_operands_are_noticed(strict_cupy: ModuleType):
    xp = strict_cupy
    x, y = xp.asarray(A), xp.asarray(A.astype(np.float64))
    for program in (
        lambda: y > 0,
        lambda: xp.add(x, y, out=x),
        lambda: xp.argmax(y),
        lambda: x.__setitem__(0, y[0]),
    ):
        with xp.set_options(allow_float64=False), pytest.raises(xp.StrictError, match="float64"):
            program()


def test_single_precision_passes_where_float64_is_forbidden(strict_cupy: ModuleType):
    xp = strict_cupy
    x, i = xp.asarray(A.copy()), xp.asarray(IDS)
    with xp.set_options(allow_float64=False, allow_sync=False):
        z = x @ x.T * 0.5 + 1 / 3 - np.float32(2)
        z -= 0.1 * z**2
        p = xp.exp(z - z.max(axis=1, keepdims=True))
        loss = (xp.log2(p.sum(axis=1)) - p[xp.arange(7), xp.arange(7)]).mean()
        xp.add.at(x, i, xp.where(x[i] > 0, x[i], 0))
        assert loss.dtype == xp.linalg.norm(x).dtype == np.float32


def test_options_come_back_after_an_error(strict_cupy: ModuleType):
    xp = strict_cupy
    with pytest.raises(ZeroDivisionError), xp.set_options(allow_sync=False, allow_float64=False):
        _ = 1 / 0
    assert float(xp.zeros(1).sum()) == 0


def test_counting_inside_counting(strict_cupy: ModuleType):
    xp = strict_cupy
    with xp.testing_counts() as outer:
        x = xp.asarray(A)
        with xp.testing_counts() as inner:
            x.get()
    assert (inner["h2d"], inner["d2h"]) == (0, 1)
    assert (outer["h2d"], outer["d2h"]) == (1, 1)


def test_signatures_are_parsed():
    signature = parse_signature("x, /, a, b=None, *, c, d=None, **rest")
    assert str(signature) == "(x, /, a, b=None, *, c, d=None, **rest)"
    assert str(parse_signature("*shape, order=None")) == "(*shape, order=None)"
    assert str(parse_signature("")) == "()"
