"""Small nets and runs whose whole state is a few flat vectors: what the 2-D models share."""
