"""Captions and references in all their dirt, for the metrics' tests."""

import numpy as np
import pytest

WORDS = "a the dog man ball red runs on in with über naïve 狗 собака it's 42 🐕 <unk> e\u0301 . ''".split()


def sentence(rng, longest=14):
    """A sentence of 0 to `longest` words of uneven frequency; one in ten repeats a single word."""
    length = int(rng.integers(0, longest + 1))
    if rng.random() < 0.1:
        return [WORDS[rng.integers(len(WORDS))]] * length
    likelihood = 1 / np.arange(1, len(WORDS) + 1)
    return rng.choice(WORDS, length, p=likelihood / likelihood.sum()).tolist()


def make_corpus(seed, images, most_references=40, empty=True):
    """Captions, one an image, and 1 to `most_references` references each; one in three is near a reference."""
    rng = np.random.default_rng(seed)
    captions, references = [], []
    for _ in range(images):
        of_image = [sentence(rng) for _ in range(rng.integers(1, most_references + 1))]
        if not empty:
            of_image = [words or ["a"] for words in of_image]
        caption = sentence(rng)
        if rng.random() < 1 / 3:
            near = of_image[rng.integers(len(of_image))]
            caption = [word for word in near if rng.random() < 0.9]
        captions.append(caption)
        references.append(of_image)
    return captions, references


def toolkit_form(captions, references):
    """The same in the COCO toolkit's form: text by image, the references and the captions."""
    return (
        {i: [" ".join(words) for words in of_image] for i, of_image in enumerate(references)},
        {i: [" ".join(words)] for i, words in enumerate(captions)},
    )


@pytest.fixture(name="corpus")
def corpus_fixture():
    return make_corpus


@pytest.fixture
def as_toolkit():
    return toolkit_form
