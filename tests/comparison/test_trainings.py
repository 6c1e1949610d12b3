"""The trainings of a comparison: what each is told, and how many run at the same time."""

import sys

import pytest

from mrnn_np.comparison import runs
from mrnn_np.comparison.runs import Training, train_all
from mrnn_np.errors import CommandError


class Process:
    """A training that ends, well or not, at the third look at it."""

    def __init__(self, watch, command, status):
        self.watch, self.command, self.status, self.looks = watch, command, status, 0
        self.ended = self.stopped = False

    @property
    def returncode(self):
        return self.status if self.ended else None

    def poll(self):
        self.looks += 1
        if self.looks == 3:
            self.ended = True
            self.watch.alive -= 1
        return self.returncode

    def terminate(self):
        self.stopped = True

    def wait(self):
        pass


class Watch:
    """In the place of subprocess.Popen: remembers what was started, and the most that ran at the same time."""

    def __init__(self, failing=()):
        self.commands, self.environments, self.processes = [], [], []
        self.alive = self.most = 0
        self.failing = failing

    def __call__(self, command, env, process_group, **streams):
        self.commands.append(command)
        self.environments.append(env)
        self.alive += 1
        self.most = max(self.most, self.alive)
        process = Process(self, command, 2 if command[command.index("--model") + 1] in self.failing else 0)
        self.processes.append(process)
        return process


@pytest.fixture
def watch(monkeypatch):
    monkeypatch.setattr(runs, "PAUSE", 0)
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    watch = Watch()
    monkeypatch.setattr(runs.subprocess, "Popen", watch)
    return watch


def trainings(folder, count=5):
    return [Training("nic --lr 1", seed, folder) for seed in range(count)]


def value(command, flag):
    return command[command.index(flag) + 1]


def test_it_rests_between_two_looks(watch, tmp_path, monkeypatch):
    rests = []
    monkeypatch.setattr(runs, "PAUSE", 0.2)
    monkeypatch.setattr(runs.time, "sleep", rests.append)
    train_all(trainings(tmp_path, 1), (), 1, 1, lambda training: None)
    assert rests == [0.2] * 3


def test_each_training_has_its_own_seed_and_folder_and_the_same_options(watch, tmp_path):
    ended = []
    train_all(trainings(tmp_path), ("--epochs", "3"), 2, 4, ended.append)
    assert ended == trainings(tmp_path)
    assert [value(command, "--seed") for command in watch.commands] == list("01234")
    assert [value(command, "--out") for command in watch.commands] == [
        str(tmp_path / f"nic-lr-1-{i}") for i in range(5)
    ]
    for command in watch.commands:
        assert command[:3] == [sys.executable, "-m", "mrnn_np.train"]
        assert [value(command, flag) for flag in ("--model", "--lr", "--epochs")] == ["nic", "1", "3"]
        assert "--resume" not in command


def test_a_training_goes_on_where_there_is_something_to_go_on_with(watch, tmp_path):
    (tmp_path / "nic-lr-1-1").mkdir()
    (tmp_path / "nic-lr-1-1" / "last.npz").write_text("")
    train_all(trainings(tmp_path, 3), (), 1, 1, lambda training: None)
    assert ["--resume" in command for command in watch.commands] == [False, True, False]


@pytest.mark.parametrize(("jobs", "threads", "each"), [(1, 4, "4"), (2, 4, "2"), (3, 2, "1")])
def test_jobs_at_the_same_time_share_the_threads(watch, tmp_path, jobs, threads, each):
    train_all(trainings(tmp_path), (), jobs, threads, lambda training: None)
    assert watch.most == jobs
    for environment in watch.environments:
        assert {environment[f"{name}_NUM_THREADS"] for name in ("OMP", "OPENBLAS")} == {each}


def test_what_the_environment_says_of_threads_stands(watch, tmp_path, monkeypatch):
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "7")
    train_all(trainings(tmp_path, 1), (), 1, 4, lambda training: None)
    assert watch.environments[0]["OPENBLAS_NUM_THREADS"] == "7"


def test_a_training_that_fails_stops_the_others(watch, tmp_path):
    watch.failing = ("lrcn",)
    some = [*trainings(tmp_path, 1), Training("lrcn", 0, tmp_path), *trainings(tmp_path, 3)[1:]]
    ended = []
    with pytest.raises(CommandError, match="lrcn, seed 0"):
        train_all(some, (), 2, 2, ended.append)
    assert ended == some[:1]
    assert [process.stopped for process in watch.processes] == [False, False, True][: len(watch.processes)]
