"""One family of models a file; each opens with its equations."""
