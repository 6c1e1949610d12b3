"""How fast is this package, and what does it cost in memory, beside PyTorch and beside the bare matrix products?

Each variant runs in a process of its own that stays alive; the processes take turns, so that whatever else the machine
does meets all of them alike, and what counts is the ratio of neighbours.
"""
