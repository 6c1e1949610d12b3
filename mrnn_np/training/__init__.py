"""Training: the configuration, SGD with L2, learning-rate schedules, the loop, checkpoints."""
