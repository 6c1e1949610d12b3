"""What can be chosen about a model: its recurrent layers, where the image enters, its embeddings and its output."""

from dataclasses import dataclass

from mrnn_np.errors import UserError
from mrnn_np.layers.activations import RELU, SCALED_TANH, TANH
from mrnn_np.model.recurrent_stack import RECURRENCES

MULTIMODAL = {"scaled-tanh": SCALED_TANH, "tanh": TANH, "relu": RELU}

CHOICES = {
    "recurrence": tuple(RECURRENCES),
    "image_enters": ("multimodal", "recurrent", "both", "both-shared", "init", "none"),
    "embedding": ("two-layers", "one-layer"),
    "word_enters": ("second", "first", "none"),
    "multimodal": (*MULTIMODAL, "none"),
    "output": ("own", "shared"),
}
"""What each choice may be."""


@dataclass(frozen=True)
class Design:
    """The choices; the defaults are the paper's m-RNN.

    Parameters
    ----------
    recurrence : what a recurrent layer is: relu, sigmoid, tanh, lstm or gru
    layers : how many stand one upon the other
    image_enters : "multimodal", the paper's way; "recurrent", added to each w(t) on its way into the recurrent layer;
        "both", with a matrix for each; "both-shared", with one matrix, whose product is added to w(t) on its way into
        both layers (our reading: one matrix cannot have the widths of two layers); "init", as if it were a word before
        the first one; "none"
    embedding : "two-layers", e = E[word] and w = W_2 e + b_w, or "one-layer", w = E[word]
    word_enters : what of the word feeds the multimodal layer directly: the "second" embedding w, the "first" embedding
        e (the paper's EmbOneInput), or "none" of it (NoEmbInput)
    multimodal : the non-linearity of the multimodal layer; "none" leaves the layer out, and y = softmax(V_y r + b_y)
    output : "own" is a matrix V_y of its own; "shared" is transposed weight sharing with the first embedding,
        y = softmax(E g(V_e m + b_e) + b_y)
    bptt : K of truncated backpropagation through time (`layers.recurrent.time_steps_back`), 0 for none; training only

    Raises
    ------
    UserError : a choice is unknown, or two contradict each other
    """

    recurrence: str = "relu"
    layers: int = 1
    image_enters: str = "multimodal"
    embedding: str = "two-layers"
    word_enters: str = "second"
    multimodal: str = "scaled-tanh"
    output: str = "own"
    bptt: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot be built."""
        for name, choices in CHOICES.items():
            if (value := getattr(self, name)) not in choices:
                raise UserError(f"{flag(name)} is {value!r}; it can be {', '.join(choices)}")
        if self.layers < 1 or self.bptt < 0:
            raise UserError("--layers must be 1 or more, and --bptt 0 or more")
        if self.multimodal == "none" and self.image_enters in ("multimodal", "both", "both-shared"):
            raise UserError(f"--image-enters {self.image_enters} needs a multimodal layer; leave out --multimodal none")
        if self.multimodal == "none" and self.output == "shared":
            raise UserError("--output shared stands on a multimodal layer; leave out --multimodal none")
        if self.image_enters == "both-shared" and self.word_enters != "second":
            raise UserError("--image-enters both-shared adds the image to embedding II; leave out --word-enters")
        if self.embedding == "one-layer" and self.word_enters == "first":
            raise UserError("--word-enters first needs two embeddings; leave out --embedding one-layer")

    @property
    def image(self) -> bool:
        """Whether the model looks at images."""
        return self.image_enters != "none"

    @property
    def image_joins_words(self) -> bool:
        """Whether the image enters the recurrent layers, at every word or once."""
        return self.image_enters in ("recurrent", "both", "both-shared", "init")

    @property
    def image_joins_m(self) -> bool:
        """Whether the multimodal layer has a matrix V_I; that of RNN-Base is of width 0."""
        return self.multimodal != "none" and self.image_enters in ("multimodal", "both", "none")


M_RNN, RNN_BASE = Design(), Design(image_enters="none")
"""The paper's model, and its baseline without the image."""


def flag(name: str) -> str:
    """The command-line flag of a choice."""
    return "--" + name.replace("_", "-")
