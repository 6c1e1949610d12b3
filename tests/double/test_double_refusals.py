"""What the strict double of CuPy refuses, each refusal with a program that meets it."""

import json
import operator
import pickle
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest

A = np.random.default_rng(0).standard_normal((7, 5)).astype(np.float32)
IDS = np.array([0, 3, 6, 1])

Program = Callable[[Any, Any, Any], Any]

REFUSED: dict[str, tuple[type[Exception], Program]] = {
    "operand array": (TypeError, lambda xp, x, i: x + A),
    "operand array on the left": (TypeError, lambda xp, x, i: A + x),
    "operand array of one number": (TypeError, lambda xp, x, i: x * np.array(2.0)),
    "operand list": (TypeError, lambda xp, x, i: xp.maximum(x, [1, 2, 3, 4, 5])),
    "operand None": (TypeError, lambda xp, x, i: x + None),
    "operand in matmul": (TypeError, lambda xp, x, i: x @ A.T),
    "operand in matmul, on the left": (TypeError, lambda xp, x, i: A.T @ x),
    "operand in place": (TypeError, lambda xp, x, i: x.__iadd__(A)),
    "operand in place, on the left": (TypeError, lambda xp, x, i: A.copy().__iadd__(x)),
    "operand of a ufunc": (TypeError, lambda xp, x, i: xp.exp(A)),
    "operand of where": (TypeError, lambda xp, x, i: xp.where(A > 0, x, 0)),
    "operand of where, last": (TypeError, lambda xp, x, i: xp.where(x > 0, x, A)),
    "operand of einsum": (TypeError, lambda xp, x, i: xp.einsum("ij,ij->i", x, A)),
    "operand of concatenate": (TypeError, lambda xp, x, i: xp.concatenate([x, A])),
    "array for a list of arrays": (TypeError, lambda xp, x, i: xp.concatenate(x)),
    "operand of a function": (TypeError, lambda xp, x, i: xp.sum(A)),
    "scalar for an array": (TypeError, lambda xp, x, i: xp.sum(3.0)),
    "list for an array": (TypeError, lambda xp, x, i: xp.sum([1.0, 2.0])),
    "like a host array": (TypeError, lambda xp, x, i: xp.empty_like(A)),
    "out on the host": (TypeError, lambda xp, x, i: xp.add(x, 1, out=A.copy())),
    "out of a reduction on the host": (TypeError, lambda xp, x, i: xp.sum(x, axis=0, out=A[0].copy())),
    "host array as value": (ValueError, lambda xp, x, i: x.__setitem__(0, A[0])),
    "list as value": (ValueError, lambda xp, x, i: x.__setitem__(0, [1, 2, 3, 4, 5])),
    "host array added at": (TypeError, lambda xp, x, i: xp.add.at(x, i, A[:4])),
    "adding at, into the host": (TypeError, lambda xp, x, i: xp.add.at(A, i, x)),
    "adding at, in booleans": (TypeError, lambda xp, x, i: xp.add.at(x > 0, i, 1)),
    "np.asarray": (TypeError, lambda xp, x, i: np.asarray(x)),
    "np.array of device numbers": (TypeError, lambda xp, x, i: np.array([x.sum()])),
    "np.float32": (TypeError, lambda xp, x, i: np.float32(x.sum())),
    "stored in a host array": (TypeError, lambda xp, x, i: A.copy().__setitem__(0, x[0])),
    "index of a host array": (TypeError, lambda xp, x, i: A[i]),
    "index of a list": (TypeError, lambda xp, x, i: [1, 2, 3][i[0]]),
    "range": (TypeError, lambda xp, x, i: range(x.argmax())),
    "hash": (TypeError, lambda xp, x, i: {x}),
    "json": (TypeError, lambda xp, x, i: json.dumps({"loss": x.sum()})),
    "matmul in place": (TypeError, lambda xp, x, i: operator.imatmul(x, x.T)),
    "iterating over one number": (TypeError, lambda xp, x, i: iter(x.sum())),
    "calling the class": (TypeError, lambda xp, x, i: xp.ndarray((2, 3))),
    "shape on the device": (TypeError, lambda xp, x, i: xp.zeros(i[0])),
    "shape of empty on the device": (TypeError, lambda xp, x, i: xp.empty((i[0], 2))),
    "axis on the device": (TypeError, lambda xp, x, i: x.sum(axis=i[0])),
    "float index": (IndexError, lambda xp, x, i: x[i.astype("float32")]),
    "float index of take": (IndexError, lambda xp, x, i: xp.take(x, i.astype("float32"))),
    "index too large": (IndexError, lambda xp, x, i: x[99]),
    "cast in place": (TypeError, lambda xp, x, i: i.__iadd__(0.5)),
    "keyword where": (TypeError, lambda xp, x, i: x.sum(where=x > 0)),
    "keyword where of a ufunc": (TypeError, lambda xp, x, i: xp.add(x, 1, where=x > 0)),
    "out of a ufunc by position": (TypeError, lambda xp, x, i: xp.exp(x, x)),
    "keyword initial": (TypeError, lambda xp, x, i: x.max(initial=0)),
    "keyword stable": (TypeError, lambda xp, x, i: xp.argsort(x, stable=True)),
    "keyword mode of take": (TypeError, lambda xp, x, i: xp.take(x, i, axis=0, mode="clip")),
    "keyword min of clip": (TypeError, lambda xp, x, i: xp.clip(x, min=0)),
    "keyword device": (TypeError, lambda xp, x, i: xp.zeros(3, device="cpu")),
    "keyword like": (TypeError, lambda xp, x, i: xp.array(A, like=x)),
    "axis missing": (TypeError, lambda xp, x, i: xp.take_along_axis(x, i)),
    "quicksort": (ValueError, lambda xp, x, i: xp.argsort(x, kind="quicksort")),
    "argument of item": (TypeError, lambda xp, x, i: x.item(0)),
    "dtype str": (ValueError, lambda xp, x, i: xp.asarray(["a"])),
    "dtype object": (ValueError, lambda xp, x, i: xp.asarray([None])),
    "wrong shape set": (ValueError, lambda xp, x, i: x.set(A[0])),
    "wrong dtype set": (TypeError, lambda xp, x, i: x.set(A.astype(np.float64))),
    "NumPy-only block": (AttributeError, lambda xp, x, i: xp.block),
    "NumPy-only errstate": (AttributeError, lambda xp, x, i: xp.errstate),
    "NumPy-only method": (AttributeError, lambda xp, x, i: x.resize),
    "scatter that CuPy lacks": (AttributeError, lambda xp, x, i: xp.multiply.at),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refuses_what_cupy_refuses(strict_cupy: ModuleType, name: str):
    error, program = REFUSED[name]
    xp = strict_cupy
    with pytest.raises(error) as caught:
        program(xp, xp.asarray(A), xp.asarray(IDS))
    assert caught.type is not xp.StrictError


STRICTER: dict[str, Program] = {
    "NumPy function": lambda xp, x, i: np.sum(x),
    "NumPy concatenate": lambda xp, x, i: np.concatenate([x, x]),
    "host index": lambda xp, x, i: x[IDS],
    "list index": lambda xp, x, i: x[[0, 1]],
    "host index in a tuple": lambda xp, x, i: x[:, np.array([0, 1])],
    "host index of a write": lambda xp, x, i: x.__setitem__(IDS, 0),
    "host index added at": lambda xp, x, i: xp.add.at(x, IDS, 1),
    "slice bound": lambda xp, x, i: x[: i[1]],
    "duplicates": lambda xp, x, i: x.__setitem__(xp.asarray([0, 0]), x[:2] * 2),
    "duplicates after wrapping": lambda xp, x, i: x.__setitem__(xp.asarray([0, 7]), x[:2] * 2),
    "duplicates in pairs": lambda xp, x, i: x.__setitem__((i * 0, i * 0), xp.asarray(A[0, :4])),
    "gathering numbers": lambda xp, x, i: xp.asarray([x[0, 0], x[0, 1]]),
    "in": lambda xp, x, i: 1.0 in x,
    "dtype of argmax": lambda xp, x, i: xp.argmax(x, 1, None),
    "pickle": lambda xp, x, i: pickle.dumps(x),
}


@pytest.mark.parametrize("name", STRICTER)
def test_refuses_what_cupy_hides(strict_cupy: ModuleType, name: str):
    xp = strict_cupy
    with pytest.raises(xp.StrictError):
        STRICTER[name](xp, xp.asarray(A), xp.asarray(IDS))


@pytest.mark.parametrize("index", [IDS, [0, 1], np.array(1)], ids=["array", "list", "number"])
def test_take_refuses_host_indices(strict_cupy: ModuleType, index: Any):
    x = strict_cupy.asarray(A)
    for call in (lambda: x.take(index, axis=0), lambda: strict_cupy.take(x, index, axis=0)):
        with pytest.raises(TypeError, match="indices"):
            call()
