"""CIDEr-D by hand and beside the COCO toolkit, and its idf in a file."""

import math
import os

import numpy as np
import pytest

from mrnn_np.errors import UserError
from mrnn_np.evaluation.cider import Idf, cider_d, cider_similarity, weigh


def test_by_hand():
    idf = Idf({("a",): 4, ("dog",): 1, ("cat",): 2}, images=4)
    assert [idf((word,)) for word in ("a", "dog", "cat", "emu")] == pytest.approx(
        [0, math.log(4), math.log(2), math.log(4)]
    )
    # "a" weighs nothing, so of single words "a dog" and "dog" are alike (cosine 1), but of pairs "dog" has none: of the
    # four cosines one is 1; their lengths in pairs differ by 1.
    score = cider_similarity(weigh(["a", "dog"], idf), weigh(["dog"], idf))
    assert score == pytest.approx(10 / 4 * math.exp(-1 / 72))


def test_repeating_a_word_is_clipped():
    idf = Idf({("dog",): 1, ("cat",): 1}, images=9)
    h, c = weigh(["dog", "dog", "dog"], idf), weigh(["dog", "cat", "cat"], idf)
    # Weights in units of log 9: h has dog 3, c dog 1 and cat 2; min(3, 1) * 1 / (3 * sqrt 5).
    assert cider_similarity(h, c) == pytest.approx(10 / 4 / (3 * math.sqrt(5)))


def test_a_lone_image_scores_0_and_a_perfect_caption_10():
    sentence = "a red dog runs fast".split()
    assert cider_d([sentence], [[sentence]]) == [0]
    assert cider_d([sentence, ["x"]], [[sentence], [["y"]]]) == pytest.approx([10, 0])


@pytest.mark.parametrize(("images", "most"), [(2000, 5), (150, 40), (1, 1), (2, 3)])
@pytest.mark.parametrize("seed", range(2))
def test_equal_to_the_coco_toolkit(seed, images, most, corpus, as_toolkit):
    toolkit = pytest.importorskip("pycocoevalcap.cider.cider")
    captions, references = corpus(seed, images, most)
    for of_image in references:  # the toolkit fails where no reference of the corpus holds a word
        of_image[0] = of_image[0] or ["a"]
    whole, each = toolkit.Cider().compute_score(*as_toolkit(captions, references))
    ours = cider_d(captions, references)
    assert ours == pytest.approx(each, rel=0, abs=1e-9)
    assert np.mean(ours) == pytest.approx(whole, rel=0, abs=1e-9)


def test_idf_of_another_set_and_from_a_file(tmp_path, corpus):
    captions, references = corpus(5, 40)
    _, others = corpus(6, 300)
    idf = Idf.of(others)
    idf.save(tmp_path / "idf.npz")
    again = Idf.load(tmp_path / "idf.npz")
    assert again == idf
    scores = cider_d(captions, references, idf)
    assert scores == cider_d(captions, references, again)
    assert np.mean(scores) != pytest.approx(np.mean(cider_d(captions, references)))
    Idf({}, 3).save(tmp_path / "empty.npz")
    assert Idf.load(tmp_path / "empty.npz") == Idf({}, 3)


def test_idf_that_is_none(tmp_path, monkeypatch):
    with pytest.raises(UserError, match=r"idf\.txt: an idf cannot be saved under this name; expected one that ends"):
        Idf({}, 1).save(tmp_path / "idf.txt")
    np.savez(tmp_path / "other.npz", a=np.ones(3))
    with pytest.raises(UserError, match=r"other\.npz: is not an idf of mrnn_np; make one with evaluate's --save-idf"):
        Idf.load(tmp_path / "other.npz")
    np.savez(tmp_path / "odd.npz", ngrams=np.frombuffer(b"a\nb", np.uint8), frequency=np.ones(3), idf_images=1)
    with pytest.raises(UserError, match=r"odd\.npz: is not an idf"):
        Idf.load(tmp_path / "odd.npz")
    sound = {"ngrams": np.frombuffer(b"a\na b", np.uint8), "frequency": np.array([3, 2]), "idf_images": np.array(3)}
    np.savez(tmp_path / "odd.npz", **sound)
    assert Idf.load(tmp_path / "odd.npz") == Idf({("a",): 3, ("a", "b"): 2}, 3)
    for change in (
        {"ngrams": np.frombuffer(b"a\na", np.uint8)},
        {"ngrams": np.frombuffer(b"a\na  b", np.uint8)},
        {"ngrams": np.frombuffer(b"a\na b c d e", np.uint8)},
        {"ngrams": np.frombuffer(b"a\n\xff", np.uint8)},
        {"frequency": np.array([3, 0])},
        {"frequency": np.array([4, 2])},
        {"frequency": np.array([3.0, 2.0])},
        {"frequency": np.array([[3, 2]])},
        {"frequency": np.array(["3", "2"])},
        {"idf_images": np.array(0)},
        {"idf_images": np.array([3])},
        {"idf_images": np.array(np.nan)},
        {"idf_images": np.array("3")},
    ):
        np.savez(tmp_path / "odd.npz", **{**sound, **change})
        with pytest.raises(UserError, match=r"odd\.npz: is not an idf"):
            Idf.load(tmp_path / "odd.npz")
    np.savez(tmp_path / "odd.npz", **sound)
    monkeypatch.setattr(os.path, "getsize", lambda path: 1)  # more n-grams than bytes
    with pytest.raises(UserError, match=r"odd\.npz: is not an idf"):
        Idf.load(tmp_path / "odd.npz")
    with pytest.raises(UserError, match="idf: there are no references to count n-grams in"):
        Idf.of([])
