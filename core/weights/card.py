"""Keep a card of every trained model in weights/manifest.json.

    {"repo": null | "owner/name", "revision": null | 40 hex digits, "cards": {name: card}}

A card names its file and its sha256, the class that it fills (built as `cls(Config(**config))`,
Config from the class's module), data, recipe, seed, training time and metrics. `save` writes a
file, its card and weights/README.md, which is made from the cards alone.
"""

from __future__ import annotations

import dataclasses
import hashlib
import importlib
import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

from core.weights import files
from core.weights.errors import WeightError
from core.weights.readme import readme

if TYPE_CHECKING:
    from torch import nn

FOLDER = Path(__file__).resolve().parents[2] / "weights"
VERSION = "0.1.0"
LICENCE = "Apache-2.0"
DTYPES = ("float16", "float32")
SHA256, REVISION = re.compile("[0-9a-f]{64}"), re.compile("[0-9a-f]{40}")


class Dataset(TypedDict):
    """The data that a model was trained on."""

    name: str
    licence: str
    source: str


class Training(TypedDict):
    """Machine, time and epochs of a training, over all runs that led to the file."""

    machine: str  # "2 CPU cores", "1 x NVIDIA H200"
    minutes: float
    epochs: int


class _Metric(TypedDict):
    value: float
    how: str  # a sentence: the unit, and of what
    command: str  # that measures it again
    quantity: str  # what was measured: one word for the same thing on every card


class Metric(_Metric, total=False):
    """A measured value, how it was measured, and the same as fields for code to read."""

    samples: int  # how many images, points, texts or pairs it is of
    of: str  # which ones, where a card has the quantity of several kinds
    error: float  # standard error of the value, in its unit
    draws: int  # K of a K-sample bound
    sampler: str  # "DDIM" or "DDPM"
    eta: float  # η of the sampler, 0 to 1
    steps: int  # of the sampler
    guidance: float  # w of the sampler
    t: int  # step of the diffusion
    letters: list[int]  # least and most letters of the texts
    temperature: float  # of sampling letters
    truncation: float  # ψ, the bound of a code's numbers


Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


@dataclass(frozen=True)
class Card:
    """One trained model.

    Attributes:
        name: what `core.weights.load` is asked for.
        file: the safetensors file in weights/ and in the Hub repository.
        sha256: of the file, 64 hexadecimal digits.
        bytes: size of the file.
        model: "core.models.<family>:<Class>".
        config: the arguments of the module's Config.
        parameters: how many numbers the model learned.
        dtype: how they are stored, float16 or float32; computation is in float32.
        dataset: name, licence, source.
        recipe: the command that made the file.
        seed: of the recipe.
        training: machine, minutes, epochs.
        metrics: by the name that README.md shows.
        licence: of the file.
        version: of this repository when the file was made.
    """

    name: str
    file: str
    sha256: str
    bytes: int
    model: str
    config: dict[str, Json]
    parameters: int
    dtype: str
    dataset: Dataset
    recipe: str
    seed: int
    training: Training
    metrics: dict[str, Metric]
    licence: str = LICENCE
    version: str = VERSION

    def __post_init__(self):
        """Refuse a card that names a path outside weights/, code outside core.models or a bad sum.

        Raises:
            ValueError: the first field that is wrong.
        """
        good = {
            "name": re.fullmatch(r"[a-z0-9][a-z0-9.-]*", self.name),
            "file": re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*\.safetensors", self.file),
            "sha256": SHA256.fullmatch(self.sha256),
            "bytes": type(self.bytes) is int and self.bytes > 0,
            "model": re.fullmatch(r"core\.models\.\w+:[A-Z]\w*", self.model),
            "dtype": self.dtype in DTYPES,
        }
        for field, fine in good.items():
            if not fine:
                raise ValueError(f"{field} of card {self.name!r} is {getattr(self, field)!r}")

    def value(self, name: str) -> float | None:
        """Return a metric's value, None where no run measured it."""
        metric = self.metrics.get(name)
        return metric["value"] if metric else None

    def build(self) -> nn.Module:
        """Return the untrained model: `cls(Config(**config))`; JSON's lists become tuples."""
        module, name = self.model.split(":")
        family = importlib.import_module(module)
        config = {k: tuple(v) if isinstance(v, list) else v for k, v in self.config.items()}
        return getattr(family, name)(family.Config(**config))


@dataclass(frozen=True)
class Manifest:
    """All cards, and where on the Hub their files lie (None: not published)."""

    repo: str | None
    revision: str | None
    cards: dict[str, Card]

    def __post_init__(self):
        """Refuse a revision that is no full commit hash: only that is a pin."""
        if self.revision is not None and not REVISION.fullmatch(self.revision):
            raise ValueError(f"revision is {self.revision!r}, not 40 hexadecimal digits")


_writing = threading.Lock()


def manifest(folder: Path = FOLDER) -> Manifest:
    """Return folder/manifest.json; without that file there are no cards.

    Raises:
        WeightError: the file is no manifest.
    """
    text = files.read_bytes(folder / "manifest.json")
    if text is None:
        return Manifest(None, None, {})
    try:
        read = json.loads(text)
        found = {name: Card(**fields) for name, fields in read["cards"].items()}
        if wrong := [name for name, card in found.items() if card.name != name]:
            raise ValueError(f"card {wrong[0]!r} has another name")
        return Manifest(read["repo"], read["revision"], found)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise WeightError("weights_manifest", detail=error) from error


def cards(folder: Path = FOLDER) -> dict[str, Card]:
    """Return the cards by name."""
    return manifest(folder).cards


def write_card(card: Card, folder: Path = FOLDER) -> None:
    """Put a card into the manifest, in the place of one of that name, and make README.md anew."""
    change(lambda old: dataclasses.replace(old, cards={**old.cards, card.name: card}), folder)


def change(edit: Callable[[Manifest], Manifest], folder: Path = FOLDER) -> Manifest:
    """Replace the manifest by `edit(manifest)` whole, also when several recipes finish at once."""
    from huggingface_hub.utils import WeakFileLock

    folder.mkdir(parents=True, exist_ok=True)
    with _writing, WeakFileLock(folder / ".manifest.lock"):
        new = edit(manifest(folder))
        fields = {name: dataclasses.asdict(new.cards[name]) for name in sorted(new.cards)}
        whole = {"repo": new.repo, "revision": new.revision, "cards": fields}
        text = json.dumps(whole, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        files.write_whole(folder / "manifest.json", text.encode())
        files.write_whole(folder / "README.md", readme(new).encode())
    return new


def save(
    name: str,
    module: nn.Module,
    *,
    config: Any,
    dataset: Dataset,
    recipe: str,
    seed: int,
    training: Training,
    metrics: Mapping[str, Metric],
    dtype: str = "float32",
    folder: Path = FOLDER,
) -> Card:
    """Write `<name>.safetensors`, its card and README.md.

    Args:
        name: of the card.
        module: the trained model; its class and Config are found by the card.
        config: the Config, or a dict of its arguments.
        dataset: name, licence, source.
        recipe: the exact command.
        seed: of the recipe.
        training: machine, minutes, epochs.
        metrics: by name.
        dtype: float16 halves the file; measure the metrics with the weights rounded so.
        folder: where to write.

    Raises:
        ValueError: a weight is not finite, also after rounding.
    """
    import torch
    from safetensors.torch import save as packed

    tensors = {}
    for key, value in module.state_dict().items():
        stored = value.detach().cpu()
        if stored.is_floating_point():
            stored = stored.to(getattr(torch, dtype))
            if not stored.isfinite().all():
                raise ValueError(f"{key} of {name} is not finite as {dtype}")
        tensors[key] = stored.clone().contiguous()
    data = packed(tensors)
    kind = type(module)
    card = Card(
        name=name,
        file=f"{name}.safetensors",
        sha256=hashlib.sha256(data).hexdigest(),
        bytes=len(data),
        model=f"{kind.__module__.rpartition('.')[0]}:{kind.__qualname__}",  # the family's package
        config=dict(config) if isinstance(config, Mapping) else dataclasses.asdict(config),
        parameters=sum(p.numel() for p in module.parameters()),
        dtype=dtype,
        dataset=dataset,
        recipe=recipe,
        seed=seed,
        training=training,
        metrics=dict(metrics),
    )
    folder.mkdir(parents=True, exist_ok=True)
    files.write_whole(folder / card.file, data)
    write_card(card, folder)
    return card
