"""The benchmark runs, compares like with like, and says what it cannot do.  No time is tested."""

import importlib.util
import json

import pytest
from PIL import Image

from mrnn_np.backend import choose_backend
from mrnn_np.errors import UserError

SMALL = ("--vocabulary", 50, "--batch-size", 2, "--rounds", 2)
TORCH = importlib.util.find_spec("torch") is not None


def test_every_work_with_its_peers(run, tmp_path):
    works = ("step", "greedy", "beam", "pairs", "extract")
    peers = ("padded", "torch") if TORCH else ("padded",)
    done = run("bench", *SMALL, "--work", *works, "--vs", *peers, "--out", "b.json", "--picture", "b.png")
    assert done.returncode == 0, done.stderr
    machine, *tables = done.stdout.split("\n\n")
    assert "cores, python 3" in machine
    assert [table.split("\n")[0] for table in tables] == [
        "training step, vocabulary 50, 2 sentences",
        "greedy decoding, vocabulary 50, 2 images",
        "beam search of width 10, vocabulary 50, 2 images",
        "all pairs with 16 images, vocabulary 50, 2 sentences",
        "features from EfficientNet-Lite0, 2 images",
    ]
    assert tables[0].split("\n")[2].split()[::2][:2] == ["numpy", "1.00"]
    assert tables[0].split("\n")[3].split()[5] == "100%"
    told = json.loads((tmp_path / "b.json").read_text())
    torch = ["torch"] if TORCH else []
    for work, about in told["works"].items():
        expected = ["numpy", "products", *(["padded"] if work == "step" else []), *torch]
        assert list(about["rounds"]) == expected
        assert [len(rounds) for rounds in about["rounds"].values()] == [2] * len(expected)
        assert all(one["per_second"] > 0 for rounds in about["rounds"].values() for one in rounds)
    with Image.open(tmp_path / "b.png") as picture:
        assert picture.width > 3 * picture.height


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--vocabulary", 4), "--vocabulary is 4; it must be 5 or more"),
        (("--batch-size", 0), "--batch-size is 0; it must be 1 or more"),
        (("--rounds", 0), "--rounds is 0; it must be 1 or more"),
        (("--work", "beam", "pairs", "--vs", "padded"), "--vs padded: it does not do --work beam pairs; see --help"),
    ],
)
def test_bad_arguments(run, arguments, complaint):
    done = run("bench", *arguments)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"error: {complaint}\n")


def test_cupy_either_runs_or_says_why_not(run):
    try:
        choose_backend("cupy")
    except UserError as error:
        reason = str(error)
    else:
        pytest.skip("CuPy runs here: tests/gpu")
    done = run("bench", *SMALL, "--backend", "cupy")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"error: {reason}\n")


@pytest.mark.skipif(TORCH, reason="PyTorch is installed")
def test_without_pytorch(run):
    done = run("bench", "--vs", "torch")
    message = "error: --vs torch: PyTorch is not installed; run: pip install torch\n"
    assert (done.returncode, done.stderr) == (2, message)
