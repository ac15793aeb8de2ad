"""A conditional GAN with BigGAN's parts: for digits, and by hand."""

import lazy_loader

# what a card names, imported when it is asked for: torch takes seconds
__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__, submod_attrs={"networks": ["BigGAN", "Config"]}
)
