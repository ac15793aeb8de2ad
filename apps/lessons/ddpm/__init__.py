"""The diffusion lesson."""
