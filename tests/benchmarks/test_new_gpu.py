"""The report about a new GPU: every command in it is one that can be given, and none keeps the others from running."""

import importlib
import sys
from pathlib import Path

import pytest

from mrnn_np.benchmarks import new_gpu
from mrnn_np.benchmarks.new_gpu import Part, ask, parts
from mrnn_np.errors import UserError


def run(monkeypatch, report):
    monkeypatch.setattr(sys, "argv", ["new_gpu", str(report), "--backend", "numpy"])
    return new_gpu.main()


def test_what_is_found_out_and_how(tmp_path, monkeypatch):
    found = list(parts("numpy", tmp_path))
    titles = [part.title for part in found]
    assert found[0].command == ["mrnn_np.gradcheck", "--backend", "numpy"]
    assert {"every gradient", "the tests marked gpu", "decoding", "training on the scenes"} < set(titles)
    assert [part.environment for part in found if part.environment] == [{"CUPY_TF32": "1"}]
    for part in found:
        name, *arguments = part.command
        assert name.startswith("mrnn_np.") or (name, part.folder) == ("pytest", Path(__file__).parents[2])
        if name in ("mrnn_np.bench", "mrnn_np.train"):
            monkeypatch.setattr(sys, "argv", [name, *arguments])
            assert importlib.import_module(name).parse_arguments().backend == "numpy"


def test_a_part_that_fails_or_never_ends_keeps_no_other_from_running(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(new_gpu, "SECONDS", 8)
    (tmp_path / "endless.py").write_text("print('begun', flush=True)\nwhile True: pass\n")
    (tmp_path / "fails.py").write_text("import os, sys\nsys.exit(os.environ['CUPY_TF32'] + ' is why')\n")
    listed = [
        Part("one", ["endless"], folder=tmp_path),
        Part("two", ["fails"], {"CUPY_TF32": "1"}, folder=tmp_path),
        Part("three", ["mrnn_np.gradcheck", "--help"]),
    ]
    monkeypatch.setattr(new_gpu, "parts", lambda backend, folder: iter(listed))
    report = tmp_path / "report.txt"
    with pytest.raises(UserError, match="2 of these failed; the reasons stand in"):
        run(monkeypatch, report)
    first, *said = report.read_text().split("== ")
    assert first.endswith("NumPy\n\n")
    assert [one.split("\n")[0].split(" s, ", 1)[1] for one in said] == [
        "ended after 8 s",
        "failed with exit status 1",
        "done",
    ]
    assert said[0].endswith("begun\n\n")
    assert "CUPY_TF32=1 python -m fails\n\n1 is why\n" in said[1]
    assert "usage: python -m mrnn_np.gradcheck" in said[2]
    assert "one ...\n    8 s, ended after 8 s\ntwo ..." in capsys.readouterr().out


def test_all_is_well(tmp_path, monkeypatch):
    monkeypatch.setattr(new_gpu, "parts", lambda *given: iter([Part("help", ["mrnn_np.bench", "--help"])]))
    assert run(monkeypatch, tmp_path / "report.txt") == 0


def test_a_part_computes(tmp_path):
    small = ["--vocabulary", "40", "--batch-size", "2", "--rounds", "1"]
    asked = next(part for part in parts("numpy", tmp_path) if part.title == "decoding").command
    status, said = ask(Part("decoding", [*(word for word in asked if "torch" not in word and word != "--vs"), *small]))
    assert status == "done", said
    assert "beam search of width 10, vocabulary 40, 2 images" in said
