"""What the notebooks need beside the package itself: checks of their exercises, and small models to look at.

A check answers with what is wrong (the shape, the index, the sign), never with the solution.
"""
