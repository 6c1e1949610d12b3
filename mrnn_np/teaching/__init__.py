"""What the notebooks need beside the package itself: checks of their exercises, and small models to look at.

A check answers with what is wrong (the shape, the index, the sign), never with the solution.  Its docstring says what
the learner's function is given and what it has to return: "From w (T, d) and U_r (d, d) to r (T, d)".
"""
