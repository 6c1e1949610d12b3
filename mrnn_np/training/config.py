"""The options that decide what is learnt: command-line flags, help texts and config.json all follow from `Config`."""

import argparse
import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mrnn_np.command_line.limits import LARGEST_SEED, MOST, require
from mrnn_np.data.data_set import BUILT_IN
from mrnn_np.errors import UserError
from mrnn_np.files.json_files import checked, read_own_json
from mrnn_np.model.design import CHOICES, Design
from mrnn_np.model.presets import PRESETS
from mrnn_np.training.optimisers import LEARNING_RATES, OPTIMISERS
from mrnn_np.training.sgd import SCHEDULES

MOST_SHARES = 2**16
WIDEST = 10**18
"""Of a layer; how wide it may be in earnest, memory decides."""


def _option(default: Any, text: str, **limits: Any) -> Any:
    if isinstance(default, int):
        limits.setdefault("most", MOST)
    return field(default=default, metadata={"help": text, **limits})


@dataclass(frozen=True)
class Config:
    """One training run.

    The defaults are the paper's sizes and what was best on Flickr8k's development split; for a built-in data
    set they are what was best on its own validation split.
    """

    data: str = _option(
        "scenes",
        f"the data set: {', '.join(BUILT_IN)}, built in, or KIND:PLACE, as flickr8k:DIR or csv:F; README has all kinds",
    )
    features: str = _option(
        "", "features of its images, a file or a folder of files (default: features.npz in the folder of --data)"
    )
    train_cnn: str = _option(
        "no",
        "let the captions train the CNN too: fine-tune, which is meant where no word follows, begins with its weights, "
        "from-scratch with random numbers",
        choices=("no", "fine-tune", "from-scratch"),
        alone="fine-tune",
    )
    cnn: str = _option("scene", "the CNN of --train-cnn")
    pictures: str = _option("", "the folder of its pictures, for a data set that does not draw them itself")
    model: str = _option("m-rnn", "a model by name: sets the options that follow and the widths", choices=PRESETS)
    scale: float = _option(1.0, "multiplies the widths of --model, as 0.25 for a small machine", above=0, most=1e12)
    recurrence: str = _option("relu", "the recurrent layers", choices=CHOICES["recurrence"])
    layers: int = _option(1, "how many recurrent layers stand one upon the other", least=1, most=1000)
    image_enters: str = _option("multimodal", "the layer that the image enters", choices=CHOICES["image_enters"])
    embedding: str = _option("two-layers", "the word embedding", choices=CHOICES["embedding"])
    word_enters: str = _option(
        "second", "the word embedding that enters the multimodal layer", choices=CHOICES["word_enters"]
    )
    multimodal: str = _option("scaled-tanh", "the multimodal layer's non-linearity", choices=CHOICES["multimodal"])
    output: str = _option("own", "the softmax layer's matrix, or E for it", choices=CHOICES["output"])
    min_count: int = _option(5, "a word is in the vocabulary when the training captions hold it this often", least=1)
    d_e: int = _option(128, "width of word embedding I", least=1, most=WIDEST)
    d_w: int = _option(
        256, "width of word embedding II, or of the only one, and of the recurrent layer", least=1, most=WIDEST
    )
    d_r: int = _option(0, "width of lstm and gru layers, 0 for that of --d-w", least=0, most=WIDEST)
    d_m: int = _option(512, "width of the multimodal layer", least=1, most=WIDEST)
    dropout_e: float = _option(0.15, "share of word embedding I dropped in training", least=0, below=1)
    dropout_r: float = _option(0.15, "share of the recurrent layer's output dropped", least=0, below=1)
    dropout_m: float = _option(0.3, "share of the multimodal layer dropped", least=0, below=1)
    dropout_I: float = _option(0.5, "share of the image feature dropped", least=0, below=1)
    bptt: int = _option(0, "truncate backpropagation through time: cut it every so many words, 0 for never", least=0)
    epochs: int = _option(22, "how often to go through the training captions", least=1)
    batch_size: int = _option(128, "captions in a batch", least=1)
    shares: int = _option(
        1,
        "a power of two: sum each gradient over so many shares of its batch, in one order, so that any number of "
        "processes and threads trains the same model; under mpiexec one a thread where nobody says",
        least=1,
        most=MOST_SHARES,
    )
    optimiser: str = _option("sgd", "the update rule; each has a --lr of its own", choices=OPTIMISERS)
    lr: float = _option(0.1, "the largest learning rate", least=0)
    cnn_lr: float = _option(
        0.01, "the largest learning rate of the CNN of --train-cnn, a tenth of --lr where nobody says", least=0
    )
    schedule: str = _option("cosine", "how the learning rate goes on from there", choices=SCHEDULES)
    warmup: int = _option(100, "updates over which the learning rate rises to it", least=0)
    momentum: float = _option(0.9, "of sgd; 0 is plain SGD", least=0, below=1)
    l2: float = _option(1e-4, "lambda of the paper's cost, in bits per word per unit of ||theta||^2", least=0)
    clip: float = _option(5.0, "largest norm of the gradient of a network, 0 for no limit", least=0)
    patience: int = _option(0, "stop after so many epochs without a better validation, 0 for never", least=0)
    seed: int = _option(
        0, "of initialisation, order and dropout: the same seed trains the same model", least=0, most=LARGEST_SEED
    )

    def __post_init__(self) -> None:
        """Refuse numbers that mean nothing, in one line."""
        for option in dataclasses.fields(self):
            value, limits = getattr(self, option.name), option.metadata
            flag = flag_of(option)
            if not isinstance(option.default, str):
                require(flag, value, **{key: limits[key] for key in limits.keys() - {"help"}})
            if "choices" in limits and value not in limits["choices"]:
                raise UserError(f"{flag} is {value!r}; it can be {', '.join(limits['choices'])}")
        if self.shares & (self.shares - 1):
            raise UserError(f"--shares is {self.shares}; it must be a power of two, as 1, 2, 4 or 8")
        self._require_one_source_of_features()
        _ = self.design  # refuses choices that contradict each other

    def _require_one_source_of_features(self) -> None:
        """Refuse options of --train-cnn without it, and --train-cnn where no CNN can learn anything."""
        if not self.trains_cnn:
            for name in ("cnn", "cnn_lr", "pictures"):
                if getattr(self, name) != getattr(Config, name):
                    flag = f"--{name.replace('_', '-')}"
                    raise UserError(f"{flag} is of --train-cnn; type that too, or leave {flag} out")
        elif self.features:
            raise UserError("--train-cnn makes the features of pictures as it learns; leave --features out")
        elif not self.image:
            raise UserError("--train-cnn: this model never sees an image, so that no CNN can learn from it")

    @property
    def trains_cnn(self) -> bool:
        """Whether the captions train the CNN too, which is then in the checkpoint."""
        return self.train_cnn != "no"

    @property
    def design(self) -> Design:
        """The model's choices."""
        return Design(**{option.name: getattr(self, option.name) for option in dataclasses.fields(Design)})

    @property
    def image(self) -> bool:
        """Whether the model looks at images."""
        return self.design.image

    @property
    def model_name(self) -> str:
        """The name of the preset; an m-RNN that was told to leave its image out is RNN-Base."""
        return "rnn-base" if self.model == "m-rnn" and not self.image else self.model


FORMER = {"batches": ("images",), "optimiser": ("adagrad", "rmsprop")}
"""Values in files of earlier versions that a run cannot go on with any more; `batches` is no option any more at all."""


def drop_former(values: Any) -> dict[str, Any]:
    """Take what is FORMER out of a configuration as it was read from a file, and return it."""
    if not isinstance(values, dict):
        return {}
    former = {name: values[name] for name, gone in FORMER.items() if values.get(name) in gone}
    for name in ("batches", *former):
        values.pop(name, None)
    return former


def read_config(path: str | Path) -> Config:
    """Return what a config.json holds; raises UserError as `read_own_json` does."""
    values = read_own_json(path, Any)
    drop_former(values)
    config: Config = checked(values, Config, str(path))
    return config


def config_of(typed: dict[str, Any]) -> Config:
    """Return the configuration with the options that were typed, the others as --model, --data and --optimiser say."""
    chosen = Config(**{name: typed[name] for name in ("data", "model", "scale", "optimiser") if name in typed})
    by_model = PRESETS[chosen.model].options(chosen.scale)
    by_data = BUILT_IN[chosen.data].tuned if chosen.data in BUILT_IN else {}
    by_optimiser = {"lr": LEARNING_RATES[chosen.optimiser]} if chosen.optimiser in LEARNING_RATES else {}
    options = {**by_model, **by_data, **by_optimiser, **typed}
    if options.get("train_cnn", Config.train_cnn) != "no":
        options.setdefault("cnn_lr", options.get("lr", Config.lr) / 10)
    return Config(**options)


def flag_of(option: "dataclasses.Field[Any]") -> str:
    """Return the command-line flag of a field of `Config`."""
    return "--" + option.name.replace("_", "-")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Give `parser` one flag per field of `Config`; flags that are not typed leave no attribute behind."""
    for option in dataclasses.fields(Config):
        text, flag = option.metadata["help"], flag_of(option)
        tuned = {name: built_in.tuned for name, built_in in BUILT_IN.items() if option.name in built_in.tuned}
        others = "".join(f"; on {name}: {options[option.name]}" for name, options in tuned.items())
        shown = f"{text} (default: {option.default}{others})" if option.default != "" else text
        parser.add_argument(
            flag,
            type=type(option.default),
            default=argparse.SUPPRESS,
            choices=option.metadata.get("choices"),
            metavar=type(option.default).__name__.upper() if "choices" not in option.metadata else None,
            **({"nargs": "?", "const": option.metadata["alone"]} if "alone" in option.metadata else {}),
            help=shown,
        )


def typed_options(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the fields of `Config` that were typed on the command line."""
    names = {option.name for option in dataclasses.fields(Config)}
    return {name: value for name, value in vars(arguments).items() if name in names}
