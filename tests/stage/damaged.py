"""`python -m tests.stage.damaged STATE [FILE]` asks for everything while files are damaged.

STATE is "missing", "cut" or "pointer" (of Git LFS); FILE is one of weights/, all *.safetensors and
*.json beside the manifest without it. Prints JSON: by name the reply of each scene and endpoint.
"""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from typing import Any

from core.weights import files
from core.weights.card import FOLDER

STATES = {
    "missing": lambda data: None,
    "cut": lambda data: data[: len(data) // 2],
    "pointer": lambda data: files.POINTER + b"/spec/v1\noid sha256:0\nsize 12\n",
}
KEPT = ("manifest.json", "SHA256SUMS")  # unless one of them is the FILE


def damage(state: str, only: str | None) -> None:
    """Let all reading of weights/ find damaged files from now on."""
    whole = files.read_bytes

    def read(path: Path) -> bytes | None:
        data = whole(path)
        mine = path.name == only if only else path.name not in KEPT
        return STATES[state](data) if mine and data and path.parent == FOLDER else data

    files.read_bytes = read


def replies() -> dict[str, Any]:
    """Return the reply of each scene and endpoint, of each endpoint that of a right call."""
    import torch

    from apps.hub import build, tabs_of
    from apps.stage.server.boards import answers, scenes
    from tests.stage.good_calls import GOOD

    torch.set_num_threads(1)
    logging.disable(logging.CRITICAL)
    found: dict[str, Any] = {"home": {"ok": build().config["page"][""]}}
    for tab in tabs_of():
        for number, scene in enumerate(scenes(tab), 1):
            found[f"{tab.name} {number}"] = json.loads(answers(tab)[0](dict(scene)))
        for function in tab.endpoints:
            try:
                function(**GOOD[function.__name__])
                found[function.__name__] = {"ok": {}}
            except Exception as error:  # told below by what it is
                rule = getattr(error, "rule", type(error).__name__)
                found[function.__name__] = {"error": {"rule": rule, "said": str(error)}}
    return found


if __name__ == "__main__":
    damage(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None)
    print(json.dumps(replies()))
