"""Every kind of work that is measured, and who does it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from mrnn_np.backend import Backend
from mrnn_np.benchmarks import decoding, extraction, pairs, steps
from mrnn_np.benchmarks.task import Task

MakeTask = Callable[[int, int, Backend], Task]
"""From the vocabulary's size, how many sentences or images, and the backend that "numpy" is to run on."""


@dataclass(frozen=True)
class Work:
    """One kind of work."""

    title: str
    unit: str
    """what is counted a second"""
    items: str
    """what --batch-size counts"""
    batch_size: int
    """how many of them, unless --batch-size says"""
    variants: Mapping[str, MakeTask]


WORKS = {
    "step": Work("training step", "words", "sentences", 128, steps.VARIANTS),
    "greedy": Work(
        "greedy decoding",
        "images",
        "images",
        256,
        {
            "numpy": partial(decoding.numpy_task, decoding.write_greedily),
            "products": partial(decoding.products_task, decoding.write_greedily),
            "torch": decoding.torch_greedy_task,
        },
    ),
    "beam": Work(
        f"beam search of width {decoding.WIDTH}",
        "images",
        "images",
        64,
        {
            "numpy": partial(decoding.numpy_task, decoding.search_in_batches),
            "products": partial(decoding.products_task, decoding.search),
            "torch": decoding.torch_beam_task,
        },
    ),
    "pairs": Work(f"all pairs with {pairs.IMAGES} images", "pairs", "sentences", 500, pairs.VARIANTS),
    "extract": Work("features from EfficientNet-Lite0", "images", "images", 8, extraction.VARIANTS),
}
PEERS = tuple(dict.fromkeys(v for w in WORKS.values() for v in w.variants if v not in ("numpy", "products")))
"""What --vs can name."""
