"""What a training whose captions train the CNN leaves: a captioner that looks at pictures with a CNN of its own."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from mrnn_np.backend import choose_backend
from mrnn_np.captioning.captioner import Captioner
from mrnn_np.captioning.ship import portable
from mrnn_np.data.features import Features
from mrnn_np.errors import UserError
from mrnn_np.scenes.render import render
from mrnn_np.scenes.world import Scene, Thing
from mrnn_np.training import seeing
from mrnn_np.training.checkpoint import load_checkpoint, save_checkpoint
from mrnn_np.training.config import Config, config_of
from mrnn_np.training.seeing import weights_of
from mrnn_np.training.setup import new_run, resumed_run
from mrnn_np.training.trainer import Trainer
from mrnn_np.vision.cnn import Design, load_cnn
from mrnn_np.vision.network import Dense, Flatten
from mrnn_np.vision.preprocessing import Preprocessing

NUMPY = choose_backend("numpy")
TINY = Design((Flatten(), Dense("one", 4)), "layer", Preprocessing("whole", 12, (0.0,) * 3, (1.0,) * 3))
SCENE = Scene("field", "day", "sun", (Thing("dog", "red"),))
"""One of the album's."""


def options(album, **more):
    small = {"d_e": 4, "d_w": 6, "d_m": 8, "min_count": 1, "epochs": 2, "batch_size": 4, "warmup": 1, "lr": 0.1}
    where = {"data": f"csv:{album}/captions.csv", "pictures": str(album), "train_cnn": "fine-tune"}
    return small | where | more


@pytest.fixture(scope="module")
def trained(album, tmp_path_factory) -> Path:
    """The folder of a run whose CNN has learnt enough to see otherwise."""
    out = tmp_path_factory.mktemp("run")
    run = new_run(config_of(options(album, cnn_lr=1.0)))
    Trainer(run.checkpoint, run.train_set, run.val_set, NUMPY, out).run(lambda line: None)
    return out


def test_a_captioner_looks_with_its_own_cnn(album, trained):
    captioner = Captioner.load(trained / "best.npz")
    own, picture = weights_of(captioner.checkpoint.params), album / "red-dog.png"
    assert all((captioner.cnn().weights[name] == own[name]).all() for name in own)
    (found,) = captioner.picture_features([picture]).values
    (shipped,) = load_cnn("scene", None, NUMPY).features(captioner.cnn().design.preprocessing(render(SCENE))[None])
    assert np.abs(found - shipped).max() > 1e-3
    opened = captioner.open()
    assert opened.split.images[0] == "red-dog.png"
    seen = opened.read_images(opened.split.feature_rows[:1])[0]
    np.testing.assert_allclose(seen, captioner.checkpoint.standardiser.apply(found), rtol=1e-4, atol=1e-5)
    best = min(captioner.checkpoint.progress.history, key=lambda row: row["val_bits"])
    run = resumed_run(captioner.checkpoint)
    val = dataclasses.replace(run.val_set, read_images=opened.read_images)
    assert captioner.bits_per_word(val) == pytest.approx(best["val_bits"], abs=1e-6)


def test_the_pictures_may_have_moved_and_others_may_be_asked_about(album, trained, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for path in album.glob("*.*"):
        (elsewhere / path.name).write_bytes(path.read_bytes())
    captioner = Captioner.load(trained / "best.npz")
    here, there = (captioner.open(*where) for where in ((), (f"csv:{elsewhere}/captions.csv", str(elsewhere))))
    rows = here.split.feature_rows
    assert (here.read_images(rows) == there.read_images(there.split.feature_rows)).all()
    with pytest.raises(UserError, match="draws no pictures itself; name their folder with --features DIR"):
        captioner.open(f"csv:{elsewhere}/captions.csv")


@pytest.mark.parametrize("cnn", ["scene", "drawings"])
def test_features_and_cnns_of_others_are_refused(album, trained, cnn):
    captioner = Captioner.load(trained / "best.npz")
    with pytest.raises(UserError, match="--cnn: this model has a CNN of its own"):
        captioner.caption_picture(album / "red-dog.png", cnn="scene")
    with pytest.raises(UserError, match=r"features: .*: (weights|cnn) is .*; the checkpoint was trained on"):
        captioner.read_images(Features(("x",), np.zeros((1, 374)), "f.npz", load_cnn(cnn, None, NUMPY).source))


def test_commands_ask_the_captioners_own_cnn(album, trained, command, tmp_path):
    said = command("evaluate", "--checkpoint", trained / "best.npz", "--greedy", "--split", "test")
    assert "6 captions of 3 images" in said
    picture = album / "red-dog.png"
    beside = command("caption", "--checkpoint", trained / "best.npz", "--image", picture)
    assert Captioner.load(trained / "best.npz").caption_picture(picture) in beside
    assert "bits that this picture adds" in command("explain", "--checkpoint", trained / "best.npz", "--image", picture)


def test_train_prints_what_its_own_cnn_sees(album, command, tmp_path):
    flags = [text for name, value in options(album).items() for text in (f"--{name.replace('_', '-')}", str(value))]
    flags.remove("fine-tune")  # which --train-cnn alone means
    said = command("train", *flags, "--out", "run")
    assert load_checkpoint(tmp_path / "run" / "last.npz").config == config_of(options(album))
    assert f"{album}: 12 images x 96 x 96 x 3 numbers" in said
    captioner = Captioner.load(tmp_path / "run" / "best.npz")
    opened = captioner.open()
    written = captioner.write(opened.split.feature_rows, opened.read_images)
    assert f"   model   {captioner.vocabulary.decode(written[0][0].words)}" in said


def test_a_checkpoint_holds_both_networks_or_is_refused(album, trained, tmp_path):
    checkpoint = load_checkpoint(trained / "last.npz")
    save_checkpoint(tmp_path / "copy.npz", checkpoint)
    assert (load_checkpoint(tmp_path / "copy.npz").params.theta == checkpoint.params.theta).all()
    alone = checkpoint.params.split(checkpoint.model.layout)[0]
    frozen = dataclasses.replace(checkpoint.config, train_cnn="no", pictures="", cnn_lr=Config.cnn_lr)
    for wrong in ({"params": alone}, {"config": frozen}, {"velocity": checkpoint.velocity[1:]}):
        save_checkpoint(tmp_path / "wrong.npz", dataclasses.replace(checkpoint, **wrong))
        with pytest.raises(UserError, match=r"do not fit its own configuration|are not what the optimiser sgd keeps"):
            load_checkpoint(tmp_path / "wrong.npz")
    save_checkpoint(
        tmp_path / "frozen.npz",
        dataclasses.replace(checkpoint, params=alone, config=frozen, velocity=np.zeros_like(alone.theta)),
    )
    assert load_checkpoint(tmp_path / "frozen.npz").params.layout == checkpoint.model.layout


def test_a_cnn_of_another_version_is_refused(album, trained, monkeypatch):
    checkpoint = load_checkpoint(trained / "best.npz")
    other = dataclasses.replace(checkpoint, config=dataclasses.replace(checkpoint.config, cnn="abacus"))
    with pytest.raises(UserError, match="--cnn: there is no CNN 'abacus'"):
        Captioner.of(other).cnn()
    monkeypatch.setattr(seeing, "design_of", lambda name: TINY)
    with pytest.raises(UserError, match="checkpoint: its CNN is not the scene of this version; train one again"):
        Captioner.of(checkpoint).cnn()


def test_a_shipped_captioner_tells_no_folders(album, trained):
    assert portable(load_checkpoint(trained / "best.npz").config) == ("csv:captions.csv", "", album.name)
