"""The lesson on Pix2Pix: strokes into type."""
