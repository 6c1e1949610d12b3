"""Where in a picture a word comes from: six maps, each with a share of the word's bits for every place.

Let b = log2 P(w_t | w_1 ... w_t-1, I) of a word, I the CNN's features of a picture x, and A the last map of the CNN.

last          db/dA times A, summed over the channels.  Where I is the mean of A over its places, as EfficientNet's is,
              this is the exact first-order share of each place: the shares add up to db/dI . I
pixels        db/dx times x - x0, summed over the colours; x0 is the picture in its mean colour
sharpened     the same with db/dx averaged along the way from x0 to x, x0 being the picture blurred: the shares add up
              to what b gains from there to here.  What the CNN is sure of has no slope left at x, but had on the way
integrated    the mean of that over several x0: the picture blurred a little, more, much, and in its mean colour
alone         integrated, but of the word said alone, of log2 P(w_t | I): what the words before have told already is
              not missing, as *bench* after "sits on a".  It explains the word, and no longer its place in the sentence
occlusion     by how much b falls when a square around the place gets the picture's mean colour; no gradient is in it,
              so it is the witness for the others, and slow

Places are those of the square that the CNN looks at, rows first.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from mrnn_np.backend import Array, Backend
from mrnn_np.backend.threads import on_each_core
from mrnn_np.captioning.captioner import Captioner
from mrnn_np.data.batches import pack, unpack
from mrnn_np.data.features import Standardiser
from mrnn_np.model.general import Model
from mrnn_np.model.params import Params
from mrnn_np.vision.cnn import Cnn
from mrnn_np.vision.network import GlobalAveragePool

Map: TypeAlias = npt.NDArray[np.float32]
"""(h, w), the share of each place"""
Words: TypeAlias = Sequence[int] | None

STEPS = 4
"""Points along the way from one blurred picture to the sharp one."""
BLURS = (1 / 24, 1 / 16, 1 / 8)
"""Standard deviations of the blurs, in sides of the picture."""
SMOOTH = 1 / 20
"""How far a map is smoothed, in sides of the picture."""
SQUARE, STRIDE = 1 / 4, 1 / 12
"""Of occlusion, the side of its squares and the way from one to the next, in sides of the picture."""


@dataclass(frozen=True, eq=False)
class TwoNetworks:
    """A captioner and the CNN it looks through: from the pixels of one picture to the words about it, and back."""

    model: Model
    params: Params
    """on the backend's device"""
    standardiser: Standardiser
    cnn: Cnn
    backend: Backend

    @classmethod
    def of(cls, captioner: Captioner, cnn: Cnn) -> "TwoNetworks":
        """Return a captioner behind the CNN that made the features of its training."""
        decoder, standardiser = captioner.decoder, captioner.checkpoint.standardiser
        return cls(decoder.model, decoder.params, standardiser, cnn, decoder.backend)

    def look(self, squares: Array) -> Array:
        """Return the standardised features, host float32 (N, d_I), of colours 0 to 255, (N, size, size, 3)."""
        return self.standardiser.apply(self.cnn.features(self.cnn.design.preprocessing.scaled(squares)))

    def word_bits(self, sentence: Array, I: Array) -> Array:
        """b of the T words of a sentence about each of N images, host (T, N); I is (N, d_I), host, standardised."""
        batch = pack([sentence] * len(I), range(len(I)), lambda rows: self._as_params(I[rows]))
        bits, _ = self.model.forward(self.params, batch.to(self.backend.asarray))
        return -np.stack(unpack(self.backend.to_numpy(bits), batch), axis=1)

    def word_gradients(self, sentence: Array, I: Array) -> Array:
        """db/dI of the T words of a sentence about each of N images, I as the CNN made it: host (T, N, d_I).

        The beginnings of the sentence, each about images of its own, make one batch, and of each only the last word
        counts: one way back through the model finds all gradients.
        """
        T, N = len(sentence), len(I)
        beginnings = [sentence[: t + 1] for t in range(T) for _ in range(N)]
        batch = pack(beginnings, range(T * N), lambda rows: self._as_params(I[rows % N]))
        step = np.repeat(np.arange(T), batch.sizes)
        is_last = step == batch.image_of // N
        _, cache = self.model.forward(self.params, batch.to(self.backend.asarray))
        d_bits = self.backend.asarray(-is_last.astype(self.params.theta.dtype))
        dI = self.backend.to_numpy(self.model.backward(d_bits, cache, need_dI=True)["I"])
        return (dI / self.standardiser.scale).reshape(T, N, -1)

    def _as_params(self, values: Array) -> Array:
        return values.astype(self.params.theta.dtype, copy=False)


def last_map(two: TwoNetworks, sentence: Array, square: Image.Image, words: Words = None) -> list[Map]:
    """Return the map "last" of some words of a sentence about a picture.

    Parameters
    ----------
    sentence : T word ids, END last
    square : the picture as the CNN gets it
    words : the places of the words in the sentence; None for all T
    """
    to_numpy = two.backend.to_numpy
    I, A, caches = two.cnn.forward(_inputs(two, _colours(square)[None]))
    of_words = two.word_gradients(sentence, two.standardiser.apply(to_numpy(I)))

    def of(dI: Array) -> Map:
        dA, _ = two.cnn.backward(two.backend.asarray(dI), caches, need_dx=False)
        shares: Map = to_numpy((dA * A).sum(axis=3)[0])
        return shares

    return [of(of_words[t]) for t in chosen(sentence, words)]


def pixel_map(two: TwoNetworks, sentence: Array, square: Image.Image, words: Words = None) -> list[Map]:
    """Return the map "pixels" of each word, arguments as of `last_map`."""
    x = _colours(square)
    return _along_the_way(two, sentence, x[None], x - _mean_colour(x), words)


def sharpened_map(two: TwoNetworks, sentence: Array, square: Image.Image, words: Words = None) -> list[Map]:
    """Return the map "sharpened", arguments as of `last_map`: STEPS ways through the CNN, and back for each word."""
    return _sharpened(two, sentence, _colours(square), _blurred(square, BLURS[-1]), words)


def integrated_map(two: TwoNetworks, sentence: Array, square: Image.Image, words: Words = None) -> list[Map]:
    """Return the map "integrated", arguments as of `last_map`: four times the work of `sharpened_map`."""
    x = _colours(square)
    starts = (*(_blurred(square, blur) for blur in BLURS), _mean_colour(x))
    of_starts = [_sharpened(two, sentence, x, x0, words) for x0 in starts]
    return [np.mean(shares, axis=0) for shares in zip(*of_starts, strict=True)]


def alone_map(two: TwoNetworks, sentence: Array, square: Image.Image, words: Words = None) -> list[Map]:
    """Return the map "alone", arguments as of `last_map`: for each word the work of an `integrated_map` of its own.

    Of 608 words and colours of things in 200 validation scenes its strongest place lies on 87.2 % of them, that of the
    integrated map on 80.8 %: of the things on 86.6 % and 74.5 %, and of the colours on 87.8 % and 88.6 %.
    """
    return [integrated_map(two, sentence[[t]], square)[0] for t in chosen(sentence, words)]


def occlusion_map(two: TwoNetworks, sentence: Array, square: Image.Image, words: Words = None) -> list[Map]:
    """Return the map "occlusion" of each word, arguments as of `last_map`: a place for every square painted over."""
    x = _colours(square)
    half, stride = SQUARE * len(x) / 2, STRIDE * len(x)
    spans = [slice(round(max(0, at - half)), round(at + half)) for at in np.arange(stride / 2, len(x), stride)]
    painted = np.repeat(x[None], len(spans) ** 2, axis=0)
    for picture, (rows, columns) in zip(painted, ((r, c) for r in spans for c in spans), strict=True):
        picture[rows, columns] = _mean_colour(x)
    falls = two.word_bits(sentence, two.look(x[None])) - two.word_bits(sentence, two.look(painted))
    return list(falls[chosen(sentence, words)].reshape(-1, len(spans), len(spans)).astype(np.float32))


MakeMaps: TypeAlias = Callable[[TwoNetworks, Array, Image.Image, Words], list[Map]]

MAPS: dict[str, MakeMaps] = {
    "last": last_map,
    "pixels": pixel_map,
    "sharpened": sharpened_map,
    "integrated": integrated_map,
    "alone": alone_map,
    "occlusion": occlusion_map,
}


def default_map(cnn: Cnn) -> str:
    """Return the name of the map to draw when nobody says: the exact one where features are a mean, else the best."""
    return "last" if isinstance(cnn.design.network[-1], GlobalAveragePool) else "integrated"


def smooth(shares: Map, size: int) -> Map:
    """Return a map as it is shown, (size, size): what neighbours say is put together.

    One of pixels is smoothed by SMOOTH of its side, as single pixels say little; a coarse one is interpolated.
    """
    if len(shares) >= 64:
        reach = SMOOTH * len(shares)
        at = np.arange(-round(3 * reach), round(3 * reach) + 1)
        kernel = np.exp(-((at / reach) ** 2) / 2)
        for axis in (0, 1):
            shares = np.apply_along_axis(np.convolve, axis, shares, kernel / kernel.sum(), "same")
    image = Image.fromarray(shares.astype(np.float32)).resize((size, size), Image.Resampling.BICUBIC)
    return np.asarray(image)


def strongest(shares: Map, size: int) -> tuple[int, int]:
    """Return the row and the column of the strongest place of a map, of `size` of each."""
    row, column = np.unravel_index(np.argmax(smooth(shares, size)), (size, size))
    return int(row), int(column)


def _colours(square: Image.Image) -> Array:
    return np.asarray(square, np.float32)


def _blurred(square: Image.Image, blur: float) -> Array:
    return _colours(square.filter(ImageFilter.GaussianBlur(blur * square.width)))


def _mean_colour(x: Array) -> Array:
    return x.mean(axis=(0, 1))


def _inputs(two: TwoNetworks, squares: Array) -> Array:
    return two.backend.asarray(two.cnn.design.preprocessing.scaled(squares))


def chosen(sentence: Array, words: Words) -> list[int]:
    """Return the places of the words to make maps of."""
    return list(range(len(sentence)) if words is None else words)


def _sharpened(two: TwoNetworks, sentence: Array, x: Array, x0: Array, words: Words) -> list[Map]:
    middles = (np.arange(STEPS, dtype=np.float32)[:, None, None, None] + 0.5) / STEPS
    return _along_the_way(two, sentence, x0 + middles * (x - x0), x - x0, words)


def _along_the_way(two: TwoNetworks, sentence: Array, squares: Array, way: Array, words: Words) -> list[Map]:
    """The mean of db/dx at some squares of colours, (N, size, size, 3), times the way (size, size, 3), of the words."""
    to_numpy = two.backend.to_numpy
    I, _, caches = two.cnn.forward(_inputs(two, squares))
    of_words = two.word_gradients(sentence, two.standardiser.apply(to_numpy(I)))

    def of(dI: Array) -> Map:
        _, dx = two.cnn.backward(two.backend.asarray(dI), caches)
        shares: Map = (to_numpy(dx).mean(axis=0) * way).sum(axis=2)
        return shares

    return [*on_each_core(of, of_words[chosen(sentence, words)], two.backend)]
