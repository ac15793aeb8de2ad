"""Train the lesson's GANs in the plane and print what happens in them.

    python -m tests.bench.plane_gan --scene collapse --scene "collapse pack" --seeds 0 1 2

A name of two words is a scene with a change that its lesson names.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace

import torch

from apps import gan as tab
from apps.lessons.gan.inputs import CURES, Inputs
from apps.lessons.gan.plane import RUN
from apps.stage.declare import parse
from apps.stage.server.boards import scenes
from core.measure import points
from core.models.flat.settings import target
from core.models.gan.gan2d import advance, begin, draws
from core.models.gan.gan2d_picture import measure, sample_points
from core.models.gan.gan2d_settings import Settings

MARKS = {  # steps at which a scene is looked at
    "plane": (0, 500, 1000, 1500, 2000, 2500, 3000),
    "collapse": (0, 500, 1000, 1500, 2000, 2500, 3000),
    "vanishing": (0, 50, 100, 200, 300, 400),
    "swing": (0, *range(100, 1501, 100)),
}
OTHERS = {  # what the lesson says to change in a scene
    "collapse": CURES,
    "vanishing": {name: {"loss": name} for name in ("non-saturating", "wgan-gp")},
    "swing": {"still": {"momentum": 0}},
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
        found, (_, fake, _) = measure(state, settings), sample_points(state, settings, 2048)
        m = found["modes"]
        modes = f"{m['covered']:7d} {m['touched']:7d} {m['quality']:7.2f}" if m else " " * 23
        lost = f"{seen[-1]['d_loss']:7.3f}" if done else " " * 7
        near = f"{found['kl']:6.2f} {found['js']:6.3f} {found['w1']:6.2f}"
        steep = f"{found['push']:8.1e} {found['slope']:8.1e}"
        x, y = fake.mean(0).tolist()
        print(f"{done:6d}  {modes} {near} {steep} {lost}  ({x:.2f}, {y:.2f})", flush=True)
    return done / busy


def runs() -> dict[str, Settings]:
    """Return the lesson's runs: each live scene, and it with each change that the lesson names."""
    live = {one["view"]: one["inputs"] for one in scenes(tab.TAB) if one.get("live")}
    asked = {
        **live,
        **{
            f"{view} {name}": {**live[view], **change}
            for view, changes in OTHERS.items()
            for name, change in changes.items()
        },
    }
    return {name: RUN.settings(parse(Inputs, inputs)) for name, inputs in asked.items()}


def main() -> None:
    """Print every scene that was asked for, for every seed, and what a perfect model gets."""
    known = runs()
    parser = argparse.ArgumentParser(prog="python -m tests.bench.plane_gan")
    parser.add_argument("--scene", action="append", choices=list(known), help="only these")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    given = parser.parse_args()
    torch.set_num_threads(1)
    for name in given.scene or known:
        marks, settings = MARKS[name.split()[0]], known[name]
        low = points.floor(target(settings), 2048, draws(settings, "floor"))
        print(f"\n{name}: the target's own samples get {low}")
        for seed in given.seeds:
            print(f" seed {seed}\n{HEAD}")
            rate = look(replace(settings, seed=seed), marks)
            print(f"  {rate:.0f} steps a second of one processor", flush=True)


if __name__ == "__main__":
    main()
