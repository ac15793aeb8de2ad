"""Convolution by hand, what a convolutional net looks at, and two small nets to compare."""

import lazy_loader

# what a card names, imported when it is asked for: torch takes seconds
__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__, submod_attrs={"small": ["SmallNet", "Config"]}
)
