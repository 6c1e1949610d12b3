"""Every option of training: its default, and the smallest and largest value it takes."""

import argparse
import dataclasses

import pytest

from mrnn_np.errors import UserError
from mrnn_np.training.config import Config, add_options, config_of, typed_options

DEFAULTS = {
    "data": "scenes",
    "features": "",
    "cnn": "scene",
    "pictures": "",
    "train_cnn": "no",
    "model": "m-rnn",
    "scale": 1.0,
    "recurrence": "relu",
    "layers": 1,
    "image_enters": "multimodal",
    "embedding": "two-layers",
    "word_enters": "second",
    "multimodal": "scaled-tanh",
    "output": "own",
    "min_count": 5,
    "d_e": 128,
    "d_w": 256,
    "d_r": 0,
    "d_m": 512,
    "dropout_e": 0.15,
    "dropout_r": 0.15,
    "dropout_m": 0.3,
    "dropout_I": 0.5,
    "bptt": 0,
    "epochs": 22,
    "batch_size": 128,
    "shares": 1,
    "optimiser": "sgd",
    "lr": 0.1,
    "cnn_lr": 0.01,
    "schedule": "cosine",
    "warmup": 100,
    "momentum": 0.9,
    "l2": 1e-4,
    "clip": 5.0,
    "patience": 0,
    "seed": 0,
}
FROM_ONE = ("layers", "min_count", "d_e", "d_w", "d_m", "epochs", "batch_size", "shares")
FROM_ZERO = ("bptt", "lr", "warmup", "l2", "clip", "patience", "seed")
SHARES = ("dropout_e", "dropout_r", "dropout_m", "dropout_I", "momentum")


def test_defaults():
    assert dataclasses.asdict(Config()) == DEFAULTS


@pytest.mark.parametrize("name", FROM_ONE)
def test_what_is_counted_from_one(name):
    assert getattr(Config(**{name: 1}), name) == 1
    with pytest.raises(UserError, match=f"--{name.replace('_', '-')} is 0; it must be 1 or more"):
        Config(**{name: 0})


@pytest.mark.parametrize("name", FROM_ZERO)
def test_what_may_be_nothing(name):
    zero = type(DEFAULTS[name])(0)
    assert getattr(Config(**{name: zero}), name) == 0
    with pytest.raises(UserError, match=f"--{name} is -1.*; it must be 0 or more"):
        Config(**{name: zero - 1})


def test_options_of_a_cnn_that_learns_come_with_one():
    assert Config(train_cnn="fine-tune", cnn_lr=0.0).trains_cnn
    for options, complaint in (
        ({"cnn_lr": 0.0}, "--cnn-lr is of --train-cnn"),
        ({"cnn_lr": -1.0}, "it must be 0 or more"),
    ):
        with pytest.raises(UserError, match=complaint):
            Config(**options)


@pytest.mark.parametrize(
    ("typed", "rate"),
    [({}, 0.03), ({"lr": 0.5}, 0.05), ({"optimiser": "adam"}, 0.0001), ({"lr": 0.5, "cnn_lr": 0.2}, 0.2)],
)
def test_the_rate_of_a_cnn_is_a_tenth_of_the_models_where_nobody_says(typed, rate):
    assert config_of({"data": "scenes", "train_cnn": "fine-tune", **typed}).cnn_lr == pytest.approx(rate)


def test_a_width_of_nothing_is_that_of_another():
    assert Config(recurrence="lstm", d_r=0).d_r == 0
    with pytest.raises(UserError, match="--d-r is -1; it must be 0 or more"):
        Config(recurrence="lstm", d_r=-1)


@pytest.mark.parametrize("name", SHARES)
def test_a_share_is_from_nothing_to_below_one(name):
    for share in (0.0, 0.99):
        assert getattr(Config(**{name: share}), name) == share
    flag = f"--{name.replace('_', '-')}"
    for share, complaint in ((-0.1, "0 or more"), (1.0, "below 1"), (float("nan"), "")):
        with pytest.raises(UserError, match=f"{flag} is {share}; it must be {complaint}"):
            Config(**{name: share})


@pytest.mark.parametrize("name", [name for name, value in DEFAULTS.items() if isinstance(value, int | float)])
def test_no_number_is_without_an_end(name):
    value = 10**30 if isinstance(DEFAULTS[name], int) else float("inf")
    with pytest.raises(UserError, match=f"--{name.replace('_', '-')} is "):
        Config(**{name: value})


@pytest.mark.parametrize("name", [name for name, value in DEFAULTS.items() if isinstance(value, str)][4:])
def test_a_choice_is_one_of_a_few(name):
    with pytest.raises(UserError, match=f"--{name.replace('_', '-')} is 'abacus'; it can be .*{DEFAULTS[name]}"):
        Config(**{name: "abacus"})


def test_only_what_is_typed_is_typed():
    parser = argparse.ArgumentParser()
    add_options(parser)
    parser.add_argument("--out", default="x")
    assert typed_options(parser.parse_args([])) == {}
    typed = typed_options(parser.parse_args(["--lr", "0.5", "--epochs", "3", "--data", "csv:x", "--model", "rnn-base"]))
    assert typed == {"lr": 0.5, "epochs": 3, "data": "csv:x", "model": "rnn-base"}
    config = config_of(typed)
    assert (config.lr, config.epochs, config.image, config.model_name) == (0.5, 3, False, "rnn-base")
    assert Config(**dataclasses.asdict(config)) == config


def test_help_tells_the_defaults(capsys):
    parser = argparse.ArgumentParser()
    add_options(parser)
    text = " ".join(parser.format_help().split())
    of_epochs, of_lr = (f"; on scenes: {value}; on drawings: {value})" for value in (20, 0.3))
    for shown in (f"(default: 22{of_epochs}", f"(default: 0.1{of_lr}", "(default: 256)", "(default: 5.0)"):
        assert shown in text
