"""The world model: V sees, M remembers and dreams, C acts."""

import lazy_loader

# what a card names, imported when it is asked for: torch takes seconds
__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "sizes": ["Config"],
        "vision": ["Vision"],
        "memory": ["Memory"],
        "controller": ["Controller"],
    },
)
