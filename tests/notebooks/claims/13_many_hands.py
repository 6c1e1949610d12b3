"""What the texts of notebook 13 claim of its numbers, each part for the cell with the line that it names."""

# %% rng = np.random.default_rng(0)
assert N == sum(words)

# %% def gradient(which, weight):
assert 0 < away(added) < 1e-6

# %% one, other = [2, 4, 3], [8]
assert np.mean(one + other) == 4.25

# %% by_length = np.argsort(words, kind="stable")
assert all(away(sum(gradient(hand, 1 / N) for hand in hands)) < 1e-6 for hands in dealings.values())
assert errors["short and long"] > 5 * errors["by deal"]

# %% hands = deal(words, 8)
assert named[1] == named[8] and len(set(named.values())) == 4

# %% def in_a_tree(learners):
assert len(of_trees) == 1

# %% n, T_1 = 8_900_000, 1.5  # numbers, seconds on one core
papers = initial_params(MRNN(M=10_000, d_I=4096, d_e=128, d_w=256, d_m=512), rng, np.ones(10_000))
assert round(len(papers.theta), -5) == n
assert speed_up["1 gigabit"].max() < 3 < 40 < speed_up["in one machine"][-1] + 10

# %% weak = {name: R * T_1 / seconds(R, bandwidth, T_1=T_1 * R) for name, bandwidth in networks.items()}
assert all(weak[name][-1] > speed_up[name][-1] for name in networks)
