"""Train models for 200 steps on the ranks of a job and print a hash of each one's state."""

import hashlib
import sys
import tempfile
from pathlib import Path

from mrnn_np.backend import choose_backend
from mrnn_np.distributed.job import end, join
from mrnn_np.training.config import config_of
from mrnn_np.training.setup import new_run
from mrnn_np.training.trainer import Trainer

ranks = join()
for model in sys.argv[2:]:
    options = {"data": sys.argv[1], "model": model, "min_count": 1, "scale": 0.06, "batch_size": 8, "epochs": 20}
    run = new_run(config_of(options | {"shares": 8, "warmup": 5, "clip": 0.7, "l2": 1e-3}))
    with tempfile.TemporaryDirectory() as folder:
        numpy = choose_backend("numpy")
        training = Trainer(run.checkpoint, run.train_set, run.val_set, numpy, Path(folder), ranks=ranks)
        training.run(lambda line: None)
    state = training.params.theta.tobytes() + training.velocity.tobytes()
    costs = [(row["train_bits"], row["val_bits"]) for row in training.progress.history]
    digest = hashlib.sha256(state + repr(costs).encode()).hexdigest()
    print(f"rank {ranks.rank}: {model} {training.progress.step} steps {digest}\n", end="", flush=True)
end(0)
