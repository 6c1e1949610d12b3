"""BLEU by hand, beside the COCO toolkit and beside sacrebleu."""

import math

import pytest

from mrnn_np.errors import UserError
from mrnn_np.evaluation.bleu import bleu, bleu_counts, bleu_of_counts


def test_by_hand():
    # Papineni's example: of seven times "the", two stand in one reference; the references have 7 and 6 words.
    caption = ["the"] * 7
    references = ["the cat is on the mat".split(), "there is a cat on the mat".split()]
    assert bleu_counts(caption, references).tolist() == [7, 7, 7, 6, 5, 4, 2, 0, 0, 0]
    assert bleu([caption], [references])[0] == pytest.approx(2 / 7)


def test_a_short_corpus_is_penalised_as_a_whole():
    captions, references = [["a", "b"], ["c"]], [[["a", "b", "c", "d"]], [["c"]]]
    # All 3 words are true; c = 3 and r = 4 + 1; of the one pair of words, one is true.
    assert bleu(captions, references)[:2] == pytest.approx([math.exp(1 - 5 / 3)] * 2)


def test_of_two_references_as_close_the_shorter_counts():
    assert bleu_counts(["a"] * 4, [["a"] * 5, ["a"] * 3, ["a"] * 9])[1] == 3


def test_a_copy_of_a_reference_is_perfect_and_nothing_in_common_is_not(corpus):
    _, references = corpus(0, 50)
    assert bleu([of_image[0] for of_image in references], references) == pytest.approx([1, 1, 1, 1], abs=1e-9)
    assert bleu([["zebra"] * 8], [[["a"] * 8]])[3] < 1e-3


def test_order_of_images_and_references_is_irrelevant(corpus):
    captions, references = corpus(1, 60)
    turned = bleu(captions[::-1], [of_image[::-1] for of_image in references[::-1]])
    assert turned == bleu(captions, references)


@pytest.mark.parametrize(("images", "most"), [(3000, 5), (300, 40), (1, 1), (2, 3)])
@pytest.mark.parametrize("seed", range(3))
def test_equal_to_the_coco_toolkit(seed, images, most, corpus, as_toolkit):
    toolkit = pytest.importorskip("pycocoevalcap.bleu.bleu")
    captions, references = corpus(seed, images, most)
    whole, each = toolkit.Bleu(4).compute_score(*as_toolkit(captions, references), verbose=0)
    assert bleu(captions, references) == pytest.approx(whole, rel=0, abs=1e-9)
    ours = [bleu_of_counts(bleu_counts(caption, r)) for caption, r in zip(captions, references, strict=True)]
    for n in range(4):
        assert [scores[n] for scores in ours] == pytest.approx(each[n], rel=0, abs=1e-9)


@pytest.mark.parametrize("captions", [[[]], [["a"]], [["a"], []], [["x"]], [["a", "a", "a", "a"]]])
def test_equal_to_the_coco_toolkit_in_the_smallest_corpora(captions, as_toolkit):
    toolkit = pytest.importorskip("pycocoevalcap.bleu.bleu")
    for reference in ([], ["a"], ["a", "b", "c", "d", "e"]):
        references = [[reference]] * len(captions)
        whole, _ = toolkit.Bleu(4).compute_score(*as_toolkit(captions, references), verbose=0)
        assert bleu(captions, references) == pytest.approx(whole, rel=0, abs=1e-9)


@pytest.mark.parametrize(("images", "most"), [(3000, 5), (300, 40)])
@pytest.mark.parametrize("seed", range(3))
def test_equal_to_sacrebleu(seed, images, most, corpus):
    sacrebleu = pytest.importorskip("sacrebleu")
    captions, references = corpus(seed, images, most, empty=False)
    columns = [[" ".join(r[k]) if k < len(r) else None for r in references] for k in range(most)]
    ours = bleu(captions, references)
    for n in range(1, 5):
        theirs = sacrebleu.BLEU(tokenize="none", smooth_method="none", max_ngram_order=n, force=True)
        score = theirs.corpus_score([" ".join(caption) for caption in captions], columns).score / 100
        assert ours[n - 1] == pytest.approx(score, rel=0, abs=1e-9)


@pytest.mark.parametrize(
    ("captions", "references", "message"),
    [
        ([], [], "metrics: there are no captions; expected one an image"),
        ([["a"]], [], "metrics: 1 captions but references of 0 images; expected one caption an image"),
        ([["a"]], [[]], "metrics: image 0 has no reference; expected one or more"),
        (["a dog"], [[["a"]]], "metrics: 'a dog' is text; expected a sequence of words: split it"),
        ([["a"]], [["a dog"]], "metrics: 'a dog' is text; expected a sequence of words: split it"),
    ],
)
def test_what_is_no_corpus(captions, references, message):
    with pytest.raises(UserError) as refused:
        bleu(captions, references)
    assert str(refused.value) == message
