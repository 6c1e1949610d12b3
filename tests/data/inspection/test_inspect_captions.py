"""Captions counted by hand, and each thing that can be wrong with them."""

import pytest

from mrnn_np.data.captions import CaptionData
from mrnn_np.data.inspection.captions import caption_findings, inspect_captions, vocabulary_sizes


def data_of(**splits: dict[str, tuple[str, ...]]) -> CaptionData:
    """Return a data set from {image: captions} for each split."""
    captions = {
        image: tuple(tuple(text.split()) for text in texts) for some in splits.values() for image, texts in some.items()
    }
    return CaptionData("tiny", {split: tuple(images) for split, images in splits.items()}, captions, ())


GOOD = {
    "train": {f"t{i}": (f"a dog runs {'very ' * (i % 11)}fast", f"the dog number {i % 10}") for i in range(20)},
    "val": {"v": ("a dog runs fast", "the dog")},
}


def findings(min_count: int = 2, **splits: dict[str, tuple[str, ...]]) -> list[tuple[bool, str]]:
    data = data_of(**splits)
    return [tuple(finding) for finding in caption_findings(data, inspect_captions(data), min_count)]


def test_counts():
    splits = inspect_captions(data_of(train={"a": ("a dog", "a dog", "the cat sat"), "b": ("a dog",)}))
    train = splits["train"]
    assert train.lengths.tolist() == [2, 2, 3, 2]
    assert train.per_image.tolist() == [3, 1]
    assert train.words == {"a": 3, "dog": 3, "the": 1, "cat": 1, "sat": 1}
    assert (train.distinct, train.repeated) == (2, 1)
    assert train.known({"a", "cat"}) == pytest.approx(4 / 9)


def test_vocabulary_sizes():
    splits = inspect_captions(data_of(train={"a": ("a dog", "a cat", "a dog")}, val={"b": ("a bird",)}))
    sizes = {threshold: (size, shares) for threshold, size, shares in vocabulary_sizes(splits)}
    assert sizes[1] == (3, {"train": 1, "val": 0.5})
    assert sizes[2] == (2, {"train": pytest.approx(5 / 6), "val": 0.5})
    assert sizes[3] == (1, {"train": 0.5, "val": 0.5})
    assert sizes[10] == (0, {"train": 0, "val": 0})


def test_nothing_wrong():
    assert findings(**GOOD) == []


@pytest.mark.parametrize(
    ("changes", "mistake", "text"),
    [
        ({"train": {}}, True, "there is no train split, only val; give one"),
        ({"val": {}}, True, "there is no dev or val split, only train; give one"),
        (
            {
                "train": {
                    "t": ("\u4e00\u53ea\u732b\u5728\u7761\u89c9 " * 2 + "the a dog a dog the runs fast runs fast",)
                }
            },
            True,
            "the captions are not divided into words",
        ),
        ({"min_count": 99}, True, "no word is said 99 times in train; lower --min-count"),
        ({"val": {"v": ("ein Hund",)}}, True, "100% of the words in val are unknown: captions of another kind"),
        ({"val": {"v": ("a dog runs fast today",)}}, False, "20% of the words in val are unknown: captions of another"),
        ({"val": {"v": ("dog " * 51,)}}, True, "1 of 1 captions in val have more than 50 words; look for lines that"),
        (
            {"val": {"v": ("a dog", "a dog", "the dog", "a dog runs")}},
            False,
            "1 of 4 captions in val say word for word what another one of the",
        ),
        ({"val": {"v": ("a dog",) * 2}}, True, "1 of 2 captions in val say word for word what another one of the same"),
        ({"val": GOOD["train"]}, True, "20 images are in two splits; what is tested was learnt by heart"),
    ],
)
def test_findings(changes: dict, mistake: bool, text: str):
    min_count = changes.get("min_count", 2)
    splits = {split: some for split, some in {**GOOD, **changes}.items() if split != "min_count" and some}
    [(is_mistake, found)] = findings(min_count, **splits)
    assert found.startswith(text)
    assert is_mistake is mistake


def test_a_caption_that_stands_everywhere():
    train = {f"t{i}": ("no caption yet",) for i in range(10)} | {f"u{i}": ("the dog runs", "a cat") for i in range(2)}
    assert findings(train=train, val={"v": ("the dog runs",)}) == [
        (True, "71% of train's captions are 'no caption yet'; look why")
    ]
