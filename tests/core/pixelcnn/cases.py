"""The PixelCNNs that the laws are tried on: untrained, all weights away from zero."""

import torch

from core.models.pixelcnn.gated import Config, PixelCNN

TINY = Config(side=3, width=4, first=1, dilations=(1, 1))
SMALL = Config(width=8, first=2, dilations=(1, 2, 1))
TOLD = Config(side=5, width=6, first=2, dilations=(2, 1), n_classes=3)
LEAKY = Config(width=8, first=2, dilations=(1, 2, 1), mask="B")


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def built(config: Config, seed: int = 0) -> PixelCNN:
    """Return a net whose conditionals differ from pixel to pixel and from image to image."""
    model, draw = PixelCNN(config).eval().requires_grad_(False), generator(seed)
    for name, value in model.state_dict().items():
        size = 0.3 if name.endswith(("bias", "rows", "columns", "classes.weight")) else 1.2
        fan = value[0].numel() ** 0.5 if value.dim() == 4 and "first.r" not in name else 1.0
        value.copy_(torch.randn(value.shape, generator=draw) * size / fan)
    return model


def images(n: int, side: int = 28, seed: int = 1) -> torch.Tensor:
    return (torch.rand(n, 1, side, side, generator=generator(seed)) < 0.3).float()


def all_images(side: int) -> torch.Tensor:
    """Return every binary image of side² pixels, (2^(side²), 1, side, side)."""
    bits = torch.arange(2 ** (side * side))[:, None] >> torch.arange(side * side)
    return (bits & 1).float().view(-1, 1, side, side)


def first_leak(model: PixelCNN, x: torch.Tensor) -> int | None:
    """Return a pixel whose flip changes, by any bit, its own conditional or an earlier one's."""
    before, pixels = model.conditional(x).flatten(), x.numel()
    for i in range(pixels):
        flipped = x.clone()
        flipped.view(-1)[i] = 1 - flipped.view(-1)[i]
        after = model.conditional(flipped).flatten()
        if not torch.equal(after[: i + 1], before[: i + 1]):
            return i
        assert i == pixels - 1 or not torch.equal(after, before)  # a net that looks at nothing
    return None
