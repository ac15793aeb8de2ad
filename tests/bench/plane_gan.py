"""Train the scenes of the GAN in the plane and print what happens in them:
`python -m tests.bench.plane_gan --preset collapse --seeds 0 1 2`.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace

import torch

from core import plane
from core.models.plane_gan import advance, begin, draws
from core.models.plane_gan_picture import measure, shown
from core.models.plane_gan_presets import PRESETS
from core.models.plane_gan_settings import Settings, target

MARKS = {  # steps at which a scene is looked at, by the first word of its name
    "converges": (0, 500, 1000, 1500, 2000, 2500, 3000),
    "collapse": (0, 500, 1000, 1500, 2000, 2500, 3000),
    "strong": (0, 50, 100, 200, 300, 400),
    "oscillation": (0, *range(100, 1501, 100)),
}
HEAD = "  step  covered touched quality     KL     JS     W1     push    slope  d_loss   centre"


def look(settings: Settings, marks: tuple[int, ...]) -> float:
    """Print a line a mark; return training steps a second of processor time."""
    state, done, busy, seen = begin(settings), 0, 0.0, [{}]
    for mark in marks:
        while done < mark:
            start = time.process_time()
            state, seen = advance(state, settings, min(250, mark - done))
            busy += time.process_time() - start
            if not seen or seen[-1]["step"] < min(done + 250, mark):
                print(f"  stopped being finite after step {int(state['counts'][0])}")
                return done / max(busy, 1e-9)
            done = seen[-1]["step"]
        found, (_, fake, _) = measure(state, settings), shown(state, settings, 2048)
        m = found["modes"]
        modes = f"{m['covered']:7d} {m['touched']:7d} {m['quality']:7.2f}" if m else " " * 23
        lost = f"{seen[-1]['d_loss']:7.3f}" if done else " " * 7
        near = f"{found['kl']:6.2f} {found['js']:6.3f} {found['w1']:6.2f}"
        steep = f"{found['push']:8.1e} {found['slope']:8.1e}"
        x, y = fake.mean(0).tolist()
        print(f"{done:6d}  {modes} {near} {steep} {lost}  ({x:.2f}, {y:.2f})", flush=True)
    return done / busy


def main() -> None:
    """Print every scene that was asked for, for every seed, and what a perfect model gets."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.plane_gan")
    parser.add_argument("--preset", action="append", choices=list(PRESETS), help="only these")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    for name in chosen.preset or PRESETS:
        marks = MARKS[name.split("-")[0]]
        low = plane.floor(target(PRESETS[name]), 2048, draws(PRESETS[name], "floor"))
        print(f"\n{name}: the target's own samples get {low}")
        for seed in chosen.seeds:
            print(f" seed {seed}\n{HEAD}")
            rate = look(replace(PRESETS[name], seed=seed), marks)
            print(f"  {rate:.0f} steps a second of one processor", flush=True)


if __name__ == "__main__":
    main()
