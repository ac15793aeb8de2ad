"""A small convolutional classifier of digits, whose features measure the other models."""

import lazy_loader

# what a card names, imported when it is asked for: torch takes seconds
__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__, submod_attrs={"cnn": ["Classifier", "Config"]}
)
