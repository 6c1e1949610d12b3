"""Every CUDA kernel against its readable form in NumPy: run by a C++ compiler, and by the GPU where there is one."""

import cuda_on_cpu
import numpy as np
import pytest
from kernel_cases import CASES, TOLERANCE, compare, labels, normal

from mrnn_np.backend import kernels
from mrnn_np.captioning.largest import largest
from mrnn_np.layers.activations import RELU, SCALED_TANH, times_slope

NEEDS_COMPILER = pytest.mark.skipif(cuda_on_cpu.COMPILER is None, reason="running CUDA on the CPU needs g++")
DEVICES = [pytest.param("strict", marks=NEEDS_COMPILER), pytest.param("gpu", marks=pytest.mark.gpu)]


@pytest.mark.parametrize("order", ["ascending", "descending"])
@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("backend", DEVICES, indirect=True)
def test_a_kernel_does_what_its_readable_form_does(backend, case, dtype, order, monkeypatch):
    monkeypatch.setattr(cuda_on_cpu.Kernel, "descending", order == "descending")
    compare(backend, case, dtype)


@pytest.mark.parametrize("order", ["ascending", "descending"])
@pytest.mark.parametrize(("width", "count"), [(1, 1), (5, 5), (33, 8), (256, 20), (1000, 40)])
@pytest.mark.parametrize("backend", DEVICES, indirect=True)
def test_the_largest(backend, width, count, order, monkeypatch):
    monkeypatch.setattr(cuda_on_cpu.Kernel, "descending", order == "descending")
    scores = normal(3, width).astype(np.float32)
    scores[1] = np.round(scores[1])
    scores[2, ::2] = -np.inf
    values, columns = map(backend.to_numpy, kernels.largest(backend.asarray(scores), count))
    sorted_rows = -np.sort(-scores, axis=1)
    assert values.tolist() == sorted_rows[:, :count].tolist()
    assert np.take_along_axis(scores, columns, axis=1).tolist() == values.tolist()
    # Of equals the first column, none twice.
    assert columns.tolist() == np.argsort(-scores, axis=1, kind="stable")[:, :count].tolist()
    expected_values, expected_columns = largest(scores, count)
    assert expected_values.tolist() == values.tolist()
    assert np.take_along_axis(scores, expected_columns, axis=1).tolist() == values.tolist()


@pytest.mark.parametrize("backend", DEVICES, indirect=True)
def test_what_is_not_a_number_is_not_hidden(backend):
    scores = normal(3, 40).astype(np.float32)
    scores[1, 30] = np.nan
    bits, b_y = backend.asarray(scores[:, 0].copy()), backend.asarray(scores[0].copy())
    kernels.softmax_cost(backend.asarray(scores), b_y, backend.asarray(labels(3, 40)), bits)
    assert np.isnan(backend.to_numpy(bits)).tolist() == [False, True, False]
    w, U_r = scores[:, :5].copy(), normal(5, 5).astype(np.float32)
    w[1, 2] = np.nan
    r, _ = kernels.forward_through_time(backend.asarray(w), backend.asarray(U_r), (2, 1), RELU)
    assert np.isnan(backend.to_numpy(r)).tolist() == [[False] * 5, [i == 2 for i in range(5)], [False] * 5]


@pytest.mark.parametrize("backend", DEVICES, indirect=True)
def test_the_same_input_gives_the_same_bits(backend):
    rows, which = normal(3000, 40).astype(np.float32), labels(3000, 3)
    args = [backend.asarray(a) for a in (rows, which, np.arange(3))]
    first, *others = [backend.to_numpy(kernels.sum_rows(*args)) for _ in range(5)]
    assert all((first == other).all() for other in others)


def readable_form_takes(*args):
    """Whether times_slope does not hand these over to its kernel."""
    asked = []
    original = kernels._launch
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernels, "_launch", lambda *a: asked.append(a[0]) or original(*a))
        found = times_slope(*args, SCALED_TANH)
    return not asked, found


@NEEDS_COMPILER
@pytest.mark.parametrize("dtype", ["float32", "float64", "complex128", "float16"])
def test_only_real_numbers_go_to_a_kernel(strict_cupy, dtype):
    x = strict_cupy.asarray(normal(4, 3).astype(dtype))
    readable, dz = readable_form_takes(x, x)
    assert readable == (dtype not in ("float32", "float64"))
    assert dz.dtype == dtype


@NEEDS_COMPILER
def test_memory_with_gaps_mixed_or_empty_takes_the_readable_form(strict_cupy):
    x = strict_cupy.asarray(normal(4, 6).astype(np.float32))
    assert readable_form_takes(x[:, ::2], x[:, ::2])[0]
    assert readable_form_takes(x, x.astype(np.float64))[0]
    assert readable_form_takes(x[:0], x[:0])[0]
    assert not readable_form_takes(x[1:3], x[1:3])[0]


def test_numpy_never_sees_a_kernel():
    x = normal(3)
    assert readable_form_takes(x, x)[0]


@NEEDS_COMPILER
def test_a_kernel_is_told_exact_types(strict_cupy):
    x = strict_cupy.asarray(np.ones(3, np.float32))
    with pytest.raises(TypeError, match=r"g2\(size_t\): uint64 is needed, got int"):
        kernels._launch("g2", x, (1,), 32, x, x, 3)
    with pytest.raises(TypeError, match=r"g2\(float\*\): an array of float32 is needed, got float64"):
        kernels._launch("g2", x, (1,), 32, x, x.astype(np.float64), np.uint64(3))
