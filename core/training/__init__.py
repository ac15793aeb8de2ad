"""Train nets: one loop for every recipe, its plans, checkpoints, journal and Muon."""
