"""Recurrent nets by hand, forward and backward, in numpy float64."""
