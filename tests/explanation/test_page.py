"""The page: self-contained, bounded, safe whatever stands in names and captions; tried in a browser where one is."""

import base64
import json
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from mrnn_np.data.data_set import Claim
from mrnn_np.evaluate import main
from mrnn_np.explanation import page as page_module
from mrnn_np.explanation.page import PLACES, TEMPLATE, Entry, Word, page
from mrnn_np.training.checkpoint import load_checkpoint

HOSTILE = [
    "</script><script>document.title='hacked'</script>",
    "<img src=x onerror=\"document.title='hacked'\">",
    "{{data}} {{title}} ${alert(1)} `",
    "\u202e\u2028 \x00 & &lt; \" ' \\ \udcff",
    "<!--",
]


def data_of(text):
    """What stands in a page as JSON."""
    return json.loads(text.split('<script type="application/json" id="data">')[1].split("</script>")[0])


def an_entry(text="dog", shares=None, picture=None, **more):
    return Entry(text, picture, [Word(text, 1.5, shares), Word("END", 0.0)], -3.0, **more)


def test_hostile_text_is_text():
    entries = [
        an_entry(
            text, claims=[Claim(text, text, 0, 1, "false")], others=[(text, -1.0)], said=[text], scores={text: 1.0}
        )
        for text in HOSTILE
    ]
    made = page(HOSTILE[0], HOSTILE[1], entries, 128, {HOSTILE[0]: {HOSTILE[1]: 0.5}})
    markup = made.replace(made.split('id="data">')[1].split("</script>")[0], "")
    for text in HOSTILE[:2]:
        assert text not in made
    assert made.count("<script") == TEMPLATE.read_text("utf-8").count("<script")
    assert "<img" not in markup
    assert [entry["name"] for entry in data_of(made)["entries"]][:3] == HOSTILE[:3]
    made.encode("utf-8")  # a lone surrogate would fail


def test_it_asks_for_nothing():
    template = TEMPLATE.read_text("utf-8")
    assert "default-src 'none'; img-src data:" in template
    links = re.findall(r"https?://[^\s\"']+", template)
    assert links == ["http://www.w3.org/2000/svg"]  # the name of a language, which nobody fetches
    for word in ("innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(", "fetch(", "import(", 'src="h'):
        assert word not in template


def test_a_map_comes_through():
    shares = np.zeros((PLACES, PLACES), np.float32)
    shares[2, 3], shares[9, 9] = 4.0, -2.0
    picture = Image.new("RGB", (200, 100), "red")
    [entry] = data_of(page("t", "a", [an_entry(shares=shares, picture=picture)], 64))["entries"]
    found = np.frombuffer(base64.b64decode(entry["words"][0][2]), np.uint8).reshape(PLACES, PLACES)
    assert (found[2, 3], found[9, 9], found[0, 0]) == (255, 64, 128)
    assert len(entry["words"][1]) == 2


def test_pictures_are_bounded(monkeypatch):
    monkeypatch.setattr(page_module, "MOST_PICTURES", 2)
    pictures = [an_entry(picture=Image.new("RGB", (3000, 2000)), shares=np.ones((4, 4))) for _ in range(4)]
    entries = data_of(page("t", "a", pictures, 64))["entries"]
    assert [bool(entry["picture"]) for entry in entries] == [True, True, False, False]
    assert all(len(entry["picture"]) < 5000 for entry in entries)
    assert [len(entry["words"][0]) for entry in entries] == [3, 3, 2, 2]


@pytest.fixture
def evaluated(album, monkeypatch, tmp_path, capsys):
    """Evaluate with a page, and return it."""

    def run(*arguments):
        monkeypatch.chdir(album)
        out = tmp_path / "page.html"
        argv = ["evaluate", "--checkpoint", "run/best.npz", "--split", "test", "--page", out, *arguments]
        monkeypatch.setattr(sys, "argv", list(map(str, argv)))
        assert main() == 0
        assert capsys.readouterr().out.splitlines()[-1] == str(out)
        return out

    return run


def test_a_page_of_a_split(evaluated, album):
    data = data_of(evaluated("--pictures", album, "--beam", 3).read_text("utf-8"))
    assert [entry["name"] for entry in data["entries"]] == ["black-dog.png", "black-car.png", "black-ball.png"]
    assert "this model" in data["table"]
    history = load_checkpoint(album / "run/best.npz").progress.history
    assert data["curves"] == [[row["epoch"], row["train_bits"], row["val_bits"]] for row in history]
    for entry in data["entries"]:
        assert entry["picture"].startswith("data:image/jpeg")
        assert len(entry["others"]) == 2
        assert len(entry["said"]) == 2
        assert set(entry["scores"]) == {"CIDEr-D", "BLEU-4", "ROUGE-L"}
        assert [len(word) == 3 for word in entry["words"]] == [word[1] >= 1 for word in entry["words"]]
    assert any(len(word) == 3 for entry in data["entries"] for word in entry["words"])


def test_a_page_without_photographs(evaluated):
    data = data_of(evaluated("--greedy").read_text("utf-8"))
    assert [entry["picture"] for entry in data["entries"]] == [""] * 3
    assert [entry["others"] for entry in data["entries"]] == [[]] * 3


BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed here")
def test_in_a_browser(tmp_path):
    shares, picture = np.eye(PLACES, dtype=np.float32), Image.new("RGB", (96, 96), "green")
    entries = [an_entry(text, shares, picture, said=[text]) for text in (*HOSTILE, *map(str, range(60)))]
    path = tmp_path / "page.html"
    path.write_text(page("Captions", "about", entries, 64), "utf-8")
    command = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}/profile"]
    command += ["--window-size=1000,900", "--virtual-time-budget=3000", "--dump-dom", path.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert "<title>Captions</title>" in done.stdout  # nothing hostile ran
    assert "65 of 65 images" in done.stdout
    cards = done.stdout.count("<article")
    assert 24 <= cards < 65  # more come as one scrolls
    assert done.stdout.count('aria-pressed="false"') == cards  # each has one word with a map
    assert "&lt;/script&gt;&lt;script&gt;" in done.stdout
