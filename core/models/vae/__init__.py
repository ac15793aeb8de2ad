"""The variational autoencoder and the plain autoencoder, and ways through a latent space."""

import lazy_loader

# what a card names, imported when it is asked for: torch takes seconds
__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__, submod_attrs={"autoencoder": ["VAE", "Config"]}
)
