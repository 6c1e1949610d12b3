"""CuPy itself on the CPU, where every call to the CUDA runtime can be counted: run with `-p cupy_on_cpu`."""

import contextlib
import json
import sys
from functools import partial

import numpy as np
import pytest
from planted_step import BUGS, plant, same, step

from mrnn_np.backend import choose_backend
from mrnn_np.benchmarks import gpu, steps, worker
from mrnn_np.benchmarks.workload import images as image_features
from mrnn_np.benchmarks.workload import parameters
from mrnn_np.benchmarks.works import WORKS
from mrnn_np.captioning.beam import BeamSearch, beam_search
from mrnn_np.captioning.decoder import Decoder
from mrnn_np.captioning.one_at_a_time import greedy
from mrnn_np.data.vocabulary import END

pytestmark = pytest.mark.gpu
KERNELS = {
    *(
        "forward_through_time",
        "back_through_time",
        "multimodal_output",
        "times_slope",
        "softmax_cost",
        "sum_rows",
        "put_rows",
    ),
    *("squares", "clip_scale", "descend"),
}


@pytest.fixture(scope="module")
def fakecuda():
    if "fakecuda" not in sys.modules:
        pytest.skip("CuPy is not made to run on the CPU here; see cupy_on_cpu.py")
    return sys.modules["fakecuda"]


@pytest.fixture
def watched(fakecuda):
    """A function that takes one step and returns its results, what it asked of the runtime, and its kernels."""

    def watch():
        counts, launched = {}, []

        @contextlib.contextmanager
        def around():
            before, first = fakecuda.counts.copy(), len(fakecuda.log)
            yield
            counts.update(fakecuda.counts - before)
            launched.extend(name for name, *_ in fakecuda.log[first:])

        backend = choose_backend("cupy")
        # Without the memory pool every array begins as NaN, and what was never written shows.
        with backend.xp.cuda.using_allocator(None):
            found = step(backend, around())
        waits = {name: n for name, n in counts.items() if name.startswith(("memcpy_h2d", "memcpy_d2h", "sync"))}
        return found, counts, waits, launched

    return watch


def test_a_step_moves_nothing_waits_for_nothing_and_has_no_float64(watched):
    found, counts, waits, launched = watched()
    assert same(found)
    assert waits == {}
    assert [name for name in launched if "float64" in name] == []
    assert set(launched) >= KERNELS
    # Whatever the number of time steps.
    assert counts["launch"] <= 22
    assert counts["gemm"] == 16
    # Every gradient is written where it belongs.
    assert [name for name in counts if name.startswith("mem")] == []


def test_kernels_save_launches(watched, monkeypatch):
    _, with_kernels, *_ = watched()
    monkeypatch.setattr("mrnn_np.backend.dispatch.fits_kernels", lambda args: False)
    found, readable, waits, _ = watched()
    assert same(found)
    assert waits == {}
    assert with_kernels["launch"] <= readable["launch"] - 30


@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_is_seen(watched, monkeypatch, bug):
    plant(monkeypatch, *BUGS[bug])
    monkeypatch.setattr("mrnn_np.backend.dispatch.fits_kernels", lambda args: False)
    try:
        found, _, waits, launched = watched()
    except (TypeError, ValueError, AttributeError):
        return
    seen = bool(waits) or not same(found) or any("float64" in name for name in launched)
    # NumPy's functions hand device arrays over to CuPy's, so that these two do no harm; the double sees them.
    assert seen == (bug not in ("np.tanh of a device array", "np.concatenate of device arrays"))


def test_the_loss_in_a_log_line_is_a_download(watched, fakecuda):
    cupy = choose_backend("cupy").xp
    before = fakecuda.counts.copy()
    float(cupy.asarray(np.float32(1)) * 2)
    after = fakecuda.counts - before
    assert any(name.startswith("memcpy_d2h") for name in after)


def test_a_benchmark_whose_step_cannot_be_recorded_says_so(fakecuda, monkeypatch):
    monkeypatch.setattr(gpu, "SIDE", 64)
    backend = choose_backend("cupy")
    told = gpu.on_the_device(backend, WORKS["step"].variants["numpy"](40, 1, backend))
    assert told.keys() == {"flops", "peak_flops", "uncounted"}
    assert told["flops"] > 0
    assert told["peak_flops"] > 0
    assert "libcuda" in told["uncounted"]


def test_a_benchmark_counts_the_products_that_cannot_be_recorded(fakecuda, monkeypatch):
    backend = choose_backend("cupy")
    monkeypatch.setattr(gpu, "nodes", lambda graph: 34)
    task = WORKS["step"].variants["numpy"](40, 1, backend)
    before = fakecuda.counts.copy()
    # The step that is run before the recording has all its products, and the one that is recorded has none.
    assert gpu.launches(backend, task.steps[0]) == 34 + 16
    assert (fakecuda.counts - before)["gemm"] == 16


@pytest.mark.parametrize("variant", ["cupy", "products"])
@pytest.mark.usefixtures("fakecuda")
def test_a_round_of_a_benchmark_on_a_device(variant, monkeypatch, capsys):
    monkeypatch.setattr(gpu, "SIDE", 64)
    monkeypatch.setattr(worker, "ROUND_SECONDS", 1e-9)
    monkeypatch.setitem(WORKS["step"].variants, "numpy", partial(steps.numpy_task, batches=1))
    monkeypatch.setattr(sys, "argv", ["worker", "step", variant, "40", "1", "cupy", "0"])
    monkeypatch.setattr(sys, "stdin", ["go\n"])
    assert worker.main() == 0
    told, *rounds = map(json.loads, capsys.readouterr().out.splitlines())
    assert len(told["results"]) == (1 if variant == "cupy" else 0)
    assert ("peak_flops" in told) == (variant == "cupy")
    assert len(rounds) == 1
    assert all(one["per_second"] > 0 for one in rounds)
    # The parameters twice over are a part of it.
    assert all(one["memory_mb"] > (20 if variant == "cupy" else 1) for one in rounds)
    assert ["host_ms" in one for one in rounds] == [variant == "cupy"]


def write(fakecuda, images, width, words):
    """What it asks of the runtime to write so many words about so many images, when no sentence ends."""
    backend = choose_backend("cupy")
    model, host = parameters(40)
    host["b_y"][END] = -1e4
    decoder, features = Decoder(model, host.with_theta(backend.asarray(host.theta)), backend), image_features(images)
    before = fakecuda.counts.copy()
    if width:
        beam_search(decoder, features, BeamSearch(width, max_length=words))
    else:
        greedy(decoder, features, max_length=words)
    return fakecuda.counts - before


@pytest.mark.parametrize("width", [0, 1, 3])
def test_what_a_word_takes_does_not_depend_on_images_or_beams(fakecuda, width):
    """Greedily, where the width is 0."""
    for images in (2, 5):
        of_four = write(fakecuda, images, width, 8) - write(fakecuda, images, width, 4)
        assert of_four["gemm"] == 4 * 5
        # 17 a word, 10 of them the model's step and 3 its softmax.
        assert of_four["launch"] <= 70
        moved = sum(n for name, n in of_four.items() if name.startswith(("memcpy_h2d", "memcpy_d2h")))
        assert moved == 1
