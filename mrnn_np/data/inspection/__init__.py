"""What is in a data set and its features, and what of it would make training on them a mistake.

Reading order: `findings` (what is wrong, and how badly), `names`, `captions`, `features`, `histograms`.
"""
