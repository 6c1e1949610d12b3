"""A checkpoint small enough to come with the course: without what only training on needs, and rounded.

python -m mrnn_np.train
python -c "from mrnn_np.teaching.shrink import shrink; shrink('runs/scenes/best.npz', 'notebooks/scenes_captioner.npz')"
"""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np

from mrnn_np.files import atomic_write, read_archive
from mrnn_np.training.checkpoint import load_checkpoint, save_checkpoint

BITS = 8
"""Bits that are kept of each number's mantissa: rounding to them changes the cost by less than 0.001 bits a word."""


def shrink(source: str | Path, target: str | Path) -> None:
    """Write a checkpoint that every command reads, a quarter of its size: rounded theta, no velocity.

    Raises UserError when the source is no checkpoint or the target cannot be written.
    """
    checkpoint, target = load_checkpoint(source), Path(target)
    mantissa, exponent = np.frexp(checkpoint.params.theta)
    rounded = np.ldexp(np.round(mantissa * 2**BITS) / 2**BITS, exponent).astype(np.float32)
    at_rest = np.zeros_like(checkpoint.velocity)
    params = checkpoint.params.with_theta(rounded)
    save_checkpoint(target, dataclasses.replace(checkpoint, params=params, velocity=at_rest))
    # What was rounded away is now zeros, which compression finds.
    arrays: dict[str, Any] = read_archive(target)
    atomic_write(target, lambda file: np.savez_compressed(file, **arrays))
