"""The benchmark runs, compares like with like, and says what it cannot do.  No time is tested."""

import importlib.util
import json

import pytest

SMALL = ("--vocabulary", 50, "--batch-size", 4, "--rounds", 2)


def test_a_small_benchmark(run, tmp_path):
    done = run("bench", *SMALL, "--out", "bench.json")
    assert done.returncode == 0, done.stderr
    table = done.stdout.splitlines()
    assert table[0].startswith("training step, vocabulary 50, 4 sentences; ")
    assert [line.split()[0] for line in table[2:]] == ["numpy", "products"]
    assert table[2].split()[2] == "1.00"
    rounds = json.loads((tmp_path / "bench.json").read_text())["rounds"]
    assert all(round_["words_per_second"] > 0 for variant in rounds.values() for round_ in variant)
    assert [len(variant) for variant in rounds.values()] == [2, 2]


def test_pytorch_does_the_same_work(run):
    if importlib.util.find_spec("torch") is None:
        done = run("bench", *SMALL, "--vs", "torch")
        assert (done.returncode, done.stderr) == (
            2,
            "error: --vs torch: it is not installed; run: pip install torch\n",
        )
        pytest.skip("PyTorch is not installed")
    from mrnn_np.benchmarks.steps import numpy_step, torch_step
    from mrnn_np.benchmarks.workload import workload

    model, params, batches = workload(60, 5, 4)
    by_hand, by_torch = numpy_step(model, params.with_theta(params.theta.copy())), torch_step(model, params)
    for batch in batches:
        assert by_hand(batch) == pytest.approx(by_torch(batch), rel=1e-5)


def test_bad_arguments(run):
    done = run("bench", "--vocabulary", 3)
    message = "error: --vocabulary must be 5 or more, --batch-size and --rounds 1 or more\n"
    assert (done.returncode, done.stderr) == (2, message)
