"""Names of weights: what training programs put before and into them is seen through, and two networks are not mixed."""

import numpy as np
import pytest

from mrnn_np.errors import UserError
from mrnn_np.vision.fit_weights import fit_weights
from mrnn_np.vision.network import Conv, Dense, Flatten
from mrnn_np.vision.weight_files import without_prefix, without_wrappers

NETWORK = (Conv("features.0", 2, 1), Flatten(), Dense("classifier.1", 3))
SHAPES = {
    "features.0.weight": (2, 3, 1, 1), "features.0.bias": (2,), "classifier.1.weight": (3, 8), "classifier.1.bias": (3,)
}  # fmt: skip


def arrays_called(rename):
    rng = np.random.default_rng(0)
    return {rename(name): rng.normal(size=shape).astype(np.float32) for name, shape in SHAPES.items()}


@pytest.mark.parametrize(
    "rename",
    [
        lambda name: f"module.{name}",
        lambda name: f"model.{name}",
        lambda name: f"model.module.{name}",
        lambda name: f"_orig_mod.module.{name}",
        lambda name: f"module.model.module.{name}",
        lambda name: f"_fsdp_wrapped_module.{name}",
        lambda name: name.replace("features.", "features.module."),
        lambda name: name.replace("features.0", "features.0.module"),
        lambda name: name.replace("features.0", "features.0._checkpoint_wrapped_module"),
        lambda name: f"net.{name}",
        lambda name: f"encoder.backbone.{name}",
        lambda name: f"student.module.{name}".replace("features.", "features.module."),
    ],
)
def test_prefixes_are_seen_through_wherever_they_stand(rename):
    plain = fit_weights(NETWORK, arrays_called(lambda name: name), (2, 2, 3), "w.pth")
    renamed = without_wrappers(arrays_called(rename) | {"step": np.zeros(1)}, "w.pth")
    for name, weight in fit_weights(NETWORK, renamed, (2, 2, 3), "w.pth").items():
        assert np.array_equal(weight, plain[name])


def test_names_without_wrappers_stay_as_they_are():
    names = ("features.0.weight", "fc", "models.0.weight", "submodule.weight", "module", "a.model")
    assert list(without_wrappers(dict.fromkeys(names), "w.pth")) == list(names)


def test_two_arrays_of_one_name_are_refused():
    with pytest.raises(
        UserError, match=r"^w.pth: holds both 'a.weight' and 'module.a.weight'; save the weights of one"
    ):
        without_wrappers(dict.fromkeys(("a.weight", "b.weight", "module.a.weight")), "w.pth")


def test_two_networks_in_one_file_are_refused_unless_one_has_no_prefix():
    student, teacher = (arrays_called(lambda name, who=who: f"{who}.{name}") for who in ("student", "teacher"))
    with pytest.raises(UserError, match=r"^w.pth: holds 'features.0.weight' behind each of student., teacher.; save"):
        fit_weights(NETWORK, student | teacher, (2, 2, 3), "w.pth")
    plain = {name: array + 1 for name, array in arrays_called(lambda name: name).items()}
    assert without_prefix(student | plain, "features.0.weight", "w.pth") == student | plain


def test_a_prefix_is_a_whole_part_of_a_name():
    with pytest.raises(UserError, match=r"^w.pth: holds no array 'features.0.weight'; is it of another network\?"):
        fit_weights(NETWORK, arrays_called(lambda name: f"my{name}"), (2, 2, 3), "w.pth")
    mixed = arrays_called(lambda name: f"net.{name}")
    mixed["other.classifier.1.bias"] = mixed.pop("net.classifier.1.bias")
    with pytest.raises(UserError, match=r"^w.pth: holds no array 'classifier.1.bias'; is it of another network\?"):
        fit_weights(NETWORK, mixed, (2, 2, 3), "w.pth")
