"""The numbers of the strict double of CuPy are NumPy's, and so are those of CuPy where there is a GPU."""

import copy
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from mrnn_np.backend import Backend

A = np.random.default_rng(0).standard_normal((7, 5)).astype(np.float32)
IDS = np.array([0, 3, 6, 1])

Program = Callable[[Any, Any, Any], Any]

SAME: dict[str, Program] = {
    "arithmetic": lambda xp, x, i: [(1 - x) * 2 / (x * x + 0.5) ** 2 - x // 2 + x % 3],
    "numpy scalars": lambda xp, x, i: [x * np.float32(0.1), np.float32(2) * x, x * np.float64(0.1)],
    "python scalars": lambda xp, x, i: [x * 0.1, i * 2, i / 2, i * 0.5, 1 / (x + 9), 2**x],
    "mixed dtypes": lambda xp, x, i: [i + x[0, :4], i.astype("int32") * x[0, :4], (x > 0) * x],
    "comparisons": lambda xp, x, i: [x > 0, x <= 0.5, (x > 0) & (x < 1) | (x == 0), ~(x > 0), x != x],
    "signs": lambda xp, x, i: [-x, +x, abs(x), xp.sign(x)],
    "exponentials": lambda xp, x, i: [xp.exp(x), xp.log(abs(x)), xp.log2(abs(x)), xp.tanh(x), xp.sqrt(x * x)],
    "extrema": lambda xp, x, i: [
        xp.maximum(x, 0),
        xp.minimum(x, x.T[:1].T),
        xp.clip(x, -1, 1),
        xp.clip(x, 0, None),
    ],
    "ufunc dtype": lambda xp, x, i: [xp.multiply(x, 2, dtype=np.float64)],
    "where": lambda xp, x, i: [xp.where(x > 0, x, 0), xp.where(x > 0, 1.0, 0.0)],
    "matmul": lambda xp, x, i: [x @ x.T, xp.matmul(x.T, x), xp.dot(x[0], x[1]), x.dot(x[0])],
    "einsum": lambda xp, x, i: [
        xp.einsum("ij,kj->ik", x, x, optimize=True),
        xp.tensordot(x, x, axes=([1], [1])),
    ],
    "products": lambda xp, x, i: [xp.outer(x[0], x[1]), xp.inner(x[0], x[1]), xp.vdot(x, x)],
    "norm": lambda xp, x, i: [xp.linalg.norm(x), xp.linalg.norm(x, axis=1, keepdims=True)],
    "sums": lambda xp, x, i: [x.sum(), xp.sum(x, axis=0), x.sum(axis=(0, 1)), x.sum(axis=1, keepdims=True)],
    "means": lambda xp, x, i: [x.mean(axis=1), xp.var(x, axis=0), xp.std(x), (x > 0).mean()],
    "reductions": lambda xp, x, i: [
        x.max(axis=1),
        xp.min(x),
        xp.prod(x, axis=0),
        (x > 0).all(),
        xp.any(x > 0, axis=1),
    ],
    "argmax": lambda xp, x, i: [x.argmax(), xp.argmax(x, axis=1), x.argmin(axis=0), xp.count_nonzero(x > 0)],
    "cumsum": lambda xp, x, i: [xp.cumsum(x, axis=1), x.cumsum(), xp.cumsum(i)],
    "finite": lambda xp, x, i: [xp.isfinite(x / 0), xp.isnan(x), xp.nan_to_num(x / 0, posinf=1, neginf=0)],
    "joining": lambda xp, x, i: [xp.concatenate([x, x], axis=1), xp.stack((x, x)), xp.vstack([x, x])],
    "splitting": lambda xp, x, i: [*xp.split(x, [2, 4]), *xp.array_split(x, 3), xp.pad(x, ((1, 0), (0, 2)))],
    "shapes": lambda xp, x, i: [
        x.reshape(5, 7),
        x.reshape((1, -1)),
        x.T,
        x.ravel(),
        x[None, ..., None],
        x.mT,
    ],
    "axes": lambda xp, x, i: [xp.moveaxis(x, 0, 1), x.transpose(1, 0), x[:1].squeeze(), xp.expand_dims(x, 0)],
    "repeating": lambda xp, x, i: [
        xp.repeat(x, 2, axis=0),
        xp.tile(x, (2, 1)),
        xp.broadcast_to(x, (2, 7, 5)),
    ],
    "windows": lambda xp, x, i: [
        xp.lib.stride_tricks.sliding_window_view(x, (2, 2), axis=(0, 1)),
        xp.lib.stride_tricks.as_strided(x, (3, 2, 2), (x.strides[0], x.strides[1], x.strides[1])),
    ],
    "sorting": lambda xp, x, i: [
        xp.argsort(x, axis=1),
        xp.sort(x, axis=0),
        xp.sort(xp.partition(x, 3)[:, 3:]),
    ],
    "argpartition": lambda xp, x, i: [xp.sort(xp.argpartition(x, -2, axis=1)[:, -2:], axis=1)],
    "take": lambda xp, x, i: [xp.take(x, i, axis=0), x.take(i), xp.take(x, 2, axis=1)],
    "take_along_axis": lambda xp, x, i: [xp.take_along_axis(x, xp.argsort(x, axis=1), axis=1)],
    "searching": lambda xp, x, i: [
        xp.unique(i // 2),
        xp.nonzero(x > 0)[1],
        xp.bincount(i),
        xp.where(x > 1)[0],
    ],
    "reads": lambda xp, x, i: [
        x[0],
        x[-1, 2],
        x[1:4, ::2],
        x[i],
        x[i, i % 5],
        x[:, i[:1]],
        x[i[:, None], i[None] % 5],
    ],
    "masks": lambda xp, x, i: [x[x > 0], x[x[:, 0] > 0], x[x[:, 0] > 0, 1]],
    "creation": lambda xp, x, i: [
        xp.zeros(3),
        xp.ones((2, 2), np.float32),
        xp.full(3, 0.5),
        xp.eye(3),
        xp.identity(2),
    ],
    "likes": lambda xp, x, i: [xp.zeros_like(x), xp.full_like(x, 2), xp.ones_like(i)],
    "ranges": lambda xp, x, i: [xp.arange(3), xp.arange(2, 8, 2), xp.arange(3.0), xp.linspace(0, 1, 5)],
    "uploads": lambda xp, x, i: [
        xp.asarray([1, 2]),
        xp.asarray(np.float32(1)),
        xp.array(x, dtype=np.float64),
    ],
    "casts": lambda xp, x, i: [x.astype(np.float64), x.astype("float16") * 2, xp.ascontiguousarray(x.T)],
    "unpacking": lambda xp, x, i: [*x, *x[0]],
    "copies": lambda xp, x, i: [copy.copy(x), copy.deepcopy(x), x.copy(), x.flatten()],
}


on_devices = pytest.mark.parametrize("backend", ["strict", pytest.param("gpu", marks=pytest.mark.gpu)], indirect=True)


@on_devices
@pytest.mark.parametrize("name", SAME)
def test_values_and_dtypes_are_numpys(backend: Backend, name: str):
    with np.errstate(divide="ignore"):
        expected = SAME[name](np, A, IDS)
        results = SAME[name](backend.xp, backend.asarray(A), backend.asarray(IDS))
    for result, wanted in zip(results, expected, strict=True):
        got = backend.to_numpy(result)
        np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-6)
        assert got.shape == np.shape(wanted)
        assert got.dtype == wanted.dtype


WRITES: dict[str, Program] = {
    "row": lambda xp, x, i: x.__setitem__(0, x[1]),
    "scalar": lambda xp, x, i: x.__setitem__((slice(None), 0), 3.0),
    "slice": lambda xp, x, i: x[:2].__iadd__(x[2:4]),
    "through a view": lambda xp, x, i: x[1, 2:].__imul__(2),
    "fancy": lambda xp, x, i: x.__setitem__(i, x[i] * 2),
    "fancy in place": lambda xp, x, i: x.__setitem__((i, i % 5), x[i, i % 5] - 1),
    "fancy duplicates of a scalar": lambda xp, x, i: x.__setitem__(i * 0, 1.0),
    "mask": lambda xp, x, i: x.__setitem__(x > 0, 0),
    "mask of values": lambda xp, x, i: x.__setitem__(x > 0, x[x > 0] * 2),
    "operators in place": lambda xp, x, i: x.__iadd__(1).__itruediv__(2).__ipow__(2).__ifloordiv__(3),
    "add.at": lambda xp, x, i: xp.add.at(x, i * 0, x[:4] * 2),
    "add.at pairs": lambda xp, x, i: xp.add.at(x, (i * 0, i * 0 + 1), 1.0),
    "maximum.at": lambda xp, x, i: xp.maximum.at(x, i, x[:4] * 2),
    "put_along_axis": lambda xp, x, i: xp.put_along_axis(x, x.argmax(axis=1)[:, None], 0.0, axis=1),
    "out": lambda xp, x, i: xp.exp(x, out=x),
    "out of a sum": lambda xp, x, i: xp.sum(x * 2, axis=0, out=x[0]),
    "out of matmul": lambda xp, x, i: xp.matmul(x[:5], x[:5] * 2, out=x[1:6]),
    "fill": lambda xp, x, i: x.fill(2.0),
    "sort": lambda xp, x, i: x.sort(axis=1),
}


@on_devices
@pytest.mark.parametrize("name", WRITES)
def test_writes_land_where_numpys_do(backend: Backend, name: str):
    expected = A.copy()
    WRITES[name](np, expected, IDS.copy())
    x = backend.asarray(A.copy())
    WRITES[name](backend.xp, x, backend.asarray(IDS.copy()))
    np.testing.assert_allclose(backend.to_numpy(x), expected, rtol=1e-5, atol=1e-6)
    assert not np.array_equal(expected, A)


def test_results_are_device_arrays_even_of_one_number(strict_cupy: ModuleType):
    x = strict_cupy.asarray(A.copy())
    for number in (
        x.sum(),
        x[0, 0],
        x.argmax(),
        x[0] @ x[0],
        strict_cupy.linalg.norm(x),
        strict_cupy.allclose(x, x),
    ):
        assert type(number) is strict_cupy.ndarray
        assert number.shape == ()
    assert not isinstance(x, np.ndarray)
    assert strict_cupy.get_array_module(x) is strict_cupy
    assert strict_cupy.get_array_module(A) is np
    assert strict_cupy.asarray(x) is x
    assert x.astype(np.float32, copy=False) is x
    one = x[1, 2]
    one -= 5
    assert float(x[1, 2]) == A[1, 2] - np.float32(5)
    out = strict_cupy.empty_like(x)
    assert strict_cupy.exp(x, out=out) is out


def test_indices_out_of_range_wrap_around(strict_cupy: ModuleType):
    xp = strict_cupy
    x = xp.asarray(A)
    np.testing.assert_array_equal(x[xp.asarray([8, -9])].get(), A[[1, 5]])
    np.testing.assert_array_equal(xp.take(x, xp.asarray([8, -9]), axis=0).get(), A[[1, 5]])
    np.testing.assert_array_equal(xp.take_along_axis(x, xp.asarray([[7, 8, -9, 0, 1]]), axis=0).get()[0, 1], A[1, 1])
    xp.add.at(x, xp.asarray([7]), 1.0)
    np.testing.assert_array_equal(x.get()[0], A[0] + 1)


def test_reading_what_was_never_written_shows(strict_cupy: ModuleType):
    xp = strict_cupy
    assert np.isnan(xp.empty((2, 3), np.float32).get()).all()
    assert np.isnan(xp.empty_like(xp.asarray(A)).get()).all()
    assert (xp.empty(3, np.int64).get() == np.iinfo(np.int64).max).all()
    assert xp.empty(3, bool).get().all()


def test_scatter_add_of_cupyx(strict_cupy: ModuleType):
    import cupyx

    x = strict_cupy.zeros(3)
    cupyx.scatter_add(x, strict_cupy.asarray([1, 1]), 2.0)
    assert x.tolist() == [0, 4, 0]
