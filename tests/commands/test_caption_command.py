"""The captioning command: every way of writing, COCO's results format, and what it refuses."""

import json

import numpy as np
import pytest

from mrnn_np.training.checkpoint import load_checkpoint


@pytest.fixture(scope="module")
def trained(tiny_flickr8k, tmp_path_factory):
    """A checkpoint of a model that has learnt the tiny data set."""
    import os
    import subprocess
    import sys

    folder = tmp_path_factory.mktemp("trained")
    small = "--d-e 6 --d-w 8 --d-m 10 --min-count 1 --batch-size 16 --lr 0.05 --warmup 5 --epochs 30"
    small += " --dropout-e 0 --dropout-r 0 --dropout-m 0 --dropout-I 0"
    command = [sys.executable, "-m", "mrnn_np.train", "--data", f"flickr8k:{tiny_flickr8k}", "--out", folder / "run"]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    subprocess.run([*command, *small.split()], check=True, capture_output=True, env=environment)
    return folder / "run" / "best.npz"


def refused(done, message):
    """Whether the command ended with exit status 2 and just this one line."""
    return (done.returncode, done.stderr) == (2, f"error: {message}\n")


def test_captions_are_about_the_image(run, trained, tiny_flickr8k, tmp_path):
    done = run("caption", "--checkpoint", trained, "--split", "test", "--out", "captions.json")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "captions.json: captions of 10 images\n"
    results = json.loads((tmp_path / "captions.json").read_text())
    assert [entry["image_id"] for entry in results] == [f"image{i}.jpg" for i in range(50, 60)]
    things, colours = ("dog", "boat", "man"), ("red", "blue")
    right = [
        things[i % 3] in entry["caption"].split() and colours[i // 3 % 2] in entry["caption"].split()
        for i, entry in zip(range(50, 60), results, strict=True)
    ]
    assert all(right)
    assert all(set(entry) == {"image_id", "caption", "log2_prob"} and entry["log2_prob"] < 0 for entry in results)


def test_beam_1_is_greedy_and_a_seed_repeats(run, trained):
    def captions(*arguments):
        done = run("caption", "--checkpoint", trained, "--split", "dev", *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert captions("--beam", 1) == captions("--greedy")
    sampled = captions("--sample", "--temperature", 2, "--seed", 3)
    assert sampled == captions("--sample", "--temperature", 2, "--seed", 3)
    assert sampled != captions("--sample", "--temperature", 2, "--seed", 4)


def test_n_best_and_prefix(run, trained, tmp_path):
    some = ("--image", "image03.jpg", "image41.jpg", "--prefix", "The")
    assert run("caption", "--checkpoint", trained, *some, "--n-best", 3, "--out", "c.json").returncode == 0
    for entry, name in zip(json.loads((tmp_path / "c.json").read_text()), some[1:3], strict=True):
        assert entry["image_id"] == name
        captions = [hypothesis["caption"] for hypothesis in entry["n_best"]]
        assert captions[0] == entry["caption"]
        assert len(set(captions)) == 3
        assert all(caption.split()[0] == "the" for caption in captions)
        scores = [hypothesis["log2_prob"] for hypothesis in entry["n_best"]]
        assert scores == sorted(scores, reverse=True)


def test_all_images_of_another_file(run, trained, tiny_flickr8k, tmp_path):
    with np.load(tiny_flickr8k / "features.npz") as archive:
        np.save(tmp_path / "mine.npy", archive["features"][:2])
    (tmp_path / "mine.names.txt").write_text("one.jpg\ntwo.jpg\n")
    done = run("caption", "--checkpoint", trained, "--features", "mine.npy")
    assert done.returncode == 0, done.stderr
    assert [line for line in done.stdout.splitlines() if not line.startswith(" ")] == ["one.jpg", "two.jpg"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--beam", 0), "--beam is 0; it must be 1 or more"),
        (("--n-best", 11), "--n-best 11 needs a beam as wide; raise --beam to 11"),
        (("--greedy", "--n-best", 2), "--greedy writes one caption per image; use --beam or --sample for --n-best"),
        (("--temperature", 0), "--temperature is 0.0; it must be 1e-06 or more"),
        (("--length-norm", -1), "--length-norm is -1.0; it must be 0 or more"),
        (("--temperature", 1), "--temperature is about --sample; leave it out, or add --sample"),
        (("--seed=0",), "--seed is about --sample; leave it out, or add --sample"),
        (("--greedy", "--temp", 2), "--temperature is about --sample; leave it out, or add --sample"),
        (("--sample", "--length-norm", 1), "--length-norm chooses among the captions of a beam; leave --sample out"),
        (("--k", 60), "--k is about --rerank; leave it out, or add --rerank"),
        (("--images", "image03.jpg"), "--images: images are named with --image, files or images of the features"),
        (("--image", "a.jpg", "--split", "dev"), "--image names the images one by one; leave --split and --limit out"),
        (("--image", "a.jpg", "--limit", 3), "--image names the images one by one; leave --split and --limit out"),
        (("--prefix", "a zebra"), "--prefix: 'zebra' is not in the model's vocabulary of 14 words"),
        (("--prefix", "a dog", "--max-length", 2), "--prefix: 2 words leave no room below --max-length 2"),
        (("--greedy", "--sample"), "argument --sample: not allowed with argument --greedy; see --help"),
        (("--split", "night"), "flickr8k: split 'night' was asked for; expected one of train, dev, test"),
        (("--out", "no/such/folder/c.json"), "no/such/folder/c.json: cannot be written (No such file or directory)"),
    ],
)
def test_bad_arguments(arguments, message, run, trained, tmp_path):
    expected = message.replace("no/such", str(tmp_path / "no/such"))
    assert refused(run("caption", "--checkpoint", trained, *arguments), expected)


def test_an_image_without_features(run, trained, tiny_flickr8k):
    done = run("caption", "--checkpoint", trained, "--image", "image03.jpg", "x.jpg")
    file = tiny_flickr8k / "features.npz"
    assert refused(done, f"--image x.jpg: is neither a file nor the name of an image in {file}")
    done = run("caption", "--checkpoint", trained, "--image", "x.jpg", "--features", "no.npz")
    assert refused(done, "no.npz: cannot be read (No such file or directory)")


def test_features_of_another_width(run, trained, tmp_path):
    np.savez(tmp_path / "wide.npz", features=np.ones((1, 4096), np.float32), names=np.array(["a.jpg"]))
    message = "features: wide.npz holds 4096 columns but the checkpoint was trained on 8; extract with the same CNN"
    assert refused(run("caption", "--checkpoint", trained, "--features", "wide.npz"), message)


def test_a_truncated_and_a_missing_checkpoint(run, trained, tmp_path):
    (tmp_path / "cut.npz").write_bytes(trained.read_bytes()[:5000])
    reason = "it is damaged, of another format, or holds pickled objects"
    message = f"cut.npz: not an .npz file of plain numbers and text: {reason}"
    assert refused(run("caption", "--checkpoint", "cut.npz"), message)
    missing = run("caption", "--checkpoint", "no.npz")
    assert refused(missing, "no.npz: cannot be read (No such file or directory)")


def test_the_checkpoint_does_not_change(trained, run):
    before = trained.read_bytes()
    assert run("caption", "--checkpoint", trained).returncode == 0
    assert trained.read_bytes() == before
    assert load_checkpoint(trained).config.d_m == 10
