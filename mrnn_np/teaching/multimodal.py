"""The exercises of notebook 5, the multimodal layer."""

from collections.abc import Callable
from typing import Any

import numpy as np

from mrnn_np.backend import Array
from mrnn_np.layers.activations import SCALED_TANH, g2, g2_slope
from mrnn_np.layers.multimodal import image_forward, multimodal_backward, multimodal_forward
from mrnn_np.teaching.exercise import Refused, exercise, expect_array, near, parts, run


@exercise
def forward(multimodal: Callable[..., Array]) -> str:
    """From w, r (d_w,), I (d_I,), V_w, V_r, V_I and b_m to m (d_m,), for one word and its picture."""
    rng = np.random.default_rng(0)
    w, r, I = rng.normal(size=3), rng.normal(size=3), rng.normal(size=4)
    V_w, V_r, V_I, b_m = (rng.normal(0, 0.5, shape) for shape in ((5, 3), (5, 3), (5, 4), (5,)))
    v, _ = image_forward(I[None], V_I)
    expected, _ = multimodal_forward(w[None], r[None], v, np.zeros(1, int), V_w, V_r, b_m)
    got = run(multimodal, w, r, I, V_w, V_r, V_I, b_m)
    z = V_w @ w + V_r @ r + V_I @ I + b_m
    if near(got, z):
        raise Refused("the sum is right; it is not bent by g2 yet")
    if near(got, np.tanh(z)) or near(got, np.tanh(2 * z / 3)) or near(got, 1.7159 * np.tanh(z)):
        raise Refused("the sum is right; this is tanh, and g2 is the scaled one, inside and out")
    if near(got, g2(z - b_m) + b_m):
        raise Refused("the bias joins the sum before it is bent")
    if near(got, g2(V_w @ w) + g2(V_r @ r) + g2(V_I @ I + b_m)) or near(
        got, g2(V_w @ w) + g2(V_r @ r) + g2(V_I @ I) + g2(b_m)
    ):
        raise Refused("each voice is bent by itself; add them up first, and bend the sum once")
    if near(got, g2(V_w @ r + V_r @ w + V_I @ I + b_m)):
        raise Refused("V_w multiplies r here, and V_r w")
    for missing, heard in {"b_m": b_m, "V_I I": V_I @ I, "V_r r": V_r @ r, "V_w w": V_w @ w}.items():
        if near(got, g2(z - heard)):
            raise Refused(f"{missing} is not heard")
    expect_array(got, expected[0], "m")
    return "three voices and a bias, added up and bent"


@exercise
def backward(gradients: Callable[..., Any]) -> str:
    """From dm, m (d_m,), V_w and V_r to dw and dr (d_w,), for one word."""
    rng = np.random.default_rng(1)
    m, dm, V_w, V_r = rng.uniform(-1, 1, 5), rng.normal(size=5), rng.normal(size=(5, 3)), rng.normal(size=(5, 3))
    nothing = np.zeros((1, 3))
    cache = (m[None], nothing, nothing, np.zeros((1, 5)), np.zeros(1, int), V_w, V_r, SCALED_TANH)
    dw, dr, *_ = multimodal_backward(dm[None], cache)
    got = parts(run(gradients, dm, m, V_w, V_r), "two arrays, dw and dr", 2)
    if near(got[0], dm @ V_w):
        raise Refused("dw does not pass the slope of g2 at m")
    if near(got[0], (dm * (1 - m * m)) @ V_w):
        raise Refused("dw passes the slope of tanh; g2 has another one, see notebook 3")
    if near(got[0], (dm * g2_slope(g2(m))) @ V_w):
        raise Refused("m is the output of g2 already; its slope needs no second g2")
    if near(got[0], dr[0]) and near(got[1], dw[0]):
        raise Refused("the two are right and in the wrong order: dw first, then dr")
    expect_array(got[0], dw[0], "dw")
    if near(got[1], dm @ V_r):
        raise Refused("dr does not pass the slope of g2 at m")
    expect_array(got[1], dr[0], "dr")
    return "a sum hands its gradient on to every term alike"


@exercise
def image_gradient(d_image: Callable[..., Array]) -> str:
    """From dz (N, d_m), image_of (N,) and the number of images to dv (B_I, d_m)."""
    rng = np.random.default_rng(2)
    image_of = np.array([0, 2, 1, 0, 2, 0, 2])
    m, dm = rng.uniform(-1, 1, (7, 4)), rng.normal(size=(7, 4))
    nothing, V = np.zeros((7, 3)), np.zeros((4, 3))
    cache = (m, nothing, nothing, np.zeros((3, 4)), image_of, V, V, SCALED_TANH)
    _, _, dv, *_ = multimodal_backward(dm, cache)
    dz = dm * g2_slope(m)
    got = run(d_image, dz, image_of, 3)
    words_of = [np.flatnonzero(image_of == image) for image in range(3)]
    if near(got, dz[[words[-1] for words in words_of]]):
        raise Refused("only the last word of each image is heard; dv[image_of] += dz writes a repeated row once")
    if near(got, dz[[words[0] for words in words_of]]):
        raise Refused("only the first word of each image is heard")
    if near(got, dv / np.bincount(image_of)[:, None]):
        raise Refused("dv is the mean over an image's words; what was used several times collects the sum")
    expect_array(got, dv, "dv")
    return "used once for each word, and so the sum over its words"
