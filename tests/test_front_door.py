"""What `from mrnn_np import ...` gives, and that it costs nothing until it is asked for."""

import ast
import doctest
import pkgutil
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import mrnn_np
from mrnn_np import Captioner, load_features
from mrnn_np.captioning.beam import BeamSearch
from mrnn_np.data.features import save_features
from mrnn_np.errors import UserError
from mrnn_np.scenes.dataset import scene_descriptions
from mrnn_np.scenes.render import render
from mrnn_np.training.checkpoint import load_checkpoint
from mrnn_np.training.shipped import SHIPPED

TRAINED = SHIPPED["scenes"]


@pytest.fixture(scope="module")
def captioner():
    return Captioner.load(TRAINED)


@pytest.fixture
def picture(tmp_path):
    render(scene_descriptions("val")["val-0003"]).save(tmp_path / "my.png")
    return tmp_path / "my.png"


def test_the_example_as_it_stands_there(captioner, picture, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("runs/scenes").mkdir(parents=True)
    shutil.copy(TRAINED, "runs/scenes/best.npz")
    found = captioner.picture_features([picture])
    save_features("my-features.npz", ["my.png"], found.values, found.source)
    example = doctest.DocTestFinder(recurse=False).find(mrnn_np, "mrnn_np")
    assert len(example) == 1
    assert len(example[0].examples) > 12
    said = []
    doctest.DocTestRunner().run(example[0], out=said.append)
    assert "".join(said) == ""


def test_the_names_for_type_checkers_are_those_that_are_loaded():
    tree = ast.parse(Path(mrnn_np.__file__).read_text())
    (checking,) = (node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
    typed = {f"{node.module}.{alias.name}" for node in checking.body for alias in node.names}
    assert typed == {f"mrnn_np.{module}.{name}" for module, names in mrnn_np._HOMES.items() for name in names}
    assert set(mrnn_np.__all__) == {name.rpartition(".")[2] for name in typed}
    for name in typed:
        module, _, attribute = name.rpartition(".")
        assert getattr(mrnn_np, attribute) is getattr(sys.modules[module], attribute)
    assert set(mrnn_np.__all__) < set(dir(mrnn_np))
    with pytest.raises(AttributeError, match="module 'mrnn_np' has no attribute 'Captionist'"):
        _ = mrnn_np.Captionist


def test_no_name_is_also_a_modules():
    """Importing mrnn_np.train sets the attribute `train` of the package, whatever it was before."""
    modules = {module.name for module in pkgutil.iter_modules(mrnn_np.__path__)}
    assert {"train", "gradcheck", "minimal", "layers"} < modules
    assert not modules & set(mrnn_np.__all__)


def after(code, of):
    """What `of` is in a new process that has run `code`."""
    command = [sys.executable, "-c", f"import sys\n{code}\nprint({of})"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize(
    "code",
    [
        "from mrnn_np import Captioner, check_model, train, gradcheck",
        "import mrnn_np.train, mrnn_np.gradcheck\nfrom mrnn_np import Captioner, check_model, train, gradcheck",
        "from mrnn_np import train, gradcheck\nfrom mrnn_np import Captioner, check_model",
        "from mrnn_np import *\nfrom mrnn_np import train, gradcheck",
    ],
)
def test_a_command_is_its_module_in_whatever_order(code):
    names = "train.__name__, gradcheck.__name__, Captioner.__module__, check_model.__module__"
    expected = ("mrnn_np.train", "mrnn_np.gradcheck", "mrnn_np.captioning.captioner", "mrnn_np.gradients.check")
    assert after(code, names) == " ".join(expected)


def test_the_package_loads_nothing_before_it_is_asked():
    loaded = "sorted(name for name in sys.modules if name.split('.')[0] in ('mrnn_np', 'numpy', 'PIL', 'matplotlib'))"
    assert after("import mrnn_np", loaded) == "['mrnn_np', 'mrnn_np.command_line', 'mrnn_np.command_line.ctrl_c']"
    assert after("import mrnn_np.gradcheck", "'mrnn_np.captioning' in sys.modules") == "False"
    for code in ("import mrnn_np.gradcheck", "from mrnn_np import *"):
        assert after(code, "'matplotlib' in sys.modules") == "False"


def test_a_picture_is_captioned_as_its_features_are(captioner, picture):
    features = captioner.picture_features([picture]).values.repeat(2, axis=0)
    assert captioner.caption(features) == [captioner.caption_picture(picture)] * 2
    wide, greedy = BeamSearch(20, length_norm=2), None
    for search in (wide, greedy):
        assert captioner.caption(features[:1], search) == [captioner.caption_picture(picture, search)]
    assert len(captioner.caption(features[:1], wide)[0]) > len(captioner.caption(features[:1], greedy)[0])


def test_pictures_that_differ_have_captions_that_differ(captioner, picture):
    features = captioner.picture_features([picture]).values
    first, second = captioner.caption(np.concatenate([features, 1 - features]))
    assert first != second


def test_what_cannot_be_captioned(captioner, tmp_path):
    with pytest.raises(UserError, match="the array given holds 9 columns but the checkpoint was trained on"):
        captioner.caption(np.zeros((2, 9), np.float32))
    Image.new("RGB", (9, 9)).save(tmp_path / "a.png")
    with pytest.raises(UserError, match="--cnn: the model was trained on features of scene, not of vgg16"):
        captioner.caption_picture(tmp_path / "a.png", cnn="vgg16")
    with pytest.raises(UserError, match=r"none\.npz"):
        Captioner.load(tmp_path / "none.npz")
    with pytest.raises(UserError, match="--backend: unknown backend 'abacus'"):
        Captioner.load(TRAINED, "abacus")


def test_training_here_is_training_by_the_command(tiny_flickr8k, tmp_path, monkeypatch, capsys):
    from mrnn_np import train

    monkeypatch.chdir(tmp_path)
    data = f"flickr8k:{tiny_flickr8k}"
    options = {"data": data, "d_e": 4, "d_w": 5, "d_m": 6, "min_count": 1, "epochs": 2, "lr": 0.05}
    captioner = Captioner.train("here", **options)
    typed = [text for name, value in options.items() for text in (f"--{name.replace('_', '-')}", str(value))]
    monkeypatch.setattr(sys, "argv", ["train", *typed, "--out", "there"])
    assert train.main() == 0
    for name in ("best.npz", "last.npz"):
        ours, its = load_checkpoint(Path("here") / name), load_checkpoint(Path("there") / name)
        assert ours.params.theta.tobytes() == its.params.theta.tobytes()
        assert ours.config == its.config
    assert captioner.checkpoint.params.theta.tobytes() == load_checkpoint("here/best.npz").params.theta.tobytes()
    assert len(captioner.caption(load_features(tiny_flickr8k / "features.npz").values)) == 60
    with pytest.raises(UserError, match="here already holds a run"):
        Captioner.train("here", **options)
    with pytest.raises(TypeError, match="epoch"):
        Captioner.train("new", epoch=3)
    assert not Path("new").exists()


def test_python_on_the_package_itself_says_what_there_is():
    said = subprocess.run([sys.executable, "-m", "mrnn_np"], capture_output=True, text=True, check=True)
    assert said.stdout == f"{mrnn_np.__doc__}\n"
