"""What the tests of weights share: a small model with its card, and an environment with our Hub."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from huggingface_hub import close_session, constants

from core.cards import Card, save
from core.models.vae import VAE, Config

DATA = {"name": "made up", "licence": "CC0-1.0", "source": "this test"}
TRAINING = {"machine": "2 CPU cores", "minutes": 1.25, "epochs": 3}
METRICS = {"nats": {"value": 97.53, "how": "Mean of -ELBO.", "command": "python -m measure | tail"}}


def model(seed: int = 0) -> VAE:
    """Return a small net, the same for the same seed, whatever the global generator does."""
    generator = torch.Generator().manual_seed(seed)
    net = VAE(Config(latent=2, hidden=(32,)))
    with torch.no_grad():
        for weight in net.parameters():
            weight.copy_(torch.randn(weight.shape, generator=generator) / 8)
    return net


def carded(folder: Path, name: str = "toy", seed: int = 0, **changes) -> Card:
    """Write a model and its card into a folder."""
    net = model(seed)
    made = {
        "config": net.config,
        "dataset": DATA,
        "recipe": f"python -m weights.recipes.toy --card {name}",
        "seed": seed,
        "training": TRAINING,
        "metrics": METRICS,
    }
    return save(name, net, **{**made, **changes}, folder=folder)


def point(monkeypatch: pytest.MonkeyPatch, url: str, home: Path) -> Path:
    """Send huggingface_hub to a server, with an empty cache and no login; return the cache."""
    cache = home / "hub"
    monkeypatch.setenv("HF_ENDPOINT", url)
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "WEIGHTS_REPO"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(home / "token"))
    monkeypatch.setattr(constants, "HF_STORED_TOKENS_PATH", str(home / "stored"))
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    close_session()
    return cache


def held(folder: Path) -> set[str]:
    """Return the names of all files below a folder."""
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if not p.is_dir()}
