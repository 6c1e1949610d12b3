"""Comparing models: train each from several seeds with the same budget, measure all alike, tell it in a table."""
