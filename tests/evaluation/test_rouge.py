"""ROUGE-L by hand and beside the COCO toolkit."""

import itertools

import numpy as np
import pytest

from mrnn_np.errors import UserError
from mrnn_np.evaluation.rouge import common_subsequence, rouge_l


def test_by_hand():
    # "police kill the gunman" has "police ... the gunman" in common with the reference: 3 of 4 words, both ways.
    caption, reference = "police kill the gunman".split(), "police killed the gunman".split()
    assert rouge_l([caption], [[reference]]) == pytest.approx([0.75])
    # P = 1 of 1, R = 1 of 4: (1 + 1.44) / 4 / (1/4 + 1.44)
    assert rouge_l([["police"]], [[reference]]) == pytest.approx([2.44 * 0.25 / 1.69])


def test_common_subsequence_beside_all_subsequences():
    rng = np.random.default_rng(0)
    for _ in range(200):
        a, b = rng.integers(0, 3, rng.integers(0, 7)).tolist(), rng.integers(0, 3, rng.integers(0, 7)).tolist()
        of_a, of_b = ({s for n in range(len(x) + 1) for s in itertools.combinations(x, n)} for x in (a, b))
        assert common_subsequence(a, b) == max(map(len, of_a & of_b))


def test_precision_and_recall_may_be_of_different_references():
    short, long = ["a"], ["a", "b", "x", "x", "x", "x"]
    # P = 2 of 2 by the long one, R = 1 of 1 by the short one.
    assert rouge_l([["a", "b"]], [[short, long]]) == pytest.approx([1])


@pytest.mark.parametrize(("images", "most"), [(1500, 5), (100, 40), (1, 1)])
@pytest.mark.parametrize("seed", range(2))
def test_equal_to_the_coco_toolkit(seed, images, most, corpus, as_toolkit):
    toolkit = pytest.importorskip("pycocoevalcap.rouge.rouge")
    captions, references = corpus(seed, images, most)
    whole, each = toolkit.Rouge().compute_score(*as_toolkit(captions, references))
    ours = rouge_l(captions, references)
    assert ours == pytest.approx(each, rel=0, abs=1e-9)
    assert np.mean(ours) == pytest.approx(whole, rel=0, abs=1e-9)


@pytest.mark.parametrize("caption", [[], ["a"], ["b"]])
@pytest.mark.parametrize("reference", [[], ["a"], ["a", "b"]])
def test_equal_to_the_coco_toolkit_on_the_shortest(caption, reference, as_toolkit):
    toolkit = pytest.importorskip("pycocoevalcap.rouge.rouge")
    whole, _ = toolkit.Rouge().compute_score(*as_toolkit([caption], [[reference]]))
    assert rouge_l([caption], [[reference]])[0] == pytest.approx(whole, rel=0, abs=1e-9)


def test_what_is_no_corpus():
    with pytest.raises(UserError, match="2 captions but references of 1 images"):
        rouge_l([["a"], ["b"]], [[["a"]]])
