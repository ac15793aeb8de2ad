"""The lesson on convolutional networks."""
