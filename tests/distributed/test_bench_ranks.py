"""bench --ranks: the same step on several processes, and what it comes to."""

import json
import sys

import pytest

from mrnn_np import bench
from mrnn_np.benchmarks import many_ranks
from mrnn_np.errors import UserError


def test_a_small_measurement(mpiexec, monkeypatch, tmp_path, capsys):
    out = tmp_path / "b.json"
    sizes = ("--vocabulary", "50", "--batch-size", "6", "--rounds", "2")
    monkeypatch.setattr(sys, "argv", ["bench", "--ranks", "1", "3", *sizes, "--out", str(out)])
    assert bench.main() == 0
    told = json.loads(out.read_text())["ranks"]
    assert [one["ranks"] for one in told] == [1, 3]
    assert all(one["per_second"] > 0 for one in told)
    assert told[0]["communicating"] < 0.05 < told[1]["communicating"] < 1
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()[1:]] == ["training", "ranks", "1", "3"]


def test_ideal_is_the_speed_of_a_rank_where_there_are_fewest():
    measured = [
        {"ranks": 2, "per_second": 300.0, "communicating": 0.1},
        {"ranks": 4, "per_second": 450.0, "communicating": 0.25},
    ]
    assert [line.split() for line in many_ranks.ranks_table(measured)][1:] == [
        ["2", "300", "100%", "10%"],
        ["4", "450", "75%", "25%"],
    ]


def test_without_mpi_it_is_one_line(monkeypatch):
    monkeypatch.setattr(many_ranks, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"^--ranks: mpi4py or mpiexec is not installed; run: pip install"):
        many_ranks.measure_ranks([1], 50, 2, 1)


def test_a_job_that_fails_is_one_line(mpiexec):
    with pytest.raises(UserError, match="--ranks 2 ended before it was measured"):
        many_ranks.measure_ranks([2], 2, 2, 1)
