"""What training needs grows with the work and with nothing else: long sentences, large vocabularies, many images."""

import subprocess
import sys

import numpy as np
import pytest

from mrnn_np.data.batches import pack
from mrnn_np.data.vocabulary import END
from mrnn_np.model.initial import initial_params
from mrnn_np.model.mrnn import MRNN
from mrnn_np.training.sgd import SGD

STEP_OF_100_000_WORDS = """
import resource
import numpy as np
from mrnn_np.data.batches import pack
from mrnn_np.model.initial import initial_params
from mrnn_np.model.mrnn import MRNN
from mrnn_np.training.sgd import SGD

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

model = MRNN(100_000, 16, d_e=32, d_w=32, d_m=64)
rng = np.random.default_rng(0)
before = peak()
params = initial_params(model, rng, np.ones(100_000))
velocity = np.zeros_like(params.theta)
sentences = [np.append(rng.integers(3, 100_000, 9), 1) for _ in range(4)]
features = rng.normal(size=(4, 16)).astype(np.float32)
batch = pack(sentences, range(4), features.__getitem__)
costs = []
for _ in range(3):
    bits, cache = model.forward(params, batch)
    SGD(1e-6, 0.9).update(params, model.backward(np.full_like(bits, 1 / len(batch)), cache), velocity, 0.3)
    costs.append(float(bits.mean()))
print(*costs, peak() - before, params.theta.nbytes, len(batch) * 100_000 * 4)
"""


def test_100_000_words_train_in_memory_for_the_parameters_and_one_matrix_of_scores():
    pytest.importorskip("resource")
    command = [sys.executable, "-c", STEP_OF_100_000_WORDS]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    *costs, used, theta, scores = map(float, told.split())
    assert costs[0] == pytest.approx(np.log2(100_000), abs=0.5)
    assert costs[2] < costs[0]
    # theta while it is drawn in float64; then theta, velocity and the gradients, the scores, and what is smaller.
    assert used < 3.5 * theta + 2 * scores


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sentences_of_1_to_500_words(dtype):
    model, rng = MRNN(M=40, d_I=6, d_e=8, d_w=16, d_m=24), np.random.default_rng(0)
    start = initial_params(model, rng, np.ones(40))
    params = start.with_theta(start.theta.astype(dtype))
    velocity = np.zeros_like(params.theta)
    sentences = [np.append(rng.integers(3, 12, length - 1), END) for length in (1, 2, 7, 60, 500)]
    features = rng.normal(size=(5, 6)).astype(dtype)
    batch = pack(sentences, range(5), features.__getitem__)
    assert len(batch.sizes) == 500
    costs = []
    for _ in range(10):
        bits, cache = model.forward(params, batch)
        grads = model.backward(np.full_like(bits, 1 / len(batch)), cache)
        assert np.isfinite(grads.theta).all()
        SGD(clip=1).update(params, grads, velocity, 0.02)
        costs.append(float(bits.mean()))
    assert costs[0] == pytest.approx(np.log2(40), abs=0.5)
    assert costs[-1] < costs[0] - 0.1
