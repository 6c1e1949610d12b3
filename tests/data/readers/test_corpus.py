"""What readers share: captions without words, and the division of sets that have no official one."""

from mrnn_np.data.readers.corpus import Caption, hold_out_val, split_by_name, tokens_by_image

IMAGES = [f"image{i}.jpg" for i in range(50)]


def test_captions_without_a_word_are_left_out_and_told_of():
    captions = [
        Caption("a", "A dog.", "f:1"),
        Caption("b", " . ", "f:2"),
        Caption("a", "It runs", "f:3"),
        ("b", "", ""),
    ]
    tokens, notes = tokens_by_image(Caption(*caption) for caption in captions)
    assert tokens == {"a": [["a", "dog"], ["it", "runs"]]}
    assert notes == ("f:2: 2 captions without a word left out, the first ' . '",)
    assert tokens_by_image([Caption("a", "A dog.", "f:1")]) == ({"a": [["a", "dog"]]}, ())


def test_division_by_name():
    splits, note = split_by_name(IMAGES)
    assert {split: len(images) for split, images in splits.items()} == {"train": 40, "val": 5, "test": 5}
    assert sorted(sum(splits.values(), ())) == sorted(IMAGES)
    assert note == "no official split, divided by a hash of the images' names: 40 train, 5 val, 5 test"
    assert all(list(images) == sorted(images, key=IMAGES.index) for images in splits.values())
    other, _ = split_by_name(IMAGES[::-1])
    assert {split: set(images) for split, images in other.items()} == {s: set(images) for s, images in splits.items()}


def test_division_hardly_moves_when_images_are_added():
    before, after = split_by_name(IMAGES)[0], split_by_name([*IMAGES, "one more.jpg"])[0]
    assert len(set(before["test"]) & set(after["test"])) >= 4
    assert len(set(before["train"]) & set(after["train"])) >= 38


def test_division_of_few_and_of_many():
    assert split_by_name(["a", "b"])[0] == {"train": ("a", "b")}
    assert {split: len(images) for split, images in split_by_name(["a", "b", "c"])[0].items()} == dict.fromkeys(
        ("train", "val", "test"), 1
    )
    sizes = {split: len(images) for split, images in split_by_name([str(i) for i in range(31_783)])[0].items()}
    assert sizes == {"train": 29_783, "val": 1000, "test": 1000}


def test_val_is_held_out_of_train():
    splits, note = hold_out_val({"train": tuple(IMAGES), "test": ("x",)})
    assert {split: len(images) for split, images in splits.items()} == {"train": 45, "val": 5, "test": 1}
    assert sorted(splits["train"] + splits["val"]) == sorted(IMAGES)
    assert note == "no official val split, 5 training images held out by a hash of their names"
