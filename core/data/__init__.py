"""Data that the models learn from, drawn from a seed or read from files."""
