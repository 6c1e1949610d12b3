"""The capstone: what a learner's file of at most 80 lines, trained on the same batches, costs and says."""

import nbformat
import numpy as np
from execution import NOTEBOOKS
from own_networks import SOLUTION, network, solution

from mrnn_np import MRNN, Decoder, choose_backend, greedy
from mrnn_np.teaching.capstone import as_params, own_parameters, package_costs

MODEL = MRNN(M=30, d_I=7, d_e=8, d_w=12, d_m=16)


def batches(count):
    rng = np.random.default_rng(0)
    for _ in range(count):
        sentences = [[*rng.integers(3, MODEL.M, rng.integers(1, 9)).tolist(), 1] for _ in range(8)]
        yield sentences, rng.normal(size=(8, MODEL.d_I))


def test_the_learners_file_is_short():
    lines = [line for line in solution().splitlines() if line.strip() and not line.strip().startswith(('"""', "#"))]
    assert 50 < len(lines) <= 80


def test_it_reaches_the_cost_of_the_package_on_the_same_batches():
    mine, some = network(solution()), list(batches(20))
    p = own_parameters(MODEL, np.ones(MODEL.M))
    expected = package_costs(MODEL, p, some, 0.1, 0.9)
    costs = mine.train(p, some, 0.1, 0.9)
    assert np.abs(np.array(costs) - expected).max() < 1e-6
    assert costs[-1] < costs[0] - 0.1


def test_it_says_what_the_package_says_after_training():
    mine = network(solution())
    p = own_parameters(MODEL, np.ones(MODEL.M))
    mine.train(p, [next(batches(1))] * 60, 0.1, 0.9)
    images = next(batches(1))[1]
    written = greedy(Decoder(MODEL, as_params(MODEL, p), choose_backend("numpy")), images)
    said = [[word for word in sentence.words if word != 1] for sentence in written]
    assert [mine.greedy(p, I) for I in images] == said
    assert any(said)


def test_the_notebook_runs_to_its_end_with_a_learners_network():
    """What its folded answers say: by heart, as the package, right, half a bit above the floor, and mostly true."""
    cells = [cell for cell in nbformat.read(NOTEBOOKS / SOLUTION.name, as_version=4).cells if cell.cell_type == "code"]
    first, (*mine, learns, checks, trains, says) = (
        cells[0],
        [c for c in cells[1:] if "Source(" not in c.source],
    )
    assert all("\n    ...\n" in cell.source for cell in mine)
    here = {"display": lambda picture: None}
    for source in (first.source, solution(), learns.source, checks.source, trains.source, says.source):
        exec(source, here)
    assert here["by_heart"][-1] < 0.05
    assert np.abs(here["mine"] - here["packages"]).max() < 1e-6
    assert here["error"] < 1e-7
    assert 0.3 < here["bits"] - here["data"].floor("val") < 0.7
    assert here["verdicts"].count("true") > 0.85 * len(here["verdicts"])
