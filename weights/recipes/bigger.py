"""Train small BigGANs of several batches and widths for equally long: does bigger help?

    python -m weights.recipes.bigger --data FOLDER --threads 1
    … --minutes 8     minutes of the processor that each run may spend on training
    … --resume        keep the runs that the file has already, if they had as many minutes

Writes weights/biggan-bigger.safetensors. Each run begins anew and ends when it has spent its
minutes, whatever it has seen by then; batch and width are all that differs, and one run is done
twice, from another seed, to show how far two runs of the same kind lie apart. At each quarter of
the minutes the averaged generator is looked at: the Fréchet distance of 3 000 samples, the share
that the classifier reads as asked. The learning rate stays the same: with a schedule a run would
have to know how many steps it will get.

    batch maps seed (R,)   steps minutes Fréchet read (R, T)   images (R, 40, 28, 28) uint8

Paper: Brock et al. 2019, arXiv 1809.11096, table 1 (batches eight times as large, wider nets).
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import torch
from torch import Tensor, nn

from core.models.biggan.networks import BigGAN, Config
from core.training.journal import Journal
from core.training.loop import fit_pair
from core.training.plan import Duel
from core.weights import shipped
from core.weights.errors import WeightError
from core.weights.files import tensor_bytes
from weights.recipes.adversarial import observe
from weights.recipes.biggan import finish, samples, turns
from weights.recipes.command import Data, choices, load, machine, study_parser

FILE = "biggan-bigger.safetensors"
BATCHES = (16, 64, 256)
WIDTHS = ((32, 24, 12), (64, 48, 24))  # maps of the generator's levels
RUNS = (*((batch, maps, 0) for maps in WIDTHS for batch in BATCHES), (64, WIDTHS[1], 1))
LOOKS = 4
WATCHED = 40
ENDLESS = (
    10_000  # epochs of a plan that no run comes to the end of: its rate stays all but constant
)
NAMES = ("steps", "minutes", "Fréchet", "read")


class Clock(Journal):
    """A journal whose moments come by the processor's minutes, those of looking left out."""

    def __init__(self, look, minutes: float):
        super().__init__(look, LOOKS)
        self.goals = [minutes * (k + 1) / LOOKS for k in range(LOOKS)]
        self.start, self.looking = time.process_time(), 0.0

    @property
    def spent(self) -> float:
        """Minutes that the processor has spent on training."""
        return (time.process_time() - self.start - self.looking) / 60

    @property
    def over(self) -> bool:
        """Whether the last moment was looked at."""
        return not self.goals

    def due(self, taken: int) -> bool:
        """Return whether a moment falls after so many steps; none does before the first."""
        return taken > 0 and not self.over and self.spent >= self.goals[0]

    def see(self, taken: int, model: nn.Module) -> None:
        """Look at the model, and note when."""
        begun, spent = time.process_time(), self.spent
        self.goals.pop(0)
        super().see(taken, model)
        self._add("moments.minutes", torch.tensor(spent))
        self.looking += time.process_time() - begun


def watch(model: BigGAN) -> Tensor:
    """Return the images that are kept of a run, (40, 1, 28, 28) in [0, 1]: four of each class."""
    return samples(model, WATCHED)[0]


def train(batch: int, maps: tuple[int, ...], seed: int, data: Data, chosen) -> dict[str, Tensor]:
    """Train one net for its minutes, and return what was seen of it."""
    torch.manual_seed(seed)  # of the first weights: torch.nn takes no generator
    model = BigGAN(Config(channels=maps)).to(memory_format=torch.channels_last)  # pyright: ignore
    plan = Duel(ENDLESS, batch, 4e-4, judge_rate=4e-4, beta1=0.0, beta2=0.999, ema=0.999, seed=seed)
    look = observe(watch, samples, finish)(data, chosen.out, chosen.smoke)
    clock = Clock(look, chosen.minutes)
    rows = (data.images, data.labels)
    for step in fit_pair(model, turns(model, False), rows, plan, journal=clock):
        if clock.over:
            break
        if step.step % 100 == 0:
            print(f"batch {batch}, {maps[0]} maps: {clock.spent:.1f} min, step {step.step}, "
                  f"D {step.loss:.3f}", file=sys.stderr, flush=True)  # fmt: skip
    kept = clock.tensors()
    return {
        "batch": torch.tensor(batch, dtype=torch.int32),
        "maps": torch.tensor(maps[0], dtype=torch.int32),
        "seed": torch.tensor(seed, dtype=torch.int32),
        "steps": kept["moments.step"].int(),
        "minutes": kept["moments.minutes"],
        "Fréchet": kept["moments.Fréchet"],
        "read": kept["moments.label accuracy"],
        "images": kept["moments.images"][-1, :, 0],
    }


def main(given: list[str] | None = None) -> None:
    """Train every run, and write the file after each."""
    parser = study_parser("bigger")
    parser.add_argument("--minutes", type=float, default=8.0, help="of the processor, each run")
    chosen = choices(parser, given)
    data, file = load(chosen.data), chosen.out / FILE
    done = read(file, chosen.minutes) if chosen.resume else []
    for batch, maps, seed in RUNS:
        if (batch, maps[0], seed) in [tuple(int(one[k]) for k in ("batch", "maps", "seed"))
                                      for one in done]:  # fmt: skip
            continue
        done.append(train(batch, maps, seed, data, chosen))
        said = {"budget": f"{chosen.minutes:g}", "machine": machine(), "how": "of one thread"}
        tensors = {name: torch.stack([one[name] for one in done]) for name in done[0]}
        shipped.write(file, tensor_bytes(tensors, said))


def read(file: Path, minutes: float) -> list[dict[str, Tensor]]:
    """Return the runs that a file has, none if they had another budget."""
    try:
        found, said = shipped.read_arrays(file)
    except WeightError:  # there is none yet
        return []
    if said.get("budget") != f"{minutes:g}":
        return []
    rows = {name: torch.from_numpy(value).unbind() for name, value in found.items()}
    return [{name: row[k] for name, row in rows.items()} for k in range(len(rows["batch"]))]


if __name__ == "__main__":
    main()
