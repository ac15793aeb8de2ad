"""Small nets, optimisers and states of live runs as flat vectors, shared by the 2-D models."""
