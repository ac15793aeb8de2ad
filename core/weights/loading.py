"""Load trained models: bytes checked against the card, tensors against the code.

    load("vae-mnist")  ->  nn.Module in eval mode, float32, no gradients, shared by all requests

Looked for in this order: weights/<file> beside the code; an earlier download; the local Hub cache
at the pinned revision; the Hub (WEIGHTS_REPO or the manifest's repository; the login is
huggingface_hub's own).
Bytes count only if their sha256 is the card's, tensors only if every name and shape fits. No
pickle is read.
"""

from __future__ import annotations

import logging
import os
import threading
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING

from core.weights import download as hub
from core.weights import files
from core.weights.card import FOLDER, Card, Manifest, manifest
from core.weights.download import Patience
from core.weights.errors import WeightError

if TYPE_CHECKING:
    from torch import nn

PATIENCE = Patience()
UNFIT = (RuntimeError, TypeError, ValueError, AttributeError, ImportError)
log = logging.getLogger(__name__)

_lock = threading.Lock()
_loads: dict[tuple[Path, str], Future[nn.Module]] = {}


def _after_fork() -> None:
    """Leave a lock behind that another thread may have held while this process was split off: a
    lent GPU's calls run in a fork.
    """
    global _lock
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_after_fork)


def load(
    name: str,
    *,
    patience: Patience = PATIENCE,
    folder: Path = FOLDER,
) -> nn.Module:
    """Return a trained model; it is shared, so never change it.

    A call during another's load waits for that one and shares its outcome. A failure
    is not remembered: the next request tries again. Models do not wait for each other.

    Args:
        name: of a card.
        patience: how long the Hub may take.
        folder: where manifest.json and the bundled files lie.

    Raises:
        WeightError: it cannot be had; one sentence says why and what to do.
    """
    key = (folder, name)
    with _lock:
        future = _loads.get(key)
        mine = future is None
        if future is None:
            future = _loads[key] = Future()
    if mine:
        try:
            future.set_result(_load(name, folder, patience))
        except BaseException as error:
            with _lock:
                _loads.pop(key, None)
            future.set_exception(error)
    return future.result()


def forget() -> None:
    """Drop all loaded models; the next request loads again."""
    with _lock:
        _loads.clear()


def _load(name: str, folder: Path, patience: Patience) -> nn.Module:
    known = manifest(folder)
    if name not in known.cards:
        allowed = ", ".join(known.cards) or "none yet"
        raise WeightError("weights_unknown", name=f"{name!r:.60}", allowed=allowed)
    card = known.cards[name]
    return fit(card, _bytes(card, known, folder, patience))


def _bytes(card: Card, known: Manifest, folder: Path, patience: Patience) -> bytes:
    """Return the card's file, verified: bundled, else cached, else from the Hub."""
    bundled = files.read_bytes(folder / card.file)
    if bundled is not None and hub.is_file_of(card, bundled):
        return bundled
    place = hub.source(known)
    if place is None:
        if bundled is None:
            raise WeightError("weights_missing", file=card.file)
        if bundled.startswith(files.POINTER):
            raise WeightError("weights_pointer", file=card.file)
        raise WeightError("weights_digest", file=card.file, place="weights/")
    if bundled is not None:
        log.warning("weights/%s is not what its card describes: looking on the Hub", card.file)
    data = hub.read_cached(card, place)
    if data is not None:
        return data
    log.info("fetching %s (%d bytes) of %s", card.file, card.bytes, place.repo)
    return hub.download(card, place, patience)


def read_model(card: Card, folder: Path) -> nn.Module:
    """Return a card's model as its file in a folder holds it, one that nobody shares.

    Raises:
        WeightError: the file is missing, damaged, or does not fit.
    """
    data = files.read_bytes(folder / card.file)
    if data is None:
        raise WeightError("weights_missing", file=card.file)
    if not hub.is_file_of(card, data):
        raise WeightError("weights_digest", file=card.file, place="weights/")
    return fit(card, data)


def fit(card: Card, data: bytes) -> nn.Module:
    """Return the card's model filled with these bytes; every tensor must be there and fit.

    Raises:
        WeightError: file, card and code do not belong together.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load as unpacked

    try:
        model = card.build()
        model.load_state_dict(unpacked(data), strict=True)  # float16 is widened while copied
    except (*UNFIT, SafetensorError) as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        detail = (lines or [type(error).__name__])[:2][-1]  # torch says what in its second line
        raise WeightError(
            "weights_fit", file=card.file, model=card.model, detail=f"{detail:.120}"
        ) from error
    return model.eval().requires_grad_(False)
