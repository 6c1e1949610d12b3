"""The evaluating command: its table, its files, reranking and the choice of k and m, and what it refuses."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from mrnn_np.data.captions import load_captions
from mrnn_np.evaluation.bleu import bleu
from mrnn_np.evaluation.cider import Idf, cider_d


@pytest.fixture(scope="module")
def train_tiny(tiny_flickr8k, tmp_path_factory):
    """Train on the tiny data set and return the checkpoint."""

    def train(*options):
        out = tmp_path_factory.mktemp("trained") / "run"
        small = "--d-e 6 --d-w 8 --d-m 10 --min-count 1 --batch-size 16 --lr 0.05 --warmup 5 --epochs 8"
        small += " --dropout-e 0 --dropout-r 0 --dropout-m 0 --dropout-I 0"
        command = [sys.executable, "-m", "mrnn_np.train", "--data", f"flickr8k:{tiny_flickr8k}", "--out", out]
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
        subprocess.run([*command, *small.split(), *options], check=True, capture_output=True, env=environment)
        return out / "best.npz"

    return train


@pytest.fixture(scope="module")
def trained(train_tiny):
    return train_tiny()


def row(stdout, name):
    """The numbers in a row of the table, "-" left out."""
    [line] = [line for line in stdout.splitlines() if line.startswith(f"{name}  ")]
    return [float(cell) for cell in line.removeprefix(name).split() if cell != "-"]


def test_table_and_files_agree_with_the_metrics(run, trained, tiny_flickr8k, tmp_path):
    done = run("evaluate", "--checkpoint", trained, "--split", "test", "--out", "out")
    assert done.returncode == 0, done.stderr
    first, *_, last = done.stdout.splitlines()
    assert first == f"flickr8k:{tiny_flickr8k} test: 20 captions of 10 images; beam 10, length norm 0.5"
    assert "paper's m-RNN-AlexNet (quoted)" in done.stdout
    assert "not provided, as they need Java: METEOR and SPICE" in done.stdout
    assert last == "out/references.json"

    data = load_captions(f"flickr8k:{tiny_flickr8k}")
    results = json.loads((tmp_path / "out/captions.json").read_text())
    assert [set(entry) for entry in results] == [{"image_id", "caption"}] * 10
    captions = [entry["caption"].split() for entry in results]
    references = [data.captions[entry["image_id"]] for entry in results]
    report = json.loads((tmp_path / "out/scores.json").read_text())
    scores = report["scores"]["this model"]
    assert [scores[f"BLEU-{n}"] for n in range(1, 5)] == pytest.approx(bleu(captions, references))
    assert scores["CIDEr-D"] == pytest.approx(np.mean(cider_d(captions, references)))
    assert 1 < scores["perplexity"] < scores["perplexity, images shuffled"]
    assert report["paper"][0]["scores"]["perplexity"] == 24.39
    assert row(done.stdout, "BLEU-4") == [pytest.approx(scores["BLEU-4"], abs=5e-4), 0.17]
    assert row(done.stdout, "words per caption") == [pytest.approx(scores["words per caption"], abs=5e-3)]

    images = json.loads((tmp_path / "out/images.json").read_text())
    assert [entry["caption"].split() for entry in images] == captions
    assert [entry["CIDEr-D"] for entry in images] == pytest.approx(cider_d(captions, references))
    said = json.loads((tmp_path / "out/references.json").read_text())
    assert [entry["caption"].split() for entry in said["annotations"][:2]] == [list(words) for words in references[0]]


def test_greedy_is_a_beam_of_1_and_a_limit_keeps_the_idf(run, trained, tmp_path):
    for name, how in (("greedy", ("--greedy",)), ("beam", ("--beam", 1)), ("few", ("--greedy", "--limit", 3))):
        done = run("evaluate", "--checkpoint", trained, *how, "--out", name, "--save-idf", f"{name}.npz")
        assert done.returncode == 0, done.stderr
    images = {name: json.loads((tmp_path / name / "images.json").read_text()) for name in ("greedy", "beam", "few")}
    assert images["greedy"] == images["beam"]
    assert images["few"] == images["greedy"][:3]
    assert Idf.load(tmp_path / "few.npz") == Idf.load(tmp_path / "beam.npz")


def test_another_idf(run, trained, tmp_path):
    Idf({}, images=1).save(tmp_path / "one.npz")  # nothing is rarer than anything else: CIDEr-D 0
    done = run("evaluate", "--checkpoint", trained, "--greedy", "--idf", "one.npz")
    assert done.returncode == 0, done.stderr
    assert row(done.stdout, "CIDEr-D") == [0]


@pytest.mark.parametrize("similarity", ["cider", "ngram-f1"])
def test_reranking(similarity, run, trained, tmp_path):
    rerank = ("--rerank", similarity, "--k", 3, "--m", 4, "--beam", 5)
    done = run("evaluate", "--checkpoint", trained, *rerank, "--out", "out", "--plot", "image41.jpg")
    assert done.returncode == 0, done.stderr
    assert f"beam 5, length norm 0.5, reranked by {similarity} with k = 3 and m = 4" in done.stdout
    scores = json.loads((tmp_path / "out/scores.json").read_text())["scores"]
    assert row(done.stdout, "ROUGE-L") == [
        pytest.approx(scores[column]["ROUGE-L"], abs=5e-4) for column in ("this model", "not reranked")
    ]
    for entry in json.loads((tmp_path / "out/images.json").read_text()):
        consensus = [hypothesis["consensus"] for hypothesis in entry["hypotheses"]]
        assert consensus == sorted(consensus, reverse=True)
        assert entry["caption"] == entry["hypotheses"][0]["caption"]
    with Image.open(tmp_path / "out/reranking.png") as picture:
        assert picture.format == "PNG"


def test_the_k_and_m_that_are_chosen_give_what_was_promised(run, trained):
    choosing = run("evaluate", "--checkpoint", trained, "--rerank", "cider", "--choose-k-m", "--beam", 4)
    assert choosing.returncode == 0, choosing.stderr
    trials = [line.split() for line in choosing.stdout.split("\nthe highest")[0].splitlines()[1:]]
    k, m, cider, _ = max(trials, key=lambda trial: float(trial[2]))
    assert f"the highest CIDEr-D: --k {k} --m {m}\n" in choosing.stdout
    chosen = run("evaluate", "--checkpoint", trained, "--rerank", "cider", "--k", k, "--m", m, "--beam", 4)
    assert chosen.stdout == choosing.stdout.split(f"--m {m}\n", 1)[1]
    assert row(chosen.stdout, "CIDEr-D")[0] == pytest.approx(float(cider), abs=5e-3)


def test_rnn_base(run, train_tiny):
    blind = train_tiny("--model", "rnn-base")
    done = run("evaluate", "--checkpoint", blind, "--greedy")
    assert done.returncode == 0, done.stderr
    assert row(done.stdout, "distinct captions") == [0.1]
    assert "paper's" not in done.stdout
    assert "shuffled" not in done.stdout
    done = run("evaluate", "--checkpoint", blind, "--rerank", "cider")
    message = "error: --rerank: this model looks at no images, so none are alike; leave --rerank out\n"
    assert (done.returncode, done.stderr) == (2, message)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--beam", 0), "--beam is 0; it must be 1 or more"),
        (("--limit", 0), "--limit is 0; it must be 1 or more"),
        (("--length-norm", -1), "--length-norm is -1.0; it must be 0 or more"),
        (("--rerank", "cider", "--k", 0), "--k is 0; it must be 1 or more"),
        (("--rerank", "cider", "--m", 0), "--m is 0; it must be 1 or more"),
        (
            ("--rerank", "cider", "--greedy"),
            "--rerank chooses among the captions of a beam; leave --greedy out",
        ),
        (("--greedy", "--length-norm", 0.5), "--length-norm chooses among the captions of a beam; leave --greedy out"),
        (("--choose-k-m",), "--choose-k-m is about --rerank; leave it out, or add --rerank"),
        (("--plot", "x"), "--plot is about --rerank; leave it out, or add --rerank"),
        (("--k", 60), "--k is about --rerank; leave it out, or add --rerank"),
        (("--m", 3), "--m is about --rerank; leave it out, or add --rerank"),
        (("--rerank", "cider", "--choose-k-m", "--m", 3), "--choose-k-m chooses --k and --m; leave them out"),
        (
            ("--rerank", "cider", "--choose-k-m", "--split", "test"),
            "--choose-k-m on a test split would make its scores worthless; choose on --split dev",
        ),
        (("--rerank", "cider", "--plot", "x"), "--plot needs a folder to draw into; name it with --out DIR"),
        (
            ("--rerank", "cider", "--plot", "x", "--out", "out"),
            "--plot: 'x' is not among the images, which are named like 'image40.jpg'",
        ),
        (("--split", "night"), "flickr8k: split 'night' was asked for; expected one of train, dev, test"),
        (("--idf", "no.npz"), "no.npz: cannot be read (No such file or directory)"),
        (("--save-idf", "i.txt"), "i.txt: an idf cannot be saved under this name; expected one that ends in .npz"),
        (("--out", "file/out"), "--out: file/out cannot be made (Not a directory)"),
    ],
)
def test_bad_arguments(arguments, message, run, trained, tmp_path):
    (tmp_path / "file").write_text("")
    done = run("evaluate", "--checkpoint", trained, *arguments)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"error: {message}\n")


def test_training_images_need_features_for_reranking_alone(run, trained, tiny_flickr8k, tmp_path):
    with np.load(tiny_flickr8k / "features.npz") as archive:
        np.savez(tmp_path / "dev.npz", features=archive["features"][40:50], names=archive["names"][40:50])
    done = run("evaluate", "--checkpoint", trained, "--features", "dev.npz")
    assert done.returncode == 0, done.stderr
    assert len(row(done.stdout, "novel captions")) == 1
    done = run("evaluate", "--checkpoint", trained, "--features", "dev.npz", "--rerank", "cider")
    assert done.returncode == 2
    assert done.stderr.startswith("error: split 'train' was asked for but none of its 40 images has a feature row in")


def test_a_data_set_without_training_captions(run, trained, tiny_flickr8k, tmp_path):
    lines = ['{"image": "image41.jpg", "caption": "a dog runs", "split": "val"}']
    (tmp_path / "mine.jsonl").write_text("\n".join(lines) + "\n")
    mine = ("--data", "jsonl:mine.jsonl", "--features", tiny_flickr8k / "features.npz", "--split", "val")
    done = run("evaluate", "--checkpoint", trained, *mine)
    assert done.returncode == 0, done.stderr
    assert "novel captions" not in done.stdout
    assert "paper's" not in done.stdout
    done = run("evaluate", "--checkpoint", trained, *mine, "--rerank", "cider")
    message = "--rerank: jsonl:mine.jsonl has no split named train, whose captions would be the consensus"
    assert (done.returncode, done.stderr) == (2, f"error: {message}\n")
