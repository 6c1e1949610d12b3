"""Claims counted over captions, and the sheet that shows them."""

import numpy as np

from mrnn_np.evaluation.claims import COLOURS, Claims, coloured, count_claims, sheet_of_claims
from mrnn_np.plots.contact_sheet import INK, MARGIN, PICTURE, Panel, contact_sheet, plain
from mrnn_np.scenes import truth
from mrnn_np.scenes.render import render
from mrnn_np.scenes.world import Scene, Thing

BOAT = Scene("sea", "day", "sun", (Thing("boat", "red", action="sail"),))
DOGS = Scene("beach", "night", "moon", (Thing("dog", "black", 2, action="run"),))
SCENES = {"a": BOAT, "b": DOGS}


def judge(name, words):
    return truth.judge(words, SCENES[name])


def picture(name, size=96):
    return render(SCENES[name], size)


def test_claims_are_counted_over_captions():
    claims = count_claims({"a": "a red boat sails".split(), "b": "two white dogs run in the snow".split()}, judge)
    # Of the boat: one, red, boat, sails.  Of the dogs: two, dogs, run are true; white and the snow are not.
    assert (claims.true, claims.false, claims.unparsable) == (7, 2, 0)
    assert (claims.captions, claims.without_false) == (2, 1)
    assert claims.share_true == 7 / 9
    assert str(claims) == "77.8% of 9 claims true; 50.0% of 2 captions without a false one"


def test_what_cannot_be_read_is_no_truth():
    claims = count_claims({"a": "boat the red xylophone".split()}, judge)
    assert claims.unparsable > 0
    assert claims.without_false == 0
    assert Claims(true=1, false=0, unparsable=0, captions=1, without_false=1).share_true == 1
    nothing = count_claims({}, judge)
    assert (nothing.share_true, nothing.share_without_false) == (0, 0)


def test_words_are_coloured_by_their_worst_claim():
    words = "a red dog sails in the rain".split()
    colours = dict(coloured(words, judge("a", words)))
    assert list(colours) == words
    assert colours["dog"] == colours["rain"] == COLOURS["false"]
    words = "there is a boat".split()
    assert dict(coloured(words, judge("a", words))) == {
        "there": INK, "is": INK, "a": COLOURS["true"], "boat": COLOURS["true"]
    }  # fmt: skip


def test_a_sheet_shows_pictures_and_coloured_words():
    captions = {"a": "a red boat".split(), "b": "two white dogs".split()}
    sheet = sheet_of_claims(captions, picture, judge)
    pixels = np.asarray(sheet)
    assert np.array_equal(pixels[MARGIN : MARGIN + PICTURE, MARGIN : MARGIN + PICTURE], render(BOAT, PICTURE))
    text = {tuple(colour) for colour in pixels[MARGIN + PICTURE + 4 :].reshape(-1, 3).tolist()}
    assert {tuple(bytes.fromhex(COLOURS[verdict][1:])) for verdict in ("true", "false")} <= text
    black = contact_sheet([Panel(picture(name, PICTURE), [plain(" ".join(words))]) for name, words in captions.items()])
    assert np.array_equal(sheet_of_claims(captions, picture, None), black)


def test_long_lines_are_broken_and_rows_are_as_high_as_they_need():
    picture = render(BOAT)
    short = contact_sheet([Panel(picture, [plain("a boat")])] * 3, columns=2)
    long = contact_sheet([Panel(picture, [plain("a boat " * 20)]), Panel(picture, [plain("a boat")])] * 2, columns=2)
    assert short.width == long.width == 2 * PICTURE + 3 * MARGIN
    assert long.height > short.height + 50
    right_margin = np.asarray(long)[:, -MARGIN:]
    assert (right_margin == 255).all()
