"""What the texts of notebook 3 claim of its numbers, each part for the cell with the line that it names."""

# %% h = 10.0 ** np.arange(-1, -16, -1)
assert 5e-7 < h[central.argmin()] < 2e-5 and central.min() < 1e-10 and central[11] > 1e-6
assert 1e-9 < one_sided.min() < 1e-7 and by_complex[8:].max() < 1e-15
assert abs(np.imag(g2(at + 1e-30j)) / 1e-30 - true) < 1e-15

# %% print("at 0     (f2(h) - f2(-h)) / 2h =", (f2(1e-5) - f2(-1e-5)) / 2e-5)
assert (f2(1e-5) - f2(-1e-5)) / 2e-5 == 0.5

# %% numpy = choose_backend("numpy")
assert all(v.passed for v in verdicts)

# %% T, d, M = 6, 4, 9  # one sentence
*mistakes, penalty = list(errors.values())[2:]
assert max(list(errors.values())[:2]) < 1e-14 and min(mistakes) > 0.1 and 1e-4 < penalty < 1e-3

# %% model, rng2 = small.simple_rnn(M=265, d=1024), np.random.default_rng(0)
assert all(v.passed for v in checked) and len(checked) == 4 and round(len(params.theta), -5) == 1_600_000
