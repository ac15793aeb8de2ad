"""The VAE lesson."""
