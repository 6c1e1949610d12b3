"""From a picture of any size to the array a network wants, in the way its weights were trained with."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from PIL import Image

from mrnn_np.backend import Array, get_xp

RGB = tuple[float, float, float]


@dataclass(frozen=True)
class Preprocessing:
    """How a network wants its pictures.

    * `fit` "whole": the whole picture is squeezed or stretched to a square of `size` pixels.
    * `fit` "centre": the shorter side becomes `shorter` pixels and the square of `size` in the middle is cut out, so
      that nothing is distorted but the edges are lost.

    Then, with colours from 0 to 255, (colour - mean) / deviation per channel of red, green, blue.  Resizing is bilinear
    and averages over the pixels it drops.
    """

    fit: Literal["whole", "centre"]
    size: int
    mean: RGB
    deviation: RGB
    shorter: int = 0

    def __call__(self, picture: Image.Image) -> Array:
        """Return an RGB picture as float32 (size, size, 3)."""
        return self.scaled(np.asarray(self.fitted(picture), np.float32))

    def scaled(self, colours: Array) -> Array:
        """Return colours from 0 to 255, (..., 3) float of any dtype, as the network wants them."""
        xp = get_xp(colours)
        return (colours - xp.array(self.mean, colours.dtype)) / xp.array(self.deviation, colours.dtype)

    def scaled_backward(self, dx: Array) -> Array:
        """From the gradient of what the network reads to that of the colours of its square, per step of 0 to 255.

        It does not go on to the file's own pixels: resizing spreads each of these over some of those.
        """
        return dx / get_xp(dx).array(self.deviation, dx.dtype)

    def describe(self) -> dict[str, str]:
        """Return the settings in words, to be kept with the features."""
        square = f"{self.size} x {self.size}"
        fits = {
            "whole": f"whole picture to {square}, bilinear",
            "centre": f"shorter side to {self.shorter}, bilinear, {square} from the centre",
        }
        return {
            "fit": fits[self.fit],
            "colours": f"RGB 0..255, minus {_in_words(self.mean)}, divided by {_in_words(self.deviation)}",
        }

    def fitted(self, picture: Image.Image) -> Image.Image:
        """Return what the network gets to see of an RGB picture: a square of `size` pixels."""
        if self.fit == "whole":
            return picture.resize((self.size, self.size), Image.Resampling.BILINEAR)
        picture = _middle(picture, 4 * min(picture.size))
        shortest = min(picture.size)
        width, height = (side * self.shorter // shortest for side in picture.size)
        left, top = round((width - self.size) / 2), round((height - self.size) / 2)
        resized = picture.resize((width, height), Image.Resampling.BILINEAR)
        return resized.crop((left, top, left + self.size, top + self.size))


def _middle(picture: Image.Image, longest: int) -> Image.Image:
    """Cut off what is longer than `longest`: the ends of a strip would be lost later, after growing huge."""
    width, height = (min(side, longest) for side in picture.size)
    left, top = (picture.width - width) // 2, (picture.height - height) // 2
    return picture.crop((left, top, left + width, top + height))


def _in_words(colour: RGB) -> str:
    return f"{colour[0]:g}" if len(set(colour)) == 1 else "(" + ", ".join(f"{c:g}" for c in colour) + ")"
