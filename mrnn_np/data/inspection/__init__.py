"""What is in a data set and its features, and what of it would make training on them a mistake.

Reading order: `captions` (what is wrong, and how badly, with captions and names), `features`, `histograms`.
"""
