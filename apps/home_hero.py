"""`python -m apps.home_hero` draws what the home page opens on: ㅎ that turns into a digit.

The letter is noised step by step, and a diffusion model that has only ever seen digits takes the
noise away again. The frames ship as home_hero.json; a test compares the two.
"""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

FILE = Path(__file__).with_name("home_hero.json")
CARD, JUDGE = "ddpm-mnist", "classifier-mnist"
T, STEPS = 750, 40  # how far the letter is noised, of 1000, and in how many steps it comes back
FORTH = 12  # frames on the way into the noise
DRAWN, TAKEN = 12, 3  # ways that are drawn from one seed, and the one that is shown
TAB, SCENE = "ddpm", 9  # where the lesson does the same


def draw() -> dict[str, Any]:
    """Compute the frames.

    Returns:
        "frames" base64 of (N, 28, 28) grey levels from 0 to 255, the letter first, "digit" as
        which the classifier reads the last one, and "tab" and "scene".
    """
    import torch

    from apps.lessons.shared.pictures import batch, letter
    from core import weights

    torch.set_num_threads(1)
    model: Any = weights.load(CARD)
    letters = batch(np.repeat(letter("jamo")[None], DRAWN, 0))

    def seeded() -> torch.Generator:
        return torch.Generator().manual_seed(0)

    there = [0, *np.linspace(0, T, FORTH + 1).round().astype(int)[1:-1].tolist()]
    forth = [model.noise(letters, t, generator=seeded()) if t else 2 * letters - 1 for t in there]
    back = model.redraw(letters, T, generator=seeded(), steps=STEPS, eta=1.0)
    frames = [one[TAKEN, 0] for one in (*forth, *(moment["x"] for moment in back))]
    shown = ((torch.stack(frames) + 1) / 2).clamp(0, 1)
    with torch.no_grad():
        digit = int(weights.load(JUDGE)(shown[-1][None, None]).argmax())
    levels = (255 * shown).round().numpy().astype(np.uint8)
    raw = base64.b64encode(levels.tobytes()).decode()
    return {"frames": raw, "digit": digit, "tab": TAB, "scene": SCENE}


def read() -> dict[str, Any]:
    """Return the frames that ship."""
    return json.loads(FILE.read_text("utf-8"))


def main() -> int:
    """Write the frames."""
    text = json.dumps(draw(), separators=(",", ":")) + "\n"
    FILE.write_text(text, "utf-8")
    print(f"{FILE.name}: {len(text):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
