"""What the texts of notebook 7 claim of its numbers, each part for the cell with the line that it names."""

# %% def only(which, see=True):
assert all(abs(learnt[name][-1] - lowest[name]) < 0.01 for name in lowest)
assert (eight["two pictures"].words, eight["no picture"].words) == (102, 84)

# %% rates = (0.001, 0.03, 0.3, 1.0)
assert end["lr 0.3"] < 3.5 < end["lr 0.03"] < end["lr 0.001"] and np.isinf(end["lr 1.0"])
assert sum(np.isfinite(slow_to_fast["lr 1.0"])) < 5

# %% steps = np.arange(1000)
assert plans["cosine"][0] == 0.3 / 100 and abs(plans["cosine"][550] - 0.15) < 1e-9

# %% plain, heavy = SGD(), SGD(momentum=0.9)
assert abs(end["plain, lr 0.1"] - end["momentum 0.9, lr 0.01"]) < 0.15
assert np.isinf(end["plain, lr 1.0"]) and end["momentum 0.9, lr 0.1"] < 2.6

# %% few, watched = only(np.arange(500)), {}
assert round(len(new(len(names))[1].theta), -4) == 80_000
assert watched["training, lambda 0"][-1] < 0.96 and without[-1] > min(without) + 0.3 and penalised[-1] < without[-1]

# %% base, base_params = new(0)
assert 0.15 < bits - floor < 0.4 and 1.2 < blind - floor < 1.8

# %% for name in data.splits["train"][:1000]
assert min(by_sum[:3]) > 95 and by_sum[8] < 85 and np.mean(by_unit[3:]) < np.mean(by_sum[3:]) - 5

# %% "colours": "red blue yellow green white black orange pink purple brown grey",
assert alike > 0.8

# %% STEEP = 300
ends_x = {name: abs(places[-1][0]) for name, places in ways.items()}
assert (
    ends_x["plain, lr 0.006"] > 6 and ends_x["momentum 0.9, lr 0.01"] < 1 and abs(ways["plain, lr 0.007"][-1][1]) > 0.6
)
