"""ROUGE-L: how much of a caption and of its references is one common subsequence (gaps allowed), beta = 1.2.

    P = max_references LCS(caption, reference) / |caption|
    R = max_references LCS(caption, reference) / |reference|
    ROUGE-L = (1 + beta^2) P R / (R + beta^2 P),       the mean over images

The two maxima may be of different references, as in the COCO toolkit; as there, an empty sentence is one empty word.

C.-Y. Lin: ROUGE: a package for automatic evaluation of summaries, ACL workshop 2004.
"""

from collections.abc import Sequence

from mrnn_np.evaluation.sentences import Sentence, check_corpus

BETA = 1.2
"""Recall weighs beta^2 times as much as precision."""


def rouge_l(captions: Sequence[Sentence], references: Sequence[Sequence[Sentence]]) -> list[float]:
    """Return ROUGE-L of each image, from 0 to 1; that of the corpus is their mean.

    Parameters
    ----------
    captions : one per image
    references : of each image, one or more

    Raises
    ------
    UserError : as `check_corpus` does
    """
    check_corpus(captions, references)
    return [rouge_l_of_image(caption, of_image) for caption, of_image in zip(captions, references, strict=True)]


def rouge_l_of_image(caption: Sentence, references: Sequence[Sentence]) -> float:
    """Return ROUGE-L of one caption, from 0 to 1."""
    words = caption or ("",)
    against = [reference or ("",) for reference in references]
    common = [common_subsequence(words, reference) for reference in against]
    P = max(common) / len(words)
    R = max(length / len(reference) for length, reference in zip(common, against, strict=True))
    return (1 + BETA**2) * P * R / (R + BETA**2 * P) if P else 0.0


def common_subsequence(a: Sentence, b: Sentence) -> int:
    """Return the length of the longest sequence of words that stands in both, in that order but with gaps."""
    longest = [0] * (len(b) + 1)  # of the part of `a` read so far and the first j words of b
    for word in a:
        before = longest
        longest = [0]
        for j, other in enumerate(b):
            longest.append(before[j] + 1 if word == other else max(before[j + 1], longest[j]))
    return longest[-1]
