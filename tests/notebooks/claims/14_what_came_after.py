"""What the texts of notebook 14 claim of its numbers, each part for the cell with the line that it names."""

# %% def left_over(forward, backward, gates, U_r, bias=0.0):
assert 0.01 < left["LSTM, forget gates at 0.73"][-1] < 0.03 and round(0.73**20, 3) == 0.002
assert left["LSTM, forget gates at 0.95"][-1] > 0.9 and left["sigmoid, U_r the identity"][-1] < 1e-12

# %% for recurrence in ("sigmoid", "relu", "lstm", "gru"):
assert all(bits[kind] + 1 < bits["sigmoid"] for kind in ("relu", "lstm", "gru"))

# %% def trained(optimiser, name, lr, examples, count=120, rates=(0, 0, 0, 0)):
assert good == {"SGD": [0.1, 0.3], "Adam": [0.003, 0.01, 0.03]} and min(ends["Adam"]) < min(ends["SGD"])

# %% by_rate = {}
gaps = [validated - heart for heart, validated in by_rate.values()]
assert by_rate[0.0][1] > by_rate[0.3][1] + 1 and 0.4 < gaps[1] / gaps[0] < 0.6

# %% def cost(sentences):
assert own < theirs < own + 0.1 and round(1 / (1 - claims.share_true)) in (10, 11, 12)
assert 1.8 < behind[1] / behind[0] < 2

# %% def questions(split, count):
assert right["attention"] > 95 and 65 < right["plain mean"] < 76 and len(kinds) == 24

# %% q, x, dc = (np.random.default_rng(i).normal(size=shape) for i, shape in enumerate([(2, 4), (2, 5, 4), (2, 4)]))
assert relative_error(dq, exact_dq) < 1e-12 and relative_error(dx, exact_dx) < 1e-12

# %% three = np.random.default_rng(0).normal(size=(3, 4))  # dog, bites, man
assert same
