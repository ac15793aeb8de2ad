"""95th percentile of each tab's main API event against an identity event in the same server. Goal:
ratio ≤ 2.

The identity event is an endpoint of the same hub that returns its argument, called with the same
payload, in turn with ours.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from typing import Any

import gradio as gr
import numpy as np
from gradio_client import Client

from apps import hub
from apps.stage.server import serve
from core.models.hopfield import letters
from core.models.rnn.presets import slide
from tests.conftest import free_port

CALLS = 100


def same(value: dict) -> dict:
    """Return what came."""
    return value


def main(arguments: Sequence[str] | None = None) -> dict[str, Any]:
    """Print the percentiles and ratios; return the ratios."""
    ratios = {}
    demo = hub.build()
    with demo:
        gr.api(same, api_name="identity", queue=False)  # pyright: ignore[reportPrivateImportUsage]
    url = serve.launch(demo, "127.0.0.1", free_port())
    client = Client(url, verbose=False)
    case = slide()
    grids = letters.patterns("jamo", 8, 8, "ㄱㄴㅅㅇ")
    probe = letters.corrupt(grids[2], "noise", 0.15, (8, 8), 1)
    calls = {
        "rnn_forward": ("rnn", case["params"], case["xs"], None),
        "rnn_backward": ("rnn", case["params"], case["xs"], None, case["targets"], None),
        "hopfield_recall": (grids.tolist(), np.asarray(probe).tolist()),
    }
    for name, given in calls.items():
        taken: dict[str, list[float]] = {name: [], "identity": []}
        for _ in range(CALLS):
            for which, payload in (
                (name, given),
                ("identity", ({"payload": list(given)},)),
            ):
                began = time.perf_counter()
                client.predict(*payload, api_name=f"/{which}")
                taken[which].append(1000 * (time.perf_counter() - began))
        p95 = {which: statistics.quantiles(times, n=20)[-1] for which, times in taken.items()}
        ratio = ratios[name] = p95[name] / p95["identity"]
        print(
            f"{name}: p95 {p95[name]:.1f} ms, identity {p95['identity']:.1f} ms,"
            f" ratio {ratio:.2f} (goal ≤ 2)"
        )
    demo.close(verbose=False)
    return ratios


if __name__ == "__main__":
    main()
