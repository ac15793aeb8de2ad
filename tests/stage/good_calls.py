"""One call of each endpoint that is right, and quick: what tests change in one thing."""

from __future__ import annotations

from typing import Any

from core.models.rnn.presets import slide
from tests.stage.bad_inputs import CROSS, EYE, GAN, GAP, GREY, PARAMS, XS

BINARY, STROKES = [[0] * 28] * 28, [[0] * 64] * 64
GOOD: dict[str, dict[str, Any]] = {
    "rnn_forward": {"cell": "rnn", "params": PARAMS, "xs": XS, "h0": None},
    "rnn_backward": {**slide(), "truncate": None},
    "hopfield_recall": {"patterns": [CROSS], "probe": CROSS},
    "vae_encode": {"image": GREY},
    "vae_decode": {"z": [0, 0]},
    "vae_elbo": {"image": GREY},
    "cnn_convolve": {"image": EYE, "kernel": [[1]]},
    "cnn_forward": {"image": GREY},
    "cnn_explain": {"image": GREY, "label": 3, "method": "gradient"},
    "pixelcnn_conditional": {"image": BINARY, "row": 0, "column": 0},
    "pixelcnn_log_prob": {"image": BINARY},
    "pixelcnn_sample": {"n": 1},
    "progan_sample": {"n": 1},
    "progan_fade": {"old": [[0]], "new": [[0, 1], [1, 0]], "alpha": 0.5},
    "biggan_sample": {"n": 1},
    "biggan_truncated": {"n": 1, "psi": 0.5},
    "biggan_spectral": {"matrix": [[1]]},
    "pix2pix_translate": {"image": STROKES},
    "pix2pix_pair": {"syllable": "가"},
    "pix2pix_verdicts": {"source": STROKES, "image": STROKES},
    "gan_backward": GAN,
    "gan_sample": {"model": "dcgan-mnist", "n": 1, "seed": 0, "label": None},
    "flow_coupling": {"x": [1, 2], "s": [0], "t": [0]},
    "flow_log_prob": {"model": "realnvp-moons", "x": [[0, 0]]},
    "flow_sample": {"model": "realnvp-moons", "n": 1},
    "ebm_langevin_step": {"x": [0], "grad": [0], "step": 0.1, "noise": [0]},
    "ebm_energy": {"image": GREY},
    "ebm_sample": {"n": 1, "seed": 0, "steps": 1},
    "attention_step": {"x": EYE, "wq": EYE, "wk": EYE, "wv": EYE},
    "date_translate": {"text": "2026-11-20"},
    "world_values": {},
    "world_step": {"state": GAP, "action": 0},
    "world_play": {"player": "z+h", "episodes": 2},
    "world_dream": {"steps": 1},
    "ddpm_forward": {"image": GREY, "t": 1},
    "ddpm_sample": {"n": 1, "steps": 1},
    "compare_sample": {"n": 1},
    "compare_figures": {"model": "vae-mnist"},
    "compare_interval": {"right": 1, "of": 2},
}
