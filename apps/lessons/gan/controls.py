"""The controls of the GAN tab: what the browser needs to draw each."""

from __future__ import annotations

from typing import Any

from apps.lessons.shared.plane_run import SPEEDS


def numbers(options: tuple[float, ...], **spec: Any) -> dict[str, Any]:
    """Return a choice of numbers."""
    return {
        "kind": "choice",
        "options": list(options),
        "labels": [f"{n:g}" for n in options],
        **spec,
    }


RATES = (0.0001, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1)
LOSSES = ("minimax", "non-saturating", "least-squares", "wasserstein", "wgan-gp", "hinge")
TARGETS = ("ring", "grid", "moons", "line", "spiral", "clusters", "drawn")
OPTIMIZERS = ("sgd", "momentum", "rmsprop", "adam")
HALF = {"half": True}
PLAIN = {"g_rate": 0.01, "d_rate": 0.002, "momentum": 0.9, "d_steps": 1, "pack": 1}
CURES: dict[str, dict[str, Any]] = {  # what each changes of the scene where the modes collapse
    "none": {**PLAIN, "loss": "non-saturating"},
    "pack": {**PLAIN, "loss": "non-saturating", "pack": 4},
    "wgan-gp": {**PLAIN, "loss": "wgan-gp", "d_rate": 0.01, "momentum": 0, "d_steps": 3},
    "calm": {**PLAIN, "loss": "non-saturating", "g_rate": 0.002, "momentum": 0.5},
}

CONTROLS: dict[str, dict[str, Any]] = {
    "target": {"kind": "choice", "options": list(TARGETS), "list": True},
    "loss": {"kind": "choice", "options": list(LOSSES), "list": True},
    "batch": numbers((8, 32, 64, 128, 256, 512), list=True, **HALF),
    "latent": numbers((1, 2), list=True, **HALF),
    "prior": {"kind": "choice", "options": ["normal", "uniform"], "list": True, **HALF},
    "g_width": numbers((4, 8, 16, 32, 64), list=True, **HALF),
    "g_depth": numbers((1, 2, 3, 4), list=True, **HALF),
    "d_width": numbers((4, 8, 16, 32, 64), list=True, **HALF),
    "d_depth": numbers((1, 2, 3, 4), list=True, **HALF),
    "optimizer": {"kind": "choice", "options": list(OPTIMIZERS), "list": True, **HALF},
    "momentum": numbers((0, 0.5, 0.9), list=True, **HALF),
    "g_rate": numbers(RATES, list=True, **HALF),
    "d_rate": numbers(RATES, list=True, **HALF),
    "d_steps": {"kind": "range", "min": 1, "max": 10, "step": 1},
    "clip": numbers((0.01, 0.03, 0.1, 0.3), list=True, **HALF),
    "penalty": numbers((0.1, 1, 10), list=True, **HALF),
    "pack": numbers((1, 2, 4), list=True, **HALF),
    "noise": {"kind": "range", "min": 0, "max": 0.5, "step": 0.05},
    "cure": {
        "kind": "choice",
        "options": list(CURES),
        "list": True,
        "brings": {name: {**changes, "opening": [0]} for name, changes in CURES.items()},
        "restarts": True,
    },
    "erase": {"kind": "action", "brings": {"true": {"drawn": [], "target": "ring"}}},
    "speed": numbers(SPEEDS, list=True),
    "seed": {"kind": "number", "restarts": True},
    "show_surface": {"kind": "check", **HALF},
    "show_warp": {"kind": "check", **HALF},
    "show_arrows": {"kind": "check", **HALF},
}
