"""What the texts of notebook 11 claim of its numbers, each part for the cell with the line that it names."""

# %% model, params = parameters(vocabulary=2500)
assert (model.d_w, model.d_m, model.d_I) == (256, 512, 4096)

# %% def fastest(calls, rounds=3):
assert seconds["loop"] > seconds["padded"] > seconds["fused"] and seconds["loop"] > 2 * seconds["packed"]

# %% V_y, m = params["V_y"], np.random.default_rng(0).normal(size=(512, 512)).astype(np.float32)
assert rate[-1] > 2 * rate[0] and round(V_y.size, -5) == 1_300_000

# %% def peak(call):
assert held[0] > 3 * held[1]
assert 4.5 < model.M / model.d_m < 5.5 and N * model.M > B * model.d_I

# %% backend = choose_backend("auto")
assert np.linalg.norm(theta - right) < 1e-4 * np.linalg.norm(right)

# %% OPERATIONS, BYTES, LAUNCH = 20e12, 1e12, 5e-6  # a second, a second, seconds
assert limits["U_r r(t-1), ReLU: each step"][0] > 5 * max(limits["U_r r(t-1), ReLU: each step"][1:])
assert limits["V_y m, all words"][1] > 3 * limits["V_y m, all words"][2]
assert 1 < limits["V_I I, all images"][1] / limits["V_I I, all images"][2] < 1.5

# %% def schedule(look_every, count=10, launch=5.0, work=20.0, look=8.0):
from mrnn_np.training.trainer import READ_EVERY

assert ends == [322, 205] and READ_EVERY == 20

# %% right = packed()
assert all(np.linalg.norm(step() - right) < 1e-5 * np.linalg.norm(right) for step in steps.values())
