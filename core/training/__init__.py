"""Training: one loop for every recipe, its optimisers and its journal."""
