"""Measure models and samples: distances, intervals, ranks, comparisons."""
