"""The gradient-check command: a table, and exit status 1 when a gradient is wrong."""

import re
import subprocess
import sys

from mrnn_np import gradcheck


def test_the_table(run):
    done = run("gradcheck", "--seed", 5)
    assert done.returncode == 0, done.stderr
    head, *rows = (re.split("  +", line)[:3] for line in done.stdout.splitlines())
    assert head == ["layer", "symbol", "method"]
    assert ["recurrent", "U_r", "central"] in rows
    assert ["m-RNN", "V_I", "complex step"] in rows
    # The longest names make room for themselves.
    assert "\nvisual-in-rnn-both-shared U_I " in done.stdout
    assert " depthwise.K central " in done.stdout
    *_, before, last = rows
    assert before == [""]
    assert last == [f"{len(rows) - 2} checks on NumPy: all gradients are right"]
    assert "WRONG" not in done.stdout


def test_a_wrong_gradient_fails_the_command():
    program = (
        "from mrnn_np import gradcheck\n"
        "from mrnn_np.command_line.run import run_command\n"
        "from mrnn_np.layers import activations\n"
        "activations.g2_slope = wrong = lambda m: 1 - m * m\n"
        "object.__setattr__(activations.SCALED_TANH, 'slope', wrong)\n"
        "run_command(gradcheck.main)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 1
    # g2 itself, and every layer and model that it is part of.
    wrong = [line.split()[0] for line in done.stdout.splitlines() if line.endswith("WRONG")]
    assert {"g2", "multimodal", "m-RNN"} <= set(wrong)
    assert not {"f2", "recurrent", "softmax"} & set(wrong)
    assert done.stdout.endswith(f"checks on NumPy: {len(wrong)} FAILED\n")


def test_the_seed_is_that_of_every_kind_of_case(monkeypatch, capsys):
    asked = []
    for kind in ("all_cases", "family_cases", "vision_cases"):
        monkeypatch.setattr(gradcheck, kind, lambda backend, seed, kind=kind: asked.append((kind, seed)) or [])
    for typed, seed in (([], 0), (["--seed", "7"], 7)):
        asked.clear()
        monkeypatch.setattr(sys, "argv", ["gradcheck", *typed])
        assert gradcheck.main() == 0
        assert asked == [("all_cases", seed), ("family_cases", seed), ("vision_cases", seed)]
    assert capsys.readouterr().out.endswith("0 checks on NumPy: all gradients are right\n")


def test_a_bad_backend_is_refused(run):
    done = run("gradcheck", "--backend", "abacus")
    assert done.returncode == 2
    assert done.stderr.startswith("error: argument --backend: invalid choice: 'abacus'")
    assert done.stderr.count("\n") == 1
