"""The multimodal recurrent neural network (m-RNN) of Mao et al., ICLR 2015, written by hand in NumPy.

A model that was trained before captions a picture, or features that its CNN made of some:

    >>> from mrnn_np import Captioner, load_features
    >>> captioner = Captioner.load("runs/scenes/best.npz")
    >>> captioner.caption_picture("my.png")
    'four white horses gallop on a sunny beach'
    >>> captioner.caption(load_features("my-features.npz").values)
    ['four white horses gallop on a sunny beach']

`Captioner.train("runs/mine", data="csv:mine.csv", epochs=5)` trains one, as `python -m mrnn_np.train` does.  The parts
stand alone too.  Here a model learns what two images, of two features each, are called:

    >>> import numpy as np
    >>> from mrnn_np import MRNN, SGD, Decoder, Vocabulary, choose_backend, greedy, initial_params, pack
    >>> captions, images = [["a", "red", "boat"], ["two", "dogs"]], np.eye(2)
    >>> vocabulary = Vocabulary.build(captions, min_count=1)
    >>> model = MRNN(len(vocabulary), d_I=2, d_e=8, d_w=16, d_m=32)
    >>> params = initial_params(model, np.random.default_rng(0), np.ones(len(vocabulary)))
    >>> batch = pack([vocabulary.encode(caption) for caption in captions], [0, 1], images.__getitem__)
    >>> sgd, velocity = SGD(l2=1e-4, momentum=0.9), np.zeros_like(params.theta)
    >>> for _ in range(100):
    ...     bits, cache = model.forward(params, batch)
    ...     gradient = model.backward(np.full_like(bits, 1 / len(batch)), cache)
    ...     sgd.update(params, gradient, velocity, lr=0.1)
    >>> writer = Decoder(model, params, choose_backend("numpy"))
    >>> [vocabulary.decode(written.words) for written in greedy(writer, images)]
    ['a red boat', 'two dogs']

All that can be imported from here stands in `__all__`.  The commands are modules of their own: `python -m
mrnn_np.train`, `caption`, `evaluate`, `explain`, `retrieve`, `compare`, `inspect`, `extract`, `gradcheck` and `bench`.

The code reads best in the order in which the data flow: `minimal`, the whole model on one page; then `data`, `layers`,
`model`, `gradients`, `training`, `captioning` and `evaluation`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from mrnn_np.command_line.ctrl_c import is_a_command_starting, quit_at_ctrl_c

if TYPE_CHECKING:
    from mrnn_np.backend import choose_backend
    from mrnn_np.captioning.beam import BeamSearch, beam_search
    from mrnn_np.captioning.captioner import Captioner
    from mrnn_np.captioning.decoder import Decoder
    from mrnn_np.captioning.one_at_a_time import greedy, sample
    from mrnn_np.data.batches import pack
    from mrnn_np.data.captions import load_captions
    from mrnn_np.data.features import load_features
    from mrnn_np.data.vocabulary import Vocabulary
    from mrnn_np.errors import UserError
    from mrnn_np.evaluation.perplexity import bits_per_word
    from mrnn_np.gradients.check import check_model
    from mrnn_np.model.initial import initial_params
    from mrnn_np.model.mrnn import MRNN
    from mrnn_np.model.params import Params
    from mrnn_np.training.sgd import SGD

__version__ = "0.1.0"

# No name of these is a module's: `mrnn_np.train` is the command, whichever was imported first.
__all__ = [
    "MRNN",
    "SGD",
    "BeamSearch",
    "Captioner",
    "Decoder",
    "Params",
    "UserError",
    "Vocabulary",
    "beam_search",
    "bits_per_word",
    "check_model",
    "choose_backend",
    "greedy",
    "initial_params",
    "load_captions",
    "load_features",
    "pack",
    "sample",
]

_HOMES = {
    "backend": ("choose_backend",),
    "captioning.beam": ("BeamSearch", "beam_search"),
    "captioning.captioner": ("Captioner",),
    "captioning.decoder": ("Decoder",),
    "captioning.one_at_a_time": ("greedy", "sample"),
    "data.batches": ("pack",),
    "data.captions": ("load_captions",),
    "data.features": ("load_features",),
    "data.vocabulary": ("Vocabulary",),
    "errors": ("UserError",),
    "evaluation.perplexity": ("bits_per_word",),
    "gradients.check": ("check_model",),
    "model.initial": ("initial_params",),
    "model.mrnn": ("MRNN",),
    "model.params": ("Params",),
    "training.sgd": ("SGD",),
}
"""The module of each name, which is loaded when somebody asks for it: a command loads no more than it needs."""


if not TYPE_CHECKING:  # so that a type checker knows no other names than those

    def __getattr__(name: str) -> Any:
        for module, names in _HOMES.items():
            if name in names:
                return getattr(import_module(f"mrnn_np.{module}"), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


if is_a_command_starting():
    quit_at_ctrl_c()
