"""Read −log p of every test digit by pixelcnn-mnist, beside bounds of vae-mnist on the same pixels.

`weights.recipes.likelihoods` writes the file.
"""

from __future__ import annotations

from pathlib import Path

from torch import Tensor

from core.weights.card import cards

FILE = Path(__file__).parents[2] / "weights" / "mnist-nats.safetensors"
NETS = ("pixelcnn-mnist", "vae-mnist")
EVERY = 20  # the tighter bound is of every 20th digit


def shipped_nats(file: Path = FILE) -> dict[str, Tensor] | None:
    """Return nats of the 10,000 binarised test digits, None unless they are of the shipped nets.

    Returns:
        "exact" (10000,), −log p of the static binarisation (seed 2008) by pixelcnn-mnist; "half"
        (10000,), the same of digits cut at one half; "elbo" (10000,), −ELBO of vae-mnist of the
        static ones, a draw each; "bound" (500,), its bound by 128 draws on every 20th of them.
    """
    from safetensors import safe_open

    if not file.exists():
        return None
    with safe_open(file, "pt") as data:
        made_by = data.metadata() or {}
        if any(made_by.get(name) != cards()[name].sha256 for name in NETS):
            return None
        return {key: data.get_tensor(key) for key in data.keys()}  # noqa: SIM118 (not a dict)
