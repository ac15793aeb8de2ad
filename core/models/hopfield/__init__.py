"""Hopfield networks, classical and modern, in numpy float64."""
