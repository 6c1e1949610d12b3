"""Every model and every optimiser trains, is saved, comes back, and resumes as if it had never stopped."""

import pytest

from mrnn_np.backend import choose_backend
from mrnn_np.errors import UserError
from mrnn_np.model.design import Design
from mrnn_np.model.presets import PRESETS
from mrnn_np.training.checkpoint import load_checkpoint
from mrnn_np.training.config import Config, config_of
from mrnn_np.training.optimisers import OPTIMISERS
from mrnn_np.training.report import parameter_table
from mrnn_np.training.setup import new_run, resumed_run
from mrnn_np.training.trainer import Trainer

NUMPY = choose_backend("numpy")


class Stop(Exception):
    """What ends a run in the middle."""


def config(tiny_flickr8k, **typed):
    return config_of({"data": f"flickr8k:{tiny_flickr8k}", "scale": 0.03, "min_count": 1, "epochs": 3, **typed})


def train(run, out, stop_after=0):
    """Train to the end, or until after an epoch."""
    out.mkdir(exist_ok=True)
    epochs = []

    def report(line):
        epochs.append(line)
        if len(epochs) == stop_after:
            raise Stop

    Trainer(run.checkpoint, run.train_set, run.val_set, NUMPY, out).run(report)


def resumes(run_config, folder):
    """Whether a run stopped after its first epoch ends as one that was not; returns its last checkpoint."""
    train(new_run(run_config), folder / "whole")
    with pytest.raises(Stop):
        train(new_run(run_config), folder / "stopped", stop_after=1)
    stopped = load_checkpoint(folder / "stopped" / "last.npz")
    assert len(stopped.progress.history) == 1
    train(resumed_run(stopped), folder / "stopped")
    whole, resumed = (load_checkpoint(folder / name / "last.npz") for name in ("whole", "stopped"))
    assert resumed.params.theta.tobytes() == whole.params.theta.tobytes()
    assert resumed.velocity.tobytes() == whole.velocity.tobytes()
    assert whole.progress.history[-1]["val_bits"] < whole.progress.history[0]["val_bits"]
    return whole


@pytest.mark.parametrize("name", PRESETS)
def test_a_model_resumes_bit_for_bit(name, tiny_flickr8k, tmp_path):
    checkpoint = resumes(config(tiny_flickr8k, model=name, lr=0.05), tmp_path)
    assert checkpoint.config.design == PRESETS[name].design
    assert checkpoint.params.layout == checkpoint.model.layout
    table = parameter_table(checkpoint.params.layout)
    assert len(table.splitlines()) == len(checkpoint.params.layout) + 1
    assert ("recurrent layer, from below, number 4" in table) == (name == "lrcn")


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_an_optimiser_resumes_bit_for_bit(optimiser, tiny_flickr8k, tmp_path):
    run_config = config(tiny_flickr8k, model="nic", optimiser=optimiser, warmup=2)
    assert run_config.lr == {"sgd": 0.1, "adam": 0.001}[optimiser]
    resumes(run_config, tmp_path)


def test_options_stand_over_the_preset_and_the_preset_over_the_defaults():
    assert config_of({}).design == Design()
    assert config_of({"model": "nic"}).d_w == 512
    assert config_of({"model": "nic", "scale": 0.5}).d_w == 256
    assert config_of({"model": "nic", "scale": 0.5, "d_w": 9, "recurrence": "gru"}).d_w == 9
    assert config_of({"model": "nic", "recurrence": "gru"}).design.recurrence == "gru"
    assert config_of({"optimiser": "adam", "lr": 0.5}).lr == 0.5
    assert config_of({"bptt": 3}).design.bptt == 3
    assert config_of({"image_enters": "none"}).model_name == "rnn-base"
    assert not config_of({"model": "simple-rnn"}).image


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"model": "lenet"}, "--model is 'lenet'; it can be m-rnn, rnn-base"),
        ({"optimiser": "lbfgs"}, "--optimiser is 'lbfgs'; it can be sgd, adam"),
        ({"scale": 0}, "--scale is 0; it must be above 0"),
        ({"layers": 0}, "--layers is 0; it must be 1 or more"),
        ({"model": "nic", "image_enters": "multimodal"}, "--image-enters multimodal needs a multimodal layer"),
    ],
)
def test_what_is_not_there_is_refused(typed, message):
    with pytest.raises(UserError, match=message):
        config_of(typed)
    with pytest.raises(UserError):
        Config(**{"multimodal": "none", **typed})
