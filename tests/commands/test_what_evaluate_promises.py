"""What `evaluate` promises: each number of its table, computed anew, and each option's difference."""

import json

import numpy as np
import pytest

from mrnn_np.captioning.rerank import K, M
from mrnn_np.evaluation.cider import Idf, cider_d
from mrnn_np.training.streams import SHUFFLED, stream


@pytest.fixture
def evaluate(command, opinionated, tmp_path):
    """Evaluate and return what was printed, the scores by column, and the entries of the images."""

    def run(*arguments):
        said = command("evaluate", "--checkpoint", opinionated, "--out", "out", *arguments)
        scores, images = (json.loads((tmp_path / "out" / f"{name}.json").read_text()) for name in ("scores", "images"))
        return said, scores, images

    return run


def captions_of(images):
    return [entry["caption"] for entry in images]


@pytest.mark.parametrize(("limit", "count"), [((), 10), (("--limit", 4), 4)])
def test_perplexity_of_the_split_and_of_its_images_shuffled(evaluate, slow, data, limit, count):
    _, report, _ = evaluate("--greedy", "--split", "test", *limit)
    names = data.splits["test"][:count]
    captions = {name: data.captions[name] for name in names}
    others = stream(slow.checkpoint.config.seed, SHUFFLED).permutation(np.arange(count))
    seen = {name: names[other] for name, other in zip(names, others, strict=True)}
    assert any(name != other for name, other in seen.items())
    scores = report["scores"]["this model"]
    assert scores["perplexity"] == pytest.approx(2 ** slow.bits_per_word(captions), rel=1e-4)
    assert scores["perplexity, images shuffled"] == pytest.approx(2 ** slow.bits_per_word(captions, seen), rel=1e-4)
    assert scores["perplexity, images shuffled"] != pytest.approx(scores["perplexity"], rel=1e-3)


def test_one_image_cannot_be_shuffled(evaluate):
    said, report, images = evaluate("--greedy", "--limit", 1)
    assert len(images) == report["images"] == 1
    assert "shuffled" not in said


def test_every_hypothesis_is_of_its_image(evaluate, slow, data):
    for how in (("--greedy",), ("--beam", 4)):
        _, _, images = evaluate(*how)
        assert [entry["image"] for entry in images] == list(data.splits["dev"])
        for entry in images:
            assert entry["log2_prob"] == pytest.approx(
                slow.log2_prob(entry["image"], entry["caption"].split()), abs=2e-3
            )
            assert entry["references"] == [" ".join(words) for words in data.captions[entry["image"]]]


@pytest.mark.parametrize(
    ("base", "option"),
    [
        ((), ("--beam", 1)),
        ((), ("--greedy",)),
        ((), ("--length-norm", 2)),
        ((), ("--rerank", "cider")),
        (("--rerank", "cider"), ("--rerank", "ngram-f1")),
        (("--rerank", "cider"), ("--k", 1)),
        (("--rerank", "cider"), ("--m", 1)),
        (("--rerank", "cider"), ("--beam", 2)),
    ],
    ids=str,
)
def test_an_option_makes_a_difference(evaluate, base, option):
    said, report, before = evaluate("--split", "train", *base)
    assert report["images"] == 40
    said_now, report_now, after = evaluate("--split", "train", *base, *option)
    assert captions_of(before) != captions_of(after)
    for text, told in ((said, report), (said_now, report_now)):
        assert f"; {told['captions']}\n" in text
    assert report["captions"] != report_now["captions"] or option[0] == "--length-norm"


def test_the_defaults_are_the_ones_that_help_names(evaluate):
    said, report, images = evaluate()
    assert (said, report, images) == evaluate("--split", "dev", "--beam", 10, "--length-norm", 0.5)
    assert report["captions"] == "beam 10, length norm 0.5"
    assert report["idf"] == "all 10 images of the split"
    for similarity, m in M.items():
        _, report, images = evaluate("--rerank", similarity)
        _, named, others = evaluate("--rerank", similarity, "--k", K, "--m", m)
        assert (report, images) == (named, others)
        assert report["captions"].endswith(f"reranked by {similarity} with k = {K} and m = {m}")


def test_beam_and_length_norm_are_those_asked_for(evaluate, opinionated, command, tmp_path):
    for how in (("--beam", 3, "--length-norm", 0), ("--beam", 7, "--length-norm", 1.5)):
        _, _, images = evaluate(*how)
        command("caption", "--checkpoint", opinionated, "--split", "dev", "--out", "c.json", *how)
        written = json.loads((tmp_path / "c.json").read_text())
        assert captions_of(images) == [entry["caption"] for entry in written]


def test_reranked_and_not(evaluate, opinionated, command, tmp_path):
    how = ("--beam", 6, "--length-norm", 0, "--rerank", "cider", "--k", 5, "--m", 7)
    _, report, images = evaluate(*how)
    command("caption", "--checkpoint", opinionated, "--split", "dev", "--out", "c.json", "--n-best", 6, *how)
    for entry, written in zip(images, json.loads((tmp_path / "c.json").read_text()), strict=True):
        assert [one["caption"] for one in entry["hypotheses"]] == [one["caption"] for one in written["n_best"]]
        assert entry["caption"] == entry["hypotheses"][0]["caption"]
        assert len(entry["hypotheses"]) == 6
    plain = evaluate("--beam", 6, "--length-norm", 0)[1]["scores"]["this model"]
    before, after = report["scores"]["not reranked"], report["scores"]["this model"]
    assert before == {name: plain[name] for name in before}
    assert after["CIDEr-D"] != before["CIDEr-D"]
    assert (after["perplexity"], after["novel captions"] > 0) == (plain["perplexity"], True)


def test_the_scale_of_cider(evaluate, data, tmp_path):
    """The idf is that of the whole split, or the one that is named, and is kept as it was used."""
    _, report, images = evaluate("--greedy", "--limit", 3, "--save-idf", "own.npz")
    references = [data.captions[entry["image"]] for entry in images]
    captions = [text.split() for text in captions_of(images)]
    own = Idf.of([data.captions[name] for name in data.splits["dev"]])
    assert Idf.load(tmp_path / "own.npz") == own
    assert report["scores"]["this model"]["CIDEr-D"] == pytest.approx(np.mean(cider_d(captions, references, own)))
    other = Idf.of([data.captions[name] for name in data.splits["train"]])
    other.save(tmp_path / "other.npz")
    _, report, _ = evaluate("--greedy", "--limit", 3, "--idf", "other.npz")
    assert report["idf"] == "other.npz"
    assert report["scores"]["this model"]["CIDEr-D"] == pytest.approx(np.mean(cider_d(captions, references, other)))


def test_scores_are_means_over_the_images(evaluate, data):
    said, report, images = evaluate()
    scores = report["scores"]["this model"]
    for name in ("ROUGE-L", "CIDEr-D", "novel"):
        assert scores["novel captions" if name == "novel" else name] == pytest.approx(
            np.mean([e[name] for e in images])
        )
    texts = captions_of(images)
    training = {" ".join(words) for name in data.splits["train"] for words in data.captions[name]}
    assert [entry["novel"] for entry in images] == [text not in training for text in texts]
    assert scores["words per caption"] == pytest.approx(np.mean([len(text.split()) for text in texts]))
    assert scores["different words"] == len({word for text in texts for word in text.split()})
    assert scores["distinct captions"] == pytest.approx(len(set(texts)) / len(texts))
    for name, value in scores.items():
        [line] = [
            line for line in said.splitlines() if line.startswith(f"{name}  ") or line.startswith(f"{name} {' '}")
        ]
        shown = line[len(name) :].split()[0].replace(",", "")
        assert float(shown) == pytest.approx(value, abs=0.0051)


def test_choosing_k_and_m_reports_the_best_trial(evaluate):
    said, report, _ = evaluate("--rerank", "cider", "--choose-k-m", "--beam", 4)
    lines = said.splitlines()
    end = next(i for i, line in enumerate(lines) if line.startswith("the highest"))
    trials = {tuple(map(int, line.split()[:2])): [float(x) for x in line.split()[2:]] for line in lines[1:end]}
    best = max(trials, key=lambda k_m: trials[k_m][0])
    assert report["captions"].endswith(f"with k = {best[0]} and m = {best[1]}")
    scores = report["scores"]["this model"]
    assert [scores["CIDEr-D"], scores["BLEU-4"]] == pytest.approx(trials[best], abs=1e-4)
    assert {k for k, _ in trials} == {5, 10, 20, 30, 60, 100}


@pytest.mark.parametrize(
    "how", [("--greedy",), ("--beam", 3, "--rerank", "cider", "--k", 4, "--m", 6)], ids=lambda how: how[0]
)
def test_how_many_images_are_done_together_does_not_matter(evaluate, monkeypatch, how):
    together = evaluate("--split", "train", *how)
    monkeypatch.setattr("mrnn_np.captioning.captioner.BATCH", 7)
    monkeypatch.setattr("mrnn_np.captioning.rerank._BATCH", 5)
    monkeypatch.setattr("mrnn_np.captioning.rerank._CHUNK", 9)
    said, report, images = evaluate("--split", "train", *how)
    assert said == together[0]
    assert [entry["caption"] for entry in images] == captions_of(together[2])
    assert len(images) == report["images"] == 40
