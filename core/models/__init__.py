"""One folder a family of models; each main module opens with its equations."""
