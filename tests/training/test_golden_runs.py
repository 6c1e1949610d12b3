"""The first twenty costs of two seeded runs, from the data to the update, as they have always been."""

import numpy as np
import pytest

from mrnn_np.backend import choose_backend
from mrnn_np.training.config import config_of
from mrnn_np.training.setup import new_run
from mrnn_np.training.trainer import Trainer

NUMPY = choose_backend("numpy")
SMALL = {"scale": 0.125, "lr": 0.05, "batch_size": 8, "epochs": 2, "warmup": 5}
COSTS = {
    "scenes": "6.280487 6.269276 6.376715 6.456802 6.094331 6.304581 6.200262 6.103945 6.194499 6.013074 "
    "6.58797 6.138423 6.628888 6.325192 6.021744 5.982339 5.987998 5.940731 5.806882 5.781306",
    "flickr8k": "3.490094 3.378579 3.436152 3.310778 3.242105 3.152216 2.898919 2.900722 2.485986 2.679127 "
    "2.328859 2.27704 2.17465 2.211654 1.904487 2.049622 2.006087 2.027962 1.875993 1.985675",
}


def first_costs(typed, out, steps=20):
    """The bits per word of each step, as the trainer takes them."""
    run = new_run(config_of(SMALL | typed))
    trainer, costs = Trainer(run.checkpoint, run.train_set, run.val_set, NUMPY, out), []
    while len(costs) < steps:
        epoch = trainer.progress.step // trainer.steps_per_epoch
        for batch, masks in trainer.batches_from(trainer.progress.step, epoch):
            trainer.pending_bits = np.float32(0)
            trainer.train_on(batch, masks)
            costs.append(float(trainer.pending_bits) / len(batch))
    return costs[:steps]


@pytest.mark.parametrize("data", COSTS)
def test_the_first_costs_are_what_they_were(data, tiny_flickr8k, tmp_path):
    typed = (
        {"data": "scenes"} if data == "scenes" else {"data": f"flickr8k:{tiny_flickr8k}", "min_count": 1, "clip": 1.0}
    )
    # Sums of float32 are rounded as the BLAS has it: its kernels differ by 2e-7 here.
    assert first_costs(typed, tmp_path) == pytest.approx([float(cost) for cost in COSTS[data].split()], rel=2e-6)
