"""Planted bugs: mistakes people make in CUDA, and which of the checks without a GPU sees each of them."""

import os
import subprocess
import sys
from pathlib import Path

import cuda_on_cpu
import pytest
from kernel_cases import CASES, compare

from mrnn_np.backend import choose_backend, kernels

pytestmark = pytest.mark.skipif(cuda_on_cpu.COMPILER is None, reason="running CUDA on the CPU needs g++")
ROOT = Path(__file__).parents[2]

# What is wrong, the kernel, the text and what it is replaced by.
WRONG_VALUES = {
    "slope 2/3 forgotten": ("times_slope", "(real)(2.0 / 3) * ((real)1.7159 -", "((real)1.7159 -"),
    "m itself for its square": ("times_slope", "- y * y * (real)(1 / 1.7159)", "- y * (real)(1 / 1.7159)"),
    "first image for all": ("multimodal_output", "each ? row : image_of[row]", "each ? row : image_of[0]"),
    "an image a row forgotten": ("multimodal_output", "each ? row : image_of[row]", "0"),
    "no bias": ("multimodal_output", " + b[column])", ")"),
    "row for column": ("multimodal_output", "column = i % width", "column = i / width % width"),
    "scores without b_y": ("softmax_cost", "b ? row[j] + b[j] : row[j]", "row[j]"),
    "target without b_y": ("softmax_cost", "= row[target] + b_y[target]", "= row[target]"),
    "gradient without b_y": ("softmax_cost", "exp(row[j] + b_y[j] - largest)", "exp(row[j] - largest)"),
    "nats for bits": ("softmax_cost", "(target_score - largest)) / LN2", "(target_score - largest))"),
    "no maximum": ("softmax_cost", "exp(score - top)", "exp(score)"),
    "target read too late": (
        "softmax_cost",
        "    const real target_score = row[target] + b_y[target];\n    real largest, total;\n"
        "    row_sum(row, b_y, M, &largest, &total);",
        "    real largest, total;\n    row_sum(row, b_y, M, &largest, &total);\n    for (int j = threadIdx.x; j < M; "
        "j += blockDim.x) row[j] += 1;\n    const real target_score = row[target] + b_y[target];",
    ),
    "first warp only": ("softmax_cost", "lane < warps ? of_warp[lane] : nothing", "of_warp[0]"),
    "tail of the row forgotten": (
        "scores_to_log2",
        "j < M; j += blockDim.x)\n        row[j] = (row",
        "j < blockDim.x && j < M; j++)\n        row[j] = (row",
    ),
    "last group forgotten": ("sum_rows", "first < count; first", "first + 32 <= count; first"),
    "other warps forgotten": ("sum_rows", "other < warps", "other < 1"),
    "some of the labels for all": ("sum_rows", "all ? (int)blockIdx.x : distinct[blockIdx.x]", "distinct[blockIdx.x]"),
    "all labels for some": ("sum_rows", "all ? (int)blockIdx.x : distinct[blockIdx.x]", "blockIdx.x"),
    "place behind the row": ("put_rows", "which[middle] < row", "which[middle] <= row"),
    "the next row for one that is absent": ("put_rows", "&& which[place] == row", ""),
    "zeros forgotten": ("put_rows", "table[i] = found ? rows", "if (found) table[i] = found ? rows"),
    "penalty l2, not 2 l2": ("descend", "2 * l2", "l2"),
    "clipping forgotten": ("descend", "clipped ? *scale : 1", "1"),
    "clipping always": ("descend", "clipped ? *scale : 1", "*scale"),
    "norm without the penalty": ("squares", "g[i] + 2 * l2 * theta[i];\n        sum", "g[i];\n        sum"),
    "numbers beyond all threads": ("squares", "i < n; i += (size_t)gridDim.x * blockDim.x", "i < n; i = n"),
    "no root": ("clip_scale", "sqrt(over_block", "(over_block"),
    "scale above 1": ("clip_scale", "(norm < clip ? clip : norm)", "norm"),
    "parts of the first threads": ("clip_scale", "i < count; i += blockDim.x", "i < count; i = count"),
    "velocity of the step before": ("descend", "lr * velocity[i]", "lr * g[i]"),
    "gate of the recurrence open at 0": (
        "back_through_time",
        "if (kind == 0) return y > 0;",
        "if (kind == 0) return y >= 0;",
    ),
    "slope of sigmoid for tanh": ("back_through_time", "kind == 2 ? 1 - y * y", "kind == 2 ? y * (1 - y)"),
    "no cut": ("back_through_time", " || (bptt > 0 && (t + 1) % bptt == 0)", ""),
    "cut a step late": ("back_through_time", "(t + 1) % bptt == 0", "t % bptt == 0"),
    "carry from ended sentences": ("back_through_time", "s < count ? rows", "s < 4 ? rows"),
    "later tiles forgotten": ("forward_through_time", "first < d; first += TILE", "first < 1; first += TILE"),
    "later columns forgotten": ("forward_through_time", "from < d; from += blockDim.x", "from < 1; from += blockDim.x"),
    "r(t) for r(t-1)": ("forward_through_time", "t > 0 ? r[before + at] : 0", "t > 0 ? r[now + at] : 0"),
    "columns counted from the part's first": ("largest", ": first + column;", ": column;"),
    "names forgotten": ("largest", "named && column < width", "named && column < 0"),
    "END lives on": ("sort_out", "lives = possible && way % M != end", "lives = possible"),
    "places of the first group again": ("sort_out", "alive += __popc(living);", "alive = __popc(living);"),
    "places of those that end": ("sort_out", "__popc(living & ((1u << lane) - 1))", "lane"),
    "ends of every rank": ("sort_out", "ended[rank] = ends ? log2_prob", "ended[rank] = possible ? log2_prob"),
    "row of the first image": ("sort_out", "= image * height + way / M", "= way / M"),
    "last element forgotten": ("g2", "if (i < n) m[i]", "if (i + 1 < n) m[i]"),
}
RACES = {
    "no barrier before the warps are read": (
        "softmax_cost",
        "of_warp[warp] = x;\n    __syncthreads();",
        "of_warp[warp] = x;",
    ),
    "no barrier before the next round": ("largest", "&my_column);\n        __syncthreads();", "&my_column);"),
    "no barrier before the sums are added": (
        "sum_rows",
        "of_warp[warp][lane] = sum;\n    __syncthreads();",
        "of_warp[warp][lane] = sum;",
    ),
    "no barrier before the tile is read": (
        "forward_through_time",
        "        }\n        __syncthreads();\n        if (column < d)",
        "        }\n        if (column < d)",
    ),
    "no barrier before the tile is filled": (
        "forward_through_time",
        "        __syncthreads();  // rows",
        "        // rows",
    ),
    "every thread writes the target's score": (
        "softmax_cost",
        "    if (threadIdx.x == 0) bits[blockIdx.x] = (log(total)",
        "    bits[blockIdx.x] = (log(total) + threadIdx.x",
    ),
}
STUCK = {
    "half a warp exchanges": (
        "scores_to_log2",
        "    for (int distance = 16; distance > 0; distance /= 2)\n        x = combine",
        "    for (int distance = 16; distance > (threadIdx.x < 16 ? 0 : 1); distance /= 2)\n        x = combine",
    )
}
OUT_OF_BOUNDS = {
    "one element too many": ("times_slope", "if (i < n) dz[i]", "if (i <= n) dz[i]"),
    "rows beyond the last": ("put_rows", "place < count && which[place]", "which[place]"),
    "threads beyond the last word": (
        "multimodal_output",
        "    if (i >= n) return;\n    const size_t row",
        "    const size_t row",
    ),
    "one column too many": (
        "scores_to_log2",
        "j < M; j += blockDim.x)\n        row[j] = (row",
        "j <= M; j += blockDim.x)\n        row[j] = (row",
    ),
    "ways of the last lanes": (
        "sort_out",
        "rank < C ? best[(size_t)image * C + rank] : -INFINITE",
        "best[(size_t)image * C + rank]",
    ),
    "columns of the last block": ("sum_rows", "if (warp > 0 || column >= width) return;", "if (warp > 0) return;"),
    "columns of the last threads": ("forward_through_time", "            if (column >= d) continue;\n", ""),
    "labels of the last group": ("sum_rows", "n < count && labels[n] == label", "labels[n] == label"),
}


@pytest.fixture
def planted(strict_cupy, monkeypatch):
    """A function that plants a bug in the kernels and returns the first exception of a case, per order."""
    right = kernels.source

    def notice(kernel, old, new):
        assert right("float32").count(old) >= 1
        monkeypatch.setattr(kernels, "source", lambda dtype: right(dtype).replace(old, new))
        for cached in (kernels._function, kernels._module):
            cached.cache_clear()
        backend, noticed = choose_backend("cupy"), {}
        for order in ("ascending", "descending"):
            monkeypatch.setattr(cuda_on_cpu.Kernel, "descending", order == "descending")
            for case in CASES:
                if (order, kernel) in noticed or CASES[case][0].__name__ != kernel:
                    continue
                try:
                    compare(backend, case, "float32")
                except (AssertionError, RuntimeError) as error:
                    noticed[order, kernel] = error
        return noticed

    yield notice
    for cached in (kernels._function, kernels._module):
        cached.cache_clear()


@pytest.mark.parametrize("bug", WRONG_VALUES)
def test_wrong_values_are_seen_in_either_order(planted, bug):
    noticed = planted(*WRONG_VALUES[bug])
    assert {order for order, _ in noticed} == {"ascending", "descending"}


@pytest.mark.parametrize("bug", RACES)
def test_a_race_is_seen_in_one_of_the_orders(planted, bug):
    assert any(isinstance(error, AssertionError) for error in planted(*RACES[bug]).values())


@pytest.mark.parametrize("bug", STUCK)
def test_threads_that_wait_for_ever_are_seen(planted, bug):
    noticed = planted(*STUCK[bug])
    assert all("wait for each other at different places" in str(error) for error in noticed.values())
    assert noticed


def test_what_does_not_compile_is_seen(planted):
    noticed = planted("g2", "tanh((real)", "tanhh((real)")
    assert len(noticed) == 2
    assert all("tanhh" in str(error) for error in noticed.values())


# Memory errors, in a process of its own

PLANT_AND_TEST = """
import sys, pytest
from mrnn_np.backend import kernels
right, (old, new, *args) = kernels.source, sys.argv[1:]
kernels.source = lambda dtype: right(dtype).replace(old, new)
sys.exit(pytest.main(args))
"""


def sanitized(folder, selection, old="", new=""):
    """Run test_kernels.py in a process in which every access of a kernel to memory is checked."""
    asked = subprocess.run([cuda_on_cpu.COMPILER, "-print-file-name=libasan.so"], capture_output=True, text=True)
    library = asked.stdout.strip()
    if not Path(library).is_absolute():
        pytest.skip("the compiler has no address sanitizer")
    # detect_leaks: Python never frees all it allocated.
    environment = os.environ | {
        "LD_PRELOAD": library,
        "TMPDIR": str(folder),
        "ASAN_OPTIONS": "detect_leaks=0",
        cuda_on_cpu.SANITIZED: "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    tests = [str(Path(__file__).with_name("test_kernels.py")), "-qsx", "-p", "no:cacheprovider", "-k", selection]
    command = [sys.executable, "-c", PLANT_AND_TEST, old, new, *tests]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_no_kernel_touches_memory_that_is_not_its_own(tmp_path):
    finished = sanitized(tmp_path, "strict and (readable_form_does or largest or hidden)")
    assert finished.returncode == 0, finished.stdout[-2000:] + finished.stderr[-4000:]
    assert f"{4 * len(CASES) + 11} passed" in finished.stdout


@pytest.mark.parametrize("bug", OUT_OF_BOUNDS)
def test_an_access_out_of_bounds_is_seen(tmp_path, bug):
    kernel, old, new = OUT_OF_BOUNDS[bug]
    assert old in kernels.source("float32")
    finished = sanitized(tmp_path, f"strict and readable_form_does and {kernel}", old, new)
    assert "AddressSanitizer: heap-buffer-overflow" in finished.stderr
    # The report names the line.
    assert f" in {kernel} " in finished.stderr
    assert "kernels.cpp:" in finished.stderr
