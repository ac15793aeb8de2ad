"""Pix2Pix: image translation by a U-Net and a discriminator of patches, and the same by hand."""

import lazy_loader

# what a card names, imported when it is asked for: torch takes seconds
__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__, submod_attrs={"translator": ["Config", "Pix2Pix"]}
)
