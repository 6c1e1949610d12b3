"""The table of a comparison, from runs whose numbers are known."""

import csv
import io

import pytest

from mrnn_np.comparison.summary import PAPER_ABLATION, comma_separated, markdown, spread


def run(parameters=1000, bits=2.0, speed=100.0, **more):
    scores = {"parameters": parameters, "perplexity": 2**bits, "bits": bits, "BLEU-1": bits / 8, "BLEU-4": bits / 16}
    return {**scores, "epoch": 3, "words/s": speed, **more}


RUNS = {
    "m-rnn": [run(bits=2.0), run(bits=2.5), run(bits=3.5)],
    "nic --lr 1": [run(2000, bits=1.0, speed=200.4), run(2000, bits=3.0), run(2000, bits=4.25)],
}


def cells(text):
    head, _, *rows = [line.strip("| ").split(" | ") for line in text.split("\n\n")[0].splitlines()]
    return {row[0]: dict(zip(head, row, strict=False)) for row in rows}


def test_mean_least_and_largest_of_the_seeds():
    table = cells(markdown(RUNS, "Trained so."))
    assert table["m-rnn"]["perplexity"] == "6.99 (4.00 to 11.31)"
    assert table["m-rnn"]["BLEU-1"] == "0.333 (0.250 to 0.438)"
    assert table["m-rnn"]["parameters"] == "1,000"
    assert table["nic --lr 1"]["parameters"] == "2,000"
    assert table["nic --lr 1"]["words/s"] == "133 (100 to 200)"


def test_the_difference_is_that_to_the_first_model_seed_by_seed():
    table = cells(markdown(RUNS, ""))
    # 1.0 - 2.0, 3.0 - 2.5 and 4.25 - 3.5
    assert table["nic --lr 1"]["bits more than m-rnn"] == "+0.083 (-1.000 to +0.750)"
    assert table["m-rnn"]["bits more than m-rnn"] == ""
    other_way = cells(markdown(dict(reversed(RUNS.items())), ""))
    assert other_way["m-rnn"]["bits more than nic --lr 1"] == "-0.083 (-0.750 to +1.000)"


def test_a_column_is_there_where_every_run_has_it():
    scores = {"bits above the floor": 0.5, "true claims": 0.875, "true captions": 0.25}
    every = {model: [one | scores for one in runs] for model, runs in RUNS.items()}
    table = cells(markdown(every, ""))
    assert {table["m-rnn"][name] for name in scores} == {"0.500", "0.875", "0.250"}
    assert (table["m-rnn"]["true claims"], table["m-rnn"]["true captions"]) == ("0.875", "0.250")
    every["m-rnn"][1] = run()
    assert not scores.keys() & cells(markdown(every, ""))["m-rnn"].keys()


def test_the_papers_numbers_stand_beside_the_models_it_has():
    table = cells(markdown({"visual-in-rnn": [run()], "nic": [run()]}, ""))
    row = table["visual-in-rnn"]
    assert (row["BLEU-1 in the paper"], row["BLEU-4 in the paper"]) == ("0.466", "0.101")
    for values in PAPER_ABLATION.values():
        assert values == tuple(sorted(values, reverse=True))
        assert all(value <= best for value, best in zip(values, (0.6, 0.412, 0.278, 0.19), strict=True))
    assert "in the paper" not in markdown({"nic": [run()]}, "")


def test_the_notes_say_how_many_seeds():
    assert "Trained so. Each number is the mean over 3 seeds, with" in markdown(RUNS, "Trained so.")
    assert "the mean over 1 seed, with" in markdown({"nic": [run()]}, "")


@pytest.mark.parametrize(
    ("values", "signed", "text"),
    [
        ([1, 2, 4], False, "2 (1 to 4)"),
        ([3], False, "3"),
        ([0.5, 0.5], False, "0.500"),
        ([0.25, 1.0], True, "+0.625 (+0.250 to +1.000)"),
        ([-2.0, 2.5], False, "0.250 (-2.00 to 2.50)"),
    ],
)
def test_spread(values, signed, text):
    assert spread(values, signed) == text


def test_every_score_of_every_run_is_a_line_of_the_csv():
    rows = list(csv.DictReader(io.StringIO(comma_separated(RUNS, range(3)))))
    assert [(row["model"], row["seed"]) for row in rows] == [(model, str(seed)) for model in RUNS for seed in range(3)]
    for row, scores in zip(rows, [one for runs in RUNS.values() for one in runs], strict=True):
        assert {name: float(row[name]) for name in scores} == scores
