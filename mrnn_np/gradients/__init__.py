"""Is a hand-written gradient right?  Numerical derivatives to compare with, and the cases every layer is checked on."""
