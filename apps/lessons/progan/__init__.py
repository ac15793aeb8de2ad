"""The lesson on ProGAN: a GAN that grows from 4x4 to 32x32."""
