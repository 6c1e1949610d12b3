"""Scoring each pair of a sentence and an image, as this package does it and as PyTorch does it."""

from typing import Any

from mrnn_np.backend import Backend
from mrnn_np.benchmarks.decoding import as_tensors
from mrnn_np.benchmarks.task import Product, Task, products_alone
from mrnn_np.benchmarks.workload import captions, images, parameters
from mrnn_np.data.batches import pack
from mrnn_np.evaluation.pair_scores import PairScorer
from mrnn_np.evaluation.prefix_tree import prefix_tree
from mrnn_np.layers.activations import SCALE, SLOPE
from mrnn_np.layers.softmax import LN2

IMAGES = 16
"""Images that are scored together, as `mrnn_np.retrieve` does it."""
TOGETHER = 1024 // IMAGES
"""Words of a block whose softmax PyTorch computes at once, and of a bare product: 1,024 rows.  Neither is faster with
256, 512 or 2,048."""


def numpy_task(vocabulary: int, sentences: int, backend: Backend) -> Task:
    """What this package does, on either backend: each beginning of a sentence once, by way of the prefix tree."""
    _, host = parameters(vocabulary)
    params = host.with_theta(backend.asarray(host.theta))
    features, written = images(IMAGES), captions(vocabulary, sentences)

    def run() -> list[float]:
        scores = PairScorer.of(params, prefix_tree(written), backend)(features)
        return [float(score) for score in scores.flat]

    return Task(sentences * IMAGES, run)


def products_task(vocabulary: int, sentences: int, backend: Backend) -> Task:
    """The products of the same: the words' half once for each beginning, the rest once for each with each image."""
    model, _ = parameters(vocabulary)
    d_e, d_w, d_m = model.d_e, model.d_w, model.d_m
    contexts = prefix_tree(captions(vocabulary, sentences)).contexts
    products: list[Product] = [("y", IMAGES, d_m, model.d_I)]
    products += [("y", len(contexts), *size) for size in ((d_w, d_e), (d_w, d_w), (d_m, d_w), (d_m, d_w))]
    for first in range(0, len(contexts), TOGETHER):
        products.append(("y", IMAGES * min(TOGETHER, len(contexts) - first), model.M, d_m))
    return products_alone(sentences * IMAGES, products, backend)


def torch_task(vocabulary: int, sentences: int, backend: Backend) -> Task:
    """One row per word and image, in blocks; the words' half of the model once per word, the images' once per image."""
    import torch

    _, params = parameters(vocabulary)
    p = as_tensors(params)
    del params
    features, written = torch.as_tensor(images(IMAGES)), captions(vocabulary, sentences)
    linear = torch.nn.functional.linear

    @torch.inference_mode()  # type: ignore[untyped-decorator, unused-ignore]
    def run() -> list[float]:
        # Each sentence counts as an image of its own, so that `image_of` says which sentence a word belongs to.
        batch = pack(written, range(sentences), lambda numbers: features.numpy()[:0])
        targets, sentence_of = torch.as_tensor(batch.targets).long(), torch.as_tensor(batch.image_of)
        w = linear(p["E"][torch.as_tensor(batch.ids)], p["W_2"], p["b_w"])
        states: list[Any] = []
        r = w.new_zeros(batch.sizes[0], w.shape[1])
        for w_t in w.split(batch.sizes):
            r = torch.addmm(w_t, r[: len(w_t)], p["U_r"].T).relu_()
            states.append(r)
        terms = torch.addmm(linear(w, p["V_w"], p["b_m"]), torch.cat(states), p["V_r"].T)
        v = linear(features, p["V_I"])
        log_prob = w.new_zeros(sentences, IMAGES)
        for block, following, which in zip(
            terms.split(TOGETHER), targets.split(TOGETHER), sentence_of.split(TOGETHER), strict=True
        ):
            m = (block[:, None] + v).mul_(SLOPE).tanh_().mul_(SCALE).flatten(0, 1)
            scores = linear(m, p["V_y"], p["b_y"])
            nats = torch.nn.functional.cross_entropy(scores, following.repeat_interleave(IMAGES), reduction="none")
            log_prob.index_add_(0, which, nats.view(-1, IMAGES), alpha=-1 / LN2)
        return [float(x) for x in log_prob.T.flatten()]

    return Task(sentences * IMAGES, run)


VARIANTS = {"numpy": numpy_task, "products": products_task, "torch": torch_task}
