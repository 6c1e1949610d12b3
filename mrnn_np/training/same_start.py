"""Whether all processes that are about to train together stand at the same point: asked once, before training."""

import dataclasses
import hashlib
import json

import numpy as np

from mrnn_np.backend import Array
from mrnn_np.distributed.job import versions
from mrnn_np.distributed.ranks import Ranks
from mrnn_np.training.checkpoint import Checkpoint


def require_same_start(checkpoint: Checkpoint, ranks: Ranks) -> None:
    """Raise UserError, the same one on all ranks, unless they have one version, one checkpoint and the same data."""
    if ranks.size == 1:
        return
    # Where the data is may differ from machine to machine.
    config = json.dumps(dataclasses.asdict(dataclasses.replace(checkpoint.config, data="", features="", pictures="")))
    progress = json.dumps(dataclasses.asdict(checkpoint.progress))
    ranks.require_same(
        versions()
        | {
            "the options": config,
            "a checkpoint with progress": progress,
            "a checkpoint with parameters": sha256(checkpoint.params.theta, checkpoint.velocity),
            "data": checkpoint.data_hash,
        }
    )


def sha256(*arrays: Array) -> str:
    """Return a hash of some host arrays."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
