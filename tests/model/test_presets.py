"""The sizes of the models by name: as published, or as the model's description says."""

import pytest

from mrnn_np.model.presets import PRESETS

PAPER = (128, 256, 512, 0)
WIDTHS = {
    "m-rnn": PAPER,
    "rnn-base": PAPER,
    "simple-rnn": PAPER,
    "m-rnn-shared": PAPER,
    "no-emb-input": PAPER,
    "one-layer-emb": PAPER,
    "emb-one-input": PAPER,
    "visual-in-rnn": PAPER,
    "visual-in-rnn-both": PAPER,
    "visual-in-rnn-both-shared": PAPER,
    "nic": (128, 512, 512, 0),
    "lrcn": (128, 1000, 512, 0),
    "deepvs": (300, 300, 512, 0),
    "tf-mrnn": (128, 1024, 2048, 2048),
}
"""d_e, d_w, d_m and d_r; 128 and 512 stand where the design has no such layer too."""


def test_widths():
    assert {name: (p.d_e, p.d_w, p.d_m, p.d_r) for name, p in PRESETS.items()} == WIDTHS


def test_layers_and_where_the_image_enters():
    assert {name: p.design.layers for name, p in PRESETS.items() if p.design.layers > 1} == {"lrcn": 4}
    entering = {name: p.design.image_enters for name, p in PRESETS.items()}
    assert [name for name, where in entering.items() if where == "none"] == ["rnn-base", "simple-rnn"]
    assert [name for name, where in entering.items() if where == "init"] == ["nic", "deepvs"]


def test_which_have_no_multimodal_layer():
    assert [name for name, p in PRESETS.items() if p.design.multimodal == "none"] == [
        "simple-rnn",
        "nic",
        "lrcn",
        "deepvs",
    ]


@pytest.mark.parametrize(
    ("scale", "widths"), [(1, (128, 1024, 2048, 2048)), (0.25, (32, 256, 512, 512)), (1e-4, (1,) * 4)]
)
def test_a_scale_multiplies_every_width(scale, widths):
    options = PRESETS["tf-mrnn"].options(scale)
    assert tuple(options[name] for name in ("d_e", "d_w", "d_m", "d_r")) == widths
    assert PRESETS["m-rnn"].options(scale)["d_r"] == 0
    assert PRESETS["tf-mrnn"].options() == PRESETS["tf-mrnn"].options(1)
