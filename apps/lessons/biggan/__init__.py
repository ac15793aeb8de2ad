"""The lesson on BigGAN: a conditional GAN made large, and a code cut short."""
