"""The pointing game and the evidence of false claims, on pictures whose truth is known."""

import numpy as np
import pytest
from PIL import Image

from mrnn_np.captioning.captioner import Captioner
from mrnn_np.data.data_set import Claim, DataSet
from mrnn_np.explanation import pointing
from mrnn_np.explanation.pointing import area_under_curve, beams_captions, claimed_bits, play


def test_area_under_the_curve():
    assert area_under_curve(np.array([3.0, 4]), np.array([1.0, 2])) == 1
    assert area_under_curve(np.array([1.0, 2]), np.array([3.0, 4])) == 0
    assert area_under_curve(np.array([1.0, 2]), np.array([1.0, 2])) == 0.5
    rng = np.random.default_rng(0)
    higher, lower = rng.integers(0, 9, 40), rng.integers(0, 7, 30)
    pairs = np.mean([(a > b) + (a == b) / 2 for a in higher for b in lower])
    assert area_under_curve(higher, lower) == pytest.approx(pairs)
    assert np.isnan(area_under_curve(np.array([]), lower))


@pytest.fixture
def opened(album):
    """The album, judged: what is said of the thing in a name is true, and it is seen in the upper left."""

    def judge(name, words):
        colour, kind = name.removesuffix(".png").split("-")
        claims = []
        for at, word in enumerate(words):
            if word in ("dog", "car", "ball", "white", "blue", "red", "black"):
                sort = "thing" if word in ("dog", "car", "ball") else "colour"
                verdict = "true" if word in (colour, kind) else "false"
                claims.append(Claim(sort, word, at, at + 1, verdict, (0,) if verdict == "true" else ()))
        return claims

    def see(name, thing, size):
        seen = np.zeros((size, size), bool)
        seen[: size // 4, : size // 2] = True
        return seen

    captioner = Captioner.load(album / "run/best.npz")
    found = captioner.open(split="test")
    data_set = DataSet(
        "album", lambda: found.data, judge=judge, picture=lambda n, size=0: Image.open(album / n), see=see
    )
    object.__setattr__(found, "data_set", data_set)
    return captioner, found


@pytest.mark.parametrize(("place", "hit"), [((0, 0), 1.0), ((3, 3), 0.0)])
def test_who_points_at_the_thing_wins(opened, monkeypatch, place, hit):
    def pointer(two, sentence, square, words):
        shares = np.zeros((4, 4), np.float32)
        shares[place] = 1
        return [shares] * len(words)

    monkeypatch.setitem(pointing.MAPS, "pointer", pointer)
    found = list(play(*opened, maps=("pointer",)))
    assert [one.kind for one in found] == ["colour", "thing"] * 3
    assert {one.on_it["pointer"] for one in found} == {hit}
    assert {one.on_it["chance"] for one in found} == {1 / 8}
    assert {one.on_it["centre"] for one in found} == {0.0}
    assert len({one.bits for one in found}) > 1


def test_claims_of_all_that_the_beam_has_found_and_of_other_images(opened):
    captioner, split = opened
    found = beams_captions(captioner, split)
    assert {len(of_image) for of_image in found} == {10}
    for captions in (found, [[("a", "black", "dog")]] * 3):
        true, false = claimed_bits(captioner, split, captions)
        assert len(true) > 0
        assert len(false) > 0
        assert np.isfinite([*true, *false]).all()
    assert (len(true), len(false)) == (4, 2)  # black is all of them, a dog one
