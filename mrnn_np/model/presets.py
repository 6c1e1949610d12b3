"""Models by name: the paper's, its ablations, and those it is compared with, each a few choices and sizes.

Sizes are as published, as far as we know them: see `source` of each.  Everything that is not said here, from dropout to
the first parameters, is as for the m-RNN.
"""

from dataclasses import asdict, dataclass
from typing import Any

from mrnn_np.model.design import M_RNN, RNN_BASE, Design


@dataclass(frozen=True)
class Preset:
    """A design and the widths that go with it; d_r = 0 is d_w."""

    about: str
    source: str
    """where the sizes come from: quoted, which was read in a text about the model, recalled, not checked, or ours"""
    design: Design = M_RNN
    d_e: int = 128
    d_w: int = 256
    d_m: int = 512
    d_r: int = 0

    def options(self, scale: float = 1.0) -> dict[str, Any]:
        """The preset as options of training by name, every width multiplied by `scale` and at least 1."""
        widths = {name: getattr(self, name) for name in ("d_e", "d_w", "d_m", "d_r")}
        scaled = {name: max(1, round(width * scale)) if width else 0 for name, width in widths.items()}
        return asdict(self.design) | scaled


_PAPER = "256 and 512 quoted, 128 recalled"
_ABLATION = f"the m-RNN's sizes ({_PAPER})"

PRESETS = {
    "m-rnn": Preset("the paper's model", _PAPER),
    "rnn-base": Preset("RNN-Base, the paper's baseline, which never sees the image", _PAPER, RNN_BASE),
    "simple-rnn": Preset(
        "the simple RNN language model, r = sigmoid(U [w; r(t-1)]), y = softmax(V r)",
        "ours",
        Design("sigmoid", image_enters="none", embedding="one-layer", multimodal="none"),
    ),
    "m-rnn-shared": Preset("the output matrix is the first embedding's", _ABLATION, Design(output="shared")),
    "no-emb-input": Preset("the word does not enter the multimodal layer", _ABLATION, Design(word_enters="none")),
    "one-layer-emb": Preset("one word embedding, of width 256", _ABLATION, Design(embedding="one-layer")),
    "emb-one-input": Preset(
        "the first embedding, not the second, enters the multimodal layer", _ABLATION, Design(word_enters="first")
    ),
    "visual-in-rnn": Preset("the image enters the recurrent layer", _ABLATION, Design(image_enters="recurrent")),
    "visual-in-rnn-both": Preset("the image enters both layers", _ABLATION, Design(image_enters="both")),
    "visual-in-rnn-both-shared": Preset(
        "the image enters both layers, by one matrix", _ABLATION, Design(image_enters="both-shared")
    ),
    "nic": Preset(
        "an LSTM that is shown the image once, before the first word (Vinyals and others 2015)",
        "recalled",
        Design("lstm", image_enters="init", embedding="one-layer", multimodal="none"),
        d_w=512,
    ),
    "lrcn": Preset(
        "four LSTM layers, the image at every word (Donahue and others 2015)",
        "four layers of 1,000 quoted, where the image enters recalled",
        Design("lstm", layers=4, image_enters="recurrent", embedding="one-layer", multimodal="none"),
        d_w=1000,
    ),
    "deepvs": Preset(
        "a ReLU RNN that is shown the image once, before the first word (Karpathy and Fei-Fei 2015)",
        "recalled: 300 to 600",
        Design("relu", image_enters="init", multimodal="none"),
        d_e=300,
        d_w=300,
    ),
    "tf-mrnn": Preset(
        "the m-RNN authors' later code: a GRU, one shared embedding, a ReLU multimodal layer",
        "quoted, from the code",
        Design("gru", embedding="one-layer", word_enters="none", multimodal="relu", output="shared"),
        d_w=1024,
        d_m=2048,
        d_r=2048,
    ),
}
