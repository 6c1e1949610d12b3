"""What every variant works on: the same parameters, words, images and pictures, in the paper's sizes."""

import numpy as np

from mrnn_np.backend import Array
from mrnn_np.data.batches import Batch, pack
from mrnn_np.data.vocabulary import END
from mrnn_np.model.initial import initial_params
from mrnn_np.model.mrnn import MRNN
from mrnn_np.model.params import Params, layout_size

D_I = 4096
LR, L2, MOMENTUM = 0.01, 1e-6, 0.9


def parameters(vocabulary: int) -> tuple[MRNN, Params]:
    """Return the paper's model and its first parameters, on the host."""
    model = MRNN(vocabulary, D_I)
    return model, initial_params(model, np.random.default_rng(0), np.ones(vocabulary))


def least_memory(vocabulary: int, batch_size: int) -> int:
    """Return how many bytes each variant takes at the least: parameters while they are drawn, features and scores."""
    return 12 * layout_size(MRNN(vocabulary, D_I).layout) + 4 * batch_size * (D_I + vocabulary)


def images(count: int) -> Array:
    """Return standardised image features, (count, 4096) float32."""
    return np.random.default_rng(1).standard_normal((count, D_I), np.float32)


def lengths(rng: np.random.Generator, count: int) -> Array:
    """Return numbers of words, END counted: 4 to 30, 11.5 on average, as Flickr8k's captions have."""
    return np.clip(np.rint(rng.gamma(9, 11.5 / 9, count)), 4, 30).astype(int)


def training_batches(vocabulary: int, batch_size: int, batches: int, length: int = 0) -> list[Batch]:
    """Return batches, on the host, of ragged sentences, or of such that all have `length` words.

    Words are drawn by Zipf's law, and each sentence has an image of its own.
    """
    features = images(batch_size)
    several = training_sentences(vocabulary, batch_size, batches, length)
    return [pack(sentences, list(range(batch_size)), features.__getitem__) for sentences in several]


def training_sentences(vocabulary: int, batch_size: int, batches: int, length: int = 0) -> list[list[Array]]:
    """Return the sentences of the same batches, which are not packed yet."""
    rng, share = np.random.default_rng(2), _zipf(vocabulary, 1)
    several = []
    for _ in range(batches):
        long = [length] * batch_size if length else lengths(rng, batch_size)
        several.append([np.append(rng.choice(vocabulary - 3, n - 1, p=share) + 3, END) for n in long])
    return several


def captions(vocabulary: int, count: int) -> list[Array]:
    """Return sentences that begin alike as often as people's do: few words are likely after each word.

    A Markov chain, with Zipf's law over the words that may follow.  Of 500 sentences' beginnings 81 % are distinct and
    of 5,000 sentences' 76 %; of Flickr8k's dev split, read in its order, 83 % and 77 %.
    """
    rng, sentences, share = np.random.default_rng(3), [], _zipf(vocabulary, 1.3)
    for length in lengths(rng, count):
        word, words = 0, []
        for rank in rng.choice(vocabulary - 3, length - 1, p=share):
            word = (31 * word + int(rank)) % (vocabulary - 3)
            words.append(word + 3)
        sentences.append(np.array([*words, END]))
    return sentences


def make_writer(params: Params) -> None:
    """Change first parameters, in place, into some that write sentences of about a dozen words, sure of each word.

    Unit 0 of r counts the words.  With it unit 0 of m turns from -1.7 to 1.7, at about the eleventh word, earlier or
    later as the image has it, and END becomes likely.
    """
    p = params
    p["W_2"][0], p["b_w"][0] = 0, 1
    p["V_w"][0], p["V_r"][0] = 0, 0
    p["V_I"][0] *= 4
    p["V_r"][0, 0], p["b_m"][0] = 1, -11
    p["V_y"][...] *= 40
    p["V_y"][END, 0] = 25


def _zipf(vocabulary: int, exponent: float) -> Array:
    share = 1 / np.arange(1, vocabulary - 2) ** exponent
    return share / share.sum()
