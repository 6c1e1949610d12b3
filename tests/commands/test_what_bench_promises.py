"""What `bench` promises: it measures what it is asked for, and prints and keeps what was measured."""

import json

import pytest

from mrnn_np import bench
from mrnn_np.benchmarks.report import table
from mrnn_np.benchmarks.works import WORKS
from mrnn_np.errors import UserError


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """Every call of `measure_rounds`, which measures nothing: in round n, variant i makes 100 i + n a second."""
    calls = []

    def measure_rounds(work, variants, vocabulary, batch_size, rounds, backend="numpy", threads=None):
        assert backend == "numpy"
        calls.append((work, variants, vocabulary, batch_size, rounds, *([threads] if threads else [])))
        measured = {
            variant: [
                {"per_second": 100.0 * i + n, "cpu_seconds": 0.5 * i, "memory_mb": 10.0 * i + n} for n in range(rounds)
            ]
            for i, variant in enumerate(variants, 1)
        }
        return measured, {variant: {"libraries": ["openblas 1"]} for variant in variants}

    monkeypatch.setattr(bench, "measure_rounds", measure_rounds)
    monkeypatch.chdir(tmp_path)
    return calls


def run(monkeypatch, *arguments):
    monkeypatch.setattr("sys.argv", ["bench", *map(str, arguments)])
    assert bench.main() == 0


def test_the_defaults_are_the_ones_that_help_names(asked, monkeypatch, capsys):
    run(monkeypatch)
    run(monkeypatch, "--work", *WORKS)
    sizes = {"step": 128, "greedy": 256, "beam": 64, "pairs": 500, "extract": 8}
    assert asked[0] == ("step", ["numpy", "products"], 2500, 128, 9)
    assert [(work, size) for work, _, _, size, _ in asked[1:]] == list(sizes.items())
    assert "training step, vocabulary 2,500, 128 sentences\n" in capsys.readouterr().out


def test_what_is_asked_for_is_measured(asked, monkeypatch, capsys):
    run(monkeypatch, "--work", "greedy", "step", "--vocabulary", 70, "--batch-size", 3, "--rounds", 4, "--vs", "padded")
    assert asked == [
        ("greedy", ["numpy", "products"], 70, 3, 4),
        ("step", ["numpy", "products", "padded"], 70, 3, 4),
    ]
    said = capsys.readouterr().out
    assert "greedy decoding, vocabulary 70, 3 images\n" in said
    assert "training step, vocabulary 70, 3 sentences\n" in said
    assert "numpy: openblas 1\n" in said


def test_what_was_measured_is_printed_and_kept(asked, monkeypatch, capsys, tmp_path):
    run(monkeypatch, "--rounds", 3, "--vs", "padded", "--out", "b.json", "--picture", "b.png")
    told = json.loads((tmp_path / "b.json").read_text())
    rounds = told["works"]["step"]["rounds"]
    assert [one["per_second"] for one in rounds["padded"]] == [300, 301, 302]
    said = capsys.readouterr().out
    assert "\n".join(table(rounds, "words")) in said
    assert said.startswith(told["machine"] + "\n")
    assert told["arguments"]["rounds"] == "3"
    padded = next(line.split() for line in said.splitlines() if line.startswith("padded  "))
    # The ratios of rounds that stood beside each other: 300/100, 301/101, 302/102; of products 300/200 and so on.
    assert padded == ["padded", "301", "2.98", "2.96", "3.00", "150%", "1.50", "32"]
    assert (tmp_path / "b.png").read_bytes().startswith(b"\x89PNG")


def test_each_number_of_threads_is_measured_and_its_speeds_stand_in_one_table(asked, monkeypatch, capsys, tmp_path):
    several = ("--threads", 1, 4, "--rounds", 3, "--vs", "padded")
    run(monkeypatch, *several, "--out", "b.json", "--picture", "b.png")
    assert asked == [("step", ["numpy", "products", "padded"], 2500, 128, 3, threads) for threads in (1, 4)]
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    # In the median round, numpy makes 101 a second, products 201, padded 301.
    assert ["1", "101", "50%", "1.00", "301", "150%", "1.00"] in lines
    assert ["4", "101", "50%", "1.00", "301", "150%", "1.00"] in lines
    assert json.loads((tmp_path / "b.json").read_text())["threads"]["step"]["4"]["numpy"][0]["per_second"] == 100
    assert (tmp_path / "b.png").stat().st_size > 1000


def test_threads_are_of_the_cpu(monkeypatch):
    monkeypatch.setattr("sys.argv", ["bench", "--threads", "2", "--backend", "cupy"])
    with pytest.raises(UserError, match="--threads: a GPU is kept busy by one"):
        bench.main()
