"""The GAN lesson."""
