"""What `caption` promises: every option makes its difference, and every number is the model's own."""

import json

import numpy as np
import pytest
from by_hand import Slow

from mrnn_np.captioning.captioner import Captioner
from mrnn_np.captioning.rerank import Similarity
from mrnn_np.data.captions import load_captions
from mrnn_np.data.features import Features

COUNT = 150
"""Images: two batches and a rest."""


@pytest.fixture(scope="session")
def many(tmp_path_factory):
    """A file of features of many images; image 64 and those after it are the first ones again."""
    some = np.random.default_rng(1).normal(0.3, 0.6, (64, 8))
    path = tmp_path_factory.mktemp("many") / "many.npz"
    np.savez(path, features=np.resize(some, (COUNT, 8)).astype(np.float32), names=[f"{i:03}" for i in range(COUNT)])
    return path


@pytest.fixture
def captions(command, opinionated, many, tmp_path):
    """Caption the many images and return what was written into --out."""

    def write(*arguments):
        command("caption", "--checkpoint", opinionated, "--features", many, "--out", "c.json", *arguments)
        return json.loads((tmp_path / "c.json").read_text())

    return write


def texts(entries):
    return [entry["caption"] for entry in entries]


WAYS = [("--greedy",), ("--beam", 3), ("--sample",), ("--beam", 3, "--rerank", "cider")]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way[-2] if len(way) > 2 else way[0])
def test_every_image_has_a_caption_of_its_own_probability(captions, opinionated, many, way):
    slow, entries = Slow.of(opinionated, many), captions(*way, "--max-length", 8)
    assert [entry["image_id"] for entry in entries] == list(slow.features)
    for entry in entries:
        expected = slow.log2_prob(entry["image_id"], entry["caption"].split(), longest=8)
        assert entry["log2_prob"] == pytest.approx(expected, abs=2e-3)
    assert len(set(texts(entries))) > 10


@pytest.mark.parametrize("way", WAYS[:2] + WAYS[3:], ids=lambda way: way[-1])
def test_what_is_not_drawn_depends_on_the_image_alone(captions, way):
    entries = texts(captions(*way))
    assert entries == [entries[i % 64] for i in range(COUNT)]


def test_samples_are_drawn_anew_for_every_image(captions):
    entries = texts(captions("--sample"))
    again = sum(entries[i] == entries[i + 64] for i in range(64))
    assert again < 32


def test_a_beam_is_ranked_by_probability_over_a_power_of_the_length(captions):
    for power in (0.0, 1.5):
        entries = captions("--beam", 6, "--n-best", 6, "--length-norm", power, "--max-length", 12)
        for entry in entries:
            ranks = [
                one["log2_prob"] / (len(one["caption"].split()) + 1) ** power
                for one in entry["n_best"]
                if len(one["caption"].split()) < 11
            ]
            assert ranks == sorted(ranks, reverse=True)
    assert captions("--beam", 6) == captions("--beam", 6, "--length-norm", 0.5)


@pytest.mark.parametrize(
    ("base", "option"),
    [
        ((), ("--beam", 1)),
        ((), ("--greedy",)),
        ((), ("--length-norm", 1.5)),
        ((), ("--max-length", 3)),
        ((), ("--prefix", "dog")),
        ((), ("--rerank", "cider")),
        (("--rerank", "cider"), ("--k", 2)),
        (("--rerank", "cider"), ("--m", 3)),
        (("--rerank", "cider"), ("--rerank", "ngram-f1")),
        (("--sample",), ("--temperature", 0.3)),
        (("--sample",), ("--seed", 1)),
        (("--sample",), ("--n-best", 3)),
        (("--sample",), ("--max-length", 2)),
        (("--sample",), ("--prefix", "dog")),
        (("--greedy",), ("--max-length", 2)),
        (("--greedy",), ("--prefix", "dog")),
    ],
    ids=str,
)
def test_an_option_makes_a_difference(captions, base, option):
    before, after = captions(*base), captions(*base, *option)
    assert [one["image_id"] for one in before] == [one["image_id"] for one in after]
    differ = sum(one != other for one, other in zip(texts(before), texts(after), strict=True))
    assert differ > 5
    if option[0] == "--max-length":
        assert max(len(text.split()) for text in texts(after)) <= option[1] < max(len(t.split()) for t in texts(before))
    if option[0] == "--prefix":
        assert all(text.startswith("dog") for text in texts(after))
        assert not all(text.startswith("dog") for text in texts(before))


def test_the_defaults_are_the_ones_that_help_names(captions):
    assert captions() == captions("--beam", 10, "--n-best", 1, "--length-norm", 0.5, "--max-length", 30)
    assert captions("--sample") == captions("--sample", "--temperature", 1, "--seed", 0)
    plain = ("--length-norm", 0)
    likelier = [np.mean([one["log2_prob"] for one in captions("--beam", width, *plain)]) for width in (1, 2, 8)]
    assert likelier == sorted(likelier)
    assert likelier[0] < likelier[2]


def test_a_low_temperature_draws_what_is_likely(captions):
    cold, warm = (
        np.mean([one["log2_prob"] for one in captions("--sample", "--temperature", t, "--max-length", 4)])
        for t in (0.2, 1.0)
    )
    assert cold > warm + 1


def test_n_samples_are_told_likeliest_first(captions):
    entries = captions("--sample", "--n-best", 7)
    assert {len(entry["n_best"]) for entry in entries} == {7}
    for entry in entries:
        scores = [one["log2_prob"] for one in entry["n_best"]]
        assert scores == sorted(scores, reverse=True)
        assert entry["n_best"][0] == {"caption": entry["caption"], "log2_prob": entry["log2_prob"]}
    assert sum(len({one["caption"] for one in entry["n_best"]}) > 2 for entry in entries) > COUNT / 2


@pytest.mark.parametrize(
    ("similarity", "own", "k", "m"),
    [("cider", ("--k", 3, "--m", 4), 3, 4), ("cider", (), 60, 125), ("ngram-f1", ("--k", 90, "--m", 200), 90, 200)],
)
def test_reranking_puts_first_what_people_said_of_similar_images(
    captions, opinionated, many, tiny_flickr8k, similarity, own, k, m
):
    """The m best similarities, of all captions of the k training images whose V_I I is nearest, averaged."""
    beam = captions("--beam", 6, "--n-best", 6, "--max-length", 8)[:20]
    reranked = captions("--beam", 6, "--n-best", 6, "--max-length", 8, "--rerank", similarity, *own)[:20]
    slow, people = Slow.of(opinionated, many), Slow.of(opinionated, tiny_flickr8k / "features.npz")
    data = load_captions(f"flickr8k:{tiny_flickr8k}")
    training = data.splits["train"]
    sim = Similarity.named(similarity, [data.captions[name] for name in training])
    V_I = slow.checkpoint.params["V_I"]
    seen = {name: V_I @ people.image(name) for name in training}
    moved = 0
    for before, after in zip(beam, reranked, strict=True):
        v = V_I @ slow.image(before["image_id"])
        near = sorted(training, key=lambda other, v=v: np.linalg.norm(v - seen[other]))[:k]
        said = [sim.prepare(caption) for other in near for caption in data.captions[other]]
        scores = {}
        for one in before["n_best"]:
            h = sim.prepare(one["caption"].split())
            scores[one["caption"]] = np.mean(sorted([sim.between(h, c) for c in said], reverse=True)[:m])
        assert [scores[one["caption"]] for one in after["n_best"]] == pytest.approx(sorted(scores.values())[::-1])
        moved += before["caption"] != after["caption"]
    assert moved > 3


def test_what_is_printed_is_what_would_be_written(command, captions, opinionated, many):
    for more in ((), ("--n-best", 2)):
        lines = command("caption", "--checkpoint", opinionated, "--features", many, *more).splitlines()
        expected = []
        for entry in captions(*more):
            expected.append(entry["image_id"])
            for one in entry.get("n_best", [entry]):
                expected.append(f"   {one['caption']}   (log2 P = {one['log2_prob']:.1f})")
        assert lines == expected


def test_which_images(command, opinionated, many, tiny_flickr8k, tmp_path):
    def captioned(*arguments):
        command("caption", "--checkpoint", opinionated, "--greedy", "--out", "c.json", *arguments)
        return {entry["image_id"]: entry for entry in json.loads((tmp_path / "c.json").read_text())}

    everything = captioned()
    assert list(everything) == [f"image{i:02}.jpg" for i in range(60)]
    assert captioned("--split", "dev") == {name: everything[name] for name in list(everything)[40:50]}
    some = ("image41.jpg", "image03.jpg")
    assert list(captioned("--image", *some).values()) == [everything[name] for name in some]
    (tmp_path / "mine.jsonl").write_text('{"image": "image07.jpg", "caption": "a", "split": "odd"}\n')
    assert captioned("--data", "jsonl:mine.jsonl", "--split", "odd") == {"image07.jpg": everything["image07.jpg"]}


def test_photographs_are_seen_by_the_cnn_that_is_named(command, opinionated, many, monkeypatch, tmp_path):
    asked = []

    def features_of(source, paths, backend, cnn, weights):
        asked.append((dict(source), list(paths), backend.name, cnn, weights))
        with np.load(many) as archive:
            return Features(tuple(paths), archive["features"][:2], "photographs", {})

    monkeypatch.setattr("mrnn_np.vision.photographs.photograph_features", features_of)
    monkeypatch.setattr(Captioner, "unlike_pictures", lambda *asked: None)  # it has no weights to look with
    for name in ("b.png", "a.png"):
        (tmp_path / name).write_bytes(b"")
    pictures = ("--image", "b.png", "a.png", "--cnn", "alexnet", "--weights", "w.npz")
    said = command("caption", "--checkpoint", opinionated, *pictures).splitlines()
    assert asked == [({}, ["b.png", "a.png"], "numpy", "alexnet", "w.npz")]
    expected = command("caption", "--checkpoint", opinionated, "--features", many, "--image", "000", "001").splitlines()
    assert said == ["b.png", expected[1], "a.png", expected[3]]
