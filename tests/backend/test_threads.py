"""--threads: nothing of the caller's is spoilt, and the number of threads matters no more than rounding does."""

import os
import subprocess
import sys
import threading
import types
from pathlib import Path

import numpy as np
import pytest

from mrnn_np.backend import choose_backend, threads
from mrnn_np.backend.memory import keep_freed_memory
from mrnn_np.backend.threads import cores, each_core_by_itself, limit_threads, on_each_core, product_threads, spread
from mrnn_np.errors import UserError

NUMPY = choose_backend("numpy")

TRAIN = """
import sys
import numpy as np
from mrnn_np.backend.threads import limit_threads
from mrnn_np.data.batches import pack
from mrnn_np.model.initial import initial_params
from mrnn_np.model.mrnn import MRNN
from mrnn_np.training.sgd import SGD

limit_threads(int(sys.argv[1]))
rng = np.random.default_rng(0)
model = MRNN(500, 128)
params = initial_params(model, rng, np.ones(500))
velocity = np.zeros_like(params.theta)
features = rng.normal(size=(64, 128)).astype(np.float32)
for _ in range(20):
    sentences = [np.append(rng.integers(3, 500, rng.integers(4, 20)), 1) for _ in range(64)]
    batch = pack(sentences, list(range(64)), features.__getitem__)
    bits, cache = model.forward(params, batch)
    SGD(1e-4, 0.9).update(params, model.backward(np.full_like(bits, 1 / len(batch)), cache), velocity, 0.02)
np.save(sys.argv[2], params.theta)
"""


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """theta after 20 steps on 1, 2 and again 2 threads."""
    folder = tmp_path_factory.mktemp("threads")
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    thetas = []
    for i, count in enumerate((1, 2, 2)):
        path = folder / f"{i}.npy"
        subprocess.run([sys.executable, "-c", TRAIN, str(count), str(path)], check=True, env=environment)
        thetas.append(np.load(path))
    return thetas


def test_the_same_number_of_threads_trains_bit_for_bit_the_same(trained):
    _, two, again = trained
    assert np.array_equal(two, again)


def test_another_number_of_threads_differs_by_rounding_alone(trained):
    one, two, _ = trained
    rms = float(np.sqrt(np.mean(one**2)))
    assert two == pytest.approx(one, abs=1e-4 * rms)


def test_the_callers_setting_comes_back():
    threadpoolctl = pytest.importorskip("threadpoolctl")
    numpys = str(Path(np.__file__).parents[1])

    def blas_threads():
        """What an outside witness says of NumPy's own library."""
        found = threadpoolctl.threadpool_info()
        return {library["num_threads"] for library in found if library["filepath"].startswith(f"{numpys}/numpy")}

    before = blas_threads()
    with limit_threads(3):
        assert blas_threads() == {3}
        assert product_threads() == 3
    assert blas_threads() == before


@pytest.fixture
def without_the_wheels_library(monkeypatch):
    """NumPy's products from a library that is not in its folder, as in other builds of NumPy."""
    monkeypatch.setattr("mrnn_np.backend.threads.np", types.SimpleNamespace(__file__="/nowhere/numpy/__init__.py"))
    threads._blas.cache_clear()
    yield
    threads._blas.cache_clear()


def test_threadpoolctl_knows_other_builds_of_numpy(without_the_wheels_library):
    pytest.importorskip("threadpoolctl")
    before = product_threads()
    with limit_threads(3):
        assert product_threads() == 3
    assert product_threads() == before


def test_a_missing_threadpoolctl_is_named_where_only_it_would_help(without_the_wheels_library, monkeypatch):
    monkeypatch.setattr("mrnn_np.backend.threads.find_spec", lambda name: None)
    with pytest.raises(UserError, match="pip install threadpoolctl"):
        limit_threads(1)
    assert product_threads() == 1
    assert [*on_each_core(what_and_where, "abc", NUMPY)] == [(item, threading.current_thread(), 1) for item in "abc"]


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system binds no process to cores")
def test_the_cores_are_those_this_process_may_use():
    allowed = os.sched_getaffinity(0)
    assert cores() == len(allowed)
    try:
        os.sched_setaffinity(0, {min(allowed)})
        assert cores() == 1
    finally:
        os.sched_setaffinity(0, allowed)


def test_the_c_library_is_told_to_keep_memory(monkeypatch):
    options = []
    library = types.SimpleNamespace(mallopt=lambda *option: options.append(option))
    monkeypatch.setattr("mrnn_np.backend.memory.ctypes.CDLL", lambda name: library)
    keep_freed_memory()
    # No array is mapped on its own (M_MMAP_MAX), and the heap is cut at 2 GB, not at 128 kB (M_TRIM_THRESHOLD).
    assert options == [(-4, 0), (-1, 2**31 - 1)]


def test_a_c_library_without_mallopt_is_left_alone(monkeypatch):
    monkeypatch.setattr("mrnn_np.backend.memory.ctypes.CDLL", lambda name: types.SimpleNamespace())
    keep_freed_memory()


@pytest.mark.parametrize(("typed", "complaint"), [("0", "must be 1 or more"), ("two", "invalid int value")])
def test_a_bad_number_of_threads_is_one_line(typed, complaint):
    command = [sys.executable, "-m", "mrnn_np.gradcheck", "--threads", typed]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 2
    assert complaint in result.stderr
    assert result.stderr.count("\n") == 1


def what_and_where(item):
    return item, threading.current_thread(), product_threads()


def test_each_core_does_whole_items_with_products_of_its_own(two_threads):
    met = threading.Barrier(2, timeout=60)  # passed only by two threads at the same time
    found = [*on_each_core(lambda item: met.wait() >= 0 and what_and_where(item), range(8), NUMPY)]
    assert [item for item, _, _ in found] == [*range(8)]
    assert len({thread for _, thread, _ in found} - {threading.current_thread()}) == 2
    assert {threads for _, _, threads in found} == {1}
    assert product_threads() == 2


def test_two_that_work_at_once_give_the_threads_back_when_both_are_done(two_threads):
    first, second = each_core_by_itself(), each_core_by_itself()
    assert [first.__enter__(), second.__enter__(), product_threads()] == [2, 2, 1]
    first.__exit__(None, None, None)
    assert product_threads() == 1
    second.__exit__(None, None, None)
    assert product_threads() == 2
    assert spread(what_and_where, "a") == [("a", threading.current_thread(), 2)]


def test_what_goes_wrong_on_a_core_is_told(two_threads):
    with pytest.raises(ZeroDivisionError):
        [*on_each_core(lambda item: 1 // item, [1, 1, 0, 1], NUMPY)]
    assert product_threads() == 2


def test_fewer_items_than_cores_are_done_here_on_all_cores(two_threads):
    assert [*on_each_core(what_and_where, ["one"], NUMPY)] == [("one", threading.current_thread(), 2)]
    assert [*on_each_core(what_and_where, [], NUMPY)] == []


def test_the_callers_errstate_holds_on_each_core(two_threads):
    with np.errstate(divide="ignore"):
        assert [*on_each_core(lambda x: 1 / x, np.zeros((4, 3)), NUMPY)][3][0] == np.inf
    with np.errstate(divide="raise"), pytest.raises(FloatingPointError):
        [*on_each_core(lambda x: 1 / x, np.zeros((4, 3)), NUMPY)]
