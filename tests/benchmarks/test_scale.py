"""The cost of a word is measured along three axes, and memory from any moment on."""

import json
import subprocess
import sys

import pytest
from PIL import Image

from mrnn_np import bench
from mrnn_np.benchmarks import scale
from mrnn_np.benchmarks.report import device_lines, processor
from mrnn_np.benchmarks.rounds import off_by
from mrnn_np.benchmarks.task import Task
from mrnn_np.errors import UserError


def test_a_small_scale(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(
        scale,
        "AXES",
        {
            "batch size": [(30, 1, 0), (30, 4, 0)],
            "vocabulary": [(30, 2, 0), (300, 2, 0)],
            "sentence length": [(30, 2, 1), (30, 2, 9)],
        },
    )
    files = tmp_path / "s.json", tmp_path / "s.png"
    monkeypatch.setattr(sys, "argv", ["bench", "--scale", "--out", str(files[0]), "--picture", str(files[1])])
    assert bench.main() == 0
    told = json.loads(files[0].read_text())["scale"]
    values = {axis: [point["value"] for point in points] for axis, points in told.items()}
    assert values == {"batch size": [1, 4], "vocabulary": [30, 300], "sentence length": [1, 9]}
    assert all(point["microseconds"] > 0 for points in told.values() for point in points)
    assert len(capsys.readouterr().out.splitlines()) == 2 + 3 * 3
    with Image.open(files[1]) as picture:
        assert picture.width > 2 * picture.height


def test_a_point_is_of_the_size_that_is_asked_for(monkeypatch, capsys):
    asked = []

    def task(vocabulary, batch_size, backend, batches, length, lr):
        asked.append((vocabulary, batch_size, backend.name, batches, length, lr))
        return Task(40, lambda: asked.append("run"))

    monkeypatch.setattr(scale, "numpy_task", task)
    monkeypatch.setattr(sys, "argv", ["scale", "30", "4", "9"])
    times = iter([0.0, 1e-3, 5.0, 5.004, 7.0, 7.002])
    monkeypatch.setattr(scale.time, "perf_counter", lambda: next(times))
    assert scale.main() == 0
    # Parameters that stay as they are, one round to warm up and three that count, of which the median.
    assert asked == [(30, 4, "numpy", 1, 9, 0), *["run"] * 4]
    assert json.loads(capsys.readouterr().out)["microseconds"] == pytest.approx(2000 / 40)


def test_a_point_that_dies(monkeypatch, capfd):
    monkeypatch.setattr(scale, "AXES", {"vocabulary": [(1, 2, 0)]})
    with pytest.raises(UserError, match=r"^vocabulary 1 ended before it was measured; its reason stands above$"):
        scale.measure_scale()
    assert "Error" in capfd.readouterr().err


def test_every_axis_changes_one_thing():
    for axis, points in scale.AXES.items():
        assert all(len({point[i] for point in points}) == 1 for i in range(3) if i != scale.CHANGES[axis])
        assert len({point[scale.CHANGES[axis]] for point in points}) == len(points)


PEAKS = """
import sys
import numpy as np
from mrnn_np.backend.memory import keep_freed_memory
from mrnn_np.benchmarks.memory import forget_peak, peak_memory
if sys.argv[1] == "keep":
    keep_freed_memory()
large = np.ones(2**23)
print(peak_memory())
del large
forget_peak()
print(peak_memory())
small = np.ones(2**22)
print(peak_memory())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux forgets a peak")
@pytest.mark.parametrize("freed", ["keep", "give back"])
def test_memory_is_counted_from_when_it_is_asked_to_be(freed):
    # In a process of its own, which holds nothing that others have left behind.
    done = subprocess.run([sys.executable, "-c", PEAKS, freed], capture_output=True, text=True, check=True)
    with_large, without, with_small = map(float, done.stdout.split())
    assert with_large - without == pytest.approx(8 * 2**23 / 1e6, abs=2)
    assert with_small - without == pytest.approx(8 * 2**22 / 1e6, abs=2)


def test_a_processor_has_a_name():
    assert processor().strip()


def test_what_is_told_of_a_device():
    speeds, host = (2e5, 1e5, 3e5), (0.5, 0.7, 0.1)
    rounds = {
        "numpy": [{"per_second": 1.0}] * 3,
        "cupy": [{"per_second": s, "host_ms": h} for s, h in zip(speeds, host, strict=True)],
        "torch": [{"per_second": s, "host_ms": 2 * h} for s, h in zip(speeds, host, strict=True)],
    }
    told = {"numpy": {"off_by": 0}, "cupy": {"launches": 164, "flops": 1e7, "peak_flops": 2e13, "off_by": 3.4e-7}}
    assert list(device_lines(rounds, told)) == [
        "cupy: the host is busy with a step for 0.50 ms",
        "torch: the host is busy with a step for 1.00 ms",
        "cupy: 164 launches a step, 10% of the 20.0 TFLOP/s that one large product reaches",
        "cupy: results differ from NumPy's by 3e-07 of them",
    ]
    del told["cupy"]["launches"]
    told["cupy"]["uncounted"] = "cudaErrorStreamCaptureInvalidated"
    assert list(device_lines(rounds, told))[2].startswith(
        "cupy: uncounted (cudaErrorStreamCaptureInvalidated) launches a step,"
    )


def test_how_far_results_are_from_numpys():
    assert off_by([2.0, -4.0, 3.0], [2.0, -4.0, 5.0]) == 0
    assert off_by([2.02, -4.04, 5.0], [2.0, -4.0, 5.0]) == pytest.approx(0.01)
