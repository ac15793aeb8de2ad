"""The attention and Transformer lesson."""
