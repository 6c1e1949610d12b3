"""How fast is a training step, and what does it cost in memory, beside the same step in PyTorch?

Each variant runs in a process of its own that stays alive; the processes take turns, so that whatever else the machine
does meets all of them alike, and what counts is the ratio of neighbours.
"""
