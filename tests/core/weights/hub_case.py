"""What the tests of weights share: a small model with its card, and an environment with our Hub."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from huggingface_hub import close_session, constants, file_download
from huggingface_hub.utils import _cache_assets

from core.inputs import InputError
from core.models.vae.autoencoder import VAE, Config
from core.weights import forget, load
from core.weights.card import Card, Dataset, Metric, Training, change, save
from core.weights.download import Patience
from core.weights.errors import WEIGHT_RULES, WeightError
from tests.core.weights.hub_server import HubServer

REPO = "seminar/weights"
QUICK = Patience(deadline=30, attempts=2, pause=0.01)

DATA: Dataset = {"name": "made up", "licence": "CC0-1.0", "source": "this test"}
TRAINING: Training = {"machine": "2 CPU cores", "minutes": 1.25, "epochs": 3}
METRICS: dict[str, Metric] = {
    "nats": {
        "value": 97.53,
        "how": "Mean of -ELBO.",
        "command": "python -m measure | tail",
        "quantity": "-ELBO",
        "samples": 100,
    },
    "nats, 5 draws": {
        "value": 96.2,
        "how": "Mean of a bound.",
        "command": "python -m measure | tail",
        "quantity": "-ELBO",
        "samples": 50,
        "draws": 5,
    },
}


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
    """Send huggingface_hub to a server, with empty folders and no login; return what holds them.

    It waits as `wait_for` says, and sleeps not at all before it asks again.
    """
    monkeypatch.setattr(file_download, "time", SimpleNamespace(sleep=lambda seconds: None))
    monkeypatch.setattr(tempfile, "tempdir", str(home / "tmp"))
    (home / "tmp").mkdir(parents=True)
    monkeypatch.setenv("HF_ENDPOINT", url)
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "WEIGHTS_REPO"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(home / "hub"))
    monkeypatch.setattr(_cache_assets, "HF_ASSETS_CACHE", str(home / "assets"))
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(home / "token"))
    monkeypatch.setattr(constants, "HF_STORED_TOKENS_PATH", str(home / "stored"))
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    close_session()
    return home


def wait_for(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Set how long huggingface_hub waits for a server that is silent."""
    monkeypatch.setattr(constants, "HF_HUB_ETAG_TIMEOUT", seconds)
    monkeypatch.setattr(constants, "HF_HUB_DOWNLOAD_TIMEOUT", seconds)


def held(folder: Path) -> set[str]:
    """Return the names of all files below a folder."""
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if not p.is_dir()}


@contextmanager
def serving(monkeypatch: pytest.MonkeyPatch, home: Path) -> Iterator[HubServer]:
    """Run a Hub that huggingface_hub is sent to; nothing is loaded before or after."""
    forget()
    with HubServer() as server:
        server.home = point(monkeypatch, server.url, home)
        yield server
        close_session()
    forget()


def on_the_hub_alone(hub: HubServer, folder: Path) -> Path:
    """Make a folder with a manifest whose one file lies on the Hub alone."""
    card = carded(folder)
    commit = hub.put(REPO, {card.file: (folder / card.file).read_bytes()})
    change(lambda old: type(old)(REPO, commit, old.cards), folder)
    (folder / card.file).unlink()
    return folder


def same(net: torch.nn.Module, seed: int = 0, dtype: torch.dtype = torch.float32) -> bool:
    """Say whether a net is `model(seed)`, its weights rounded to dtype."""
    want, got = model(seed).state_dict(), net.state_dict()
    assert got.keys() == want.keys()
    return all(torch.equal(got[k], want[k].to(dtype).to(got[k].dtype)) for k in want)


def refused(name: str, folder: Path, patience: Patience = QUICK) -> WeightError:
    """Return the error of a load that must fail, its sentence checked."""
    with pytest.raises(WeightError) as caught:
        load(name, folder=folder, patience=patience)
    error = caught.value
    assert isinstance(error, InputError) and isinstance(error, ValueError)
    assert str(error) == WEIGHT_RULES[error.rule].format(**error.parts)
    return error
