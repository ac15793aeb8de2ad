"""Training: one loop for every recipe, on a CPU, a GPU, or several processes under Accelerate.

    rate      η_t = η · min(1, t / warm) · ½ (1 + cos π t / T), ≥ η / 100,   T steps in all
    clipping  g ← g · min(1, clip / ‖g‖)
    step      Adam (Kingma & Ba 2015) with decoupled weight decay (Loshchilov & Hutter 2019); with
              plan.muon the net's hidden matrices by Muon (core.training.muon), its rate falling
              alike
    average   θ̄ ← d θ̄ + (1 − d) θ,   d = min(ema, (1 + t) / (10 + t)); θ̄ is what training returns

Every random draw of an epoch comes from generators that (seed, epoch, process) fix: a run that was
stopped and resumed at an epoch's end goes the way of one that was not. A batch is split over the
processes and their gradients are averaged. Checkpoints are safetensors files: no pickle.
"""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from core.inputs import InputError, choice, integer, number
from core.training.muon import Muon

if TYPE_CHECKING:
    from accelerate import Accelerator

Batch = Sequence[Tensor]
Loss = Callable[[Callable[..., Any], Batch, torch.Generator, int], tuple[Tensor, dict[str, Tensor]]]


@dataclass(frozen=True)
class Plan:
    """How to train; two runs of one plan on one machine end in the same weights.

    Attributes:
        epochs: passes over the data; the last, incomplete batch of a pass is left out.
        batch: images a step, over all processes.
        rate: largest learning rate.
        warm: steps until it is reached.
        clip: largest norm of a gradient.
        decay: weight decay.
        beta1: decay of Adam's first moment, β₁.
        ema: decay of the averaged weights; 0 for none.
        seed: of every draw.
        muon: largest rate of Muon for what the net's `hidden()` lists; 0: Adam for all.
        precision: "fp32", or "bf16" for the forward pass under autocast.
        epochs_before: epochs that the weights which training starts from have behind them.
        seconds_before: seconds that those took.
    """

    epochs: int = 10
    batch: int = 256
    rate: float = 1e-3
    warm: int = 200
    clip: float = 100.0
    decay: float = 0.0
    beta1: float = 0.9
    ema: float = 0.0
    seed: int = 0
    precision: str = "fp32"
    muon: float = 0.0
    epochs_before: int = 0
    seconds_before: float = 0.0

    def __post_init__(self):
        integer("epochs", self.epochs, 1, 100_000)
        integer("batch", self.batch, 1, 1_000_000)
        number("rate", self.rate, 0, 10)
        number("clip", self.clip, 1e-12, 1e12)
        number("muon", self.muon, 0, 10)
        number("beta1", self.beta1, 0, 0.999999)
        number("ema", self.ema, 0, 0.999999)
        choice("precision", self.precision, ("fp32", "bf16"))

    def rate_at(self, step: int, steps: int) -> float:
        """Return the learning rate of a step, counted from 0, of a run of `steps`."""
        return self.rate * self.share_at(step, steps)

    def share_at(self, step: int, steps: int) -> float:
        """Return which share of its largest a rate is at a step."""
        cosine = 0.5 * (1 + math.cos(math.pi * step / steps))
        return min(1.0, (step + 1) / max(self.warm, 1)) * max(cosine, 0.01)


@dataclass(frozen=True)
class Step:
    """One step: where it stands, its loss and the loss's parts, the rate, the seconds so far."""

    step: int
    steps: int
    epoch: int
    loss: float
    parts: dict[str, float]
    rate: float
    seconds: float


class Average:
    """The running average of a net's weights; what is no float is copied."""

    def __init__(self, model: nn.Module, ema: float):
        self.ema = ema
        self.values = {k: v.detach().clone() for k, v in model.state_dict().items()}

    @torch.no_grad()
    def update(self, model: nn.Module, step: int) -> None:
        """Move the average towards the net's weights."""
        d = min(self.ema, (1 + step) / (10 + step))
        for key, value in model.state_dict().items():
            if value.is_floating_point():
                self.values[key].lerp_(value, 1 - d)
            else:
                self.values[key].copy_(value)


def fit(
    model: nn.Module,
    loss: Loss,
    data: Batch,
    plan: Plan,
    checkpoint: str | Path | None = None,
    every: float = 60.0,
) -> Iterator[Step]:
    """Train `model` in place and yield every step; when it ends the model holds the result.

    Args:
        model: any net; with plan.ema it ends with the averaged weights.
        loss: (model, batch, generator, step) -> (scalar to lower, parts to report).
        data: tensors of one length N; a batch is the same rows of each.
        plan: how to train.
        checkpoint: a file to go on from, if it is there, and to write at an epoch's end.
        every: least seconds from one checkpoint to the next.

    Raises:
        InputError: the data hold less than one batch, the processes do not divide it, or the
            checkpoint is of another plan.
    """
    from accelerate import Accelerator

    accelerator = Accelerator(cpu=not torch.cuda.is_available())
    device, an_epoch = accelerator.device, epoch_of(data, plan, accelerator)
    movers = optimisers(model, plan)
    wrapped, *steppers = accelerator.prepare(model, *movers.values())
    average = Average(model, plan.ema) if plan.ema else None
    held = Held(model, movers, average)
    first, before = resume(checkpoint, held, plan)
    data = [part.to(device) for part in data]
    start = saved = time.monotonic()
    wrapped.train()
    for epoch in range(first, plan.epochs):
        draw = torch.Generator(device).manual_seed(mix(plan.seed, epoch, accelerator.process_index))
        for i, rows in enumerate(shares(plan, epoch, len(data[0]), accelerator)):
            at, steps = epoch * an_epoch + i, plan.epochs * an_epoch
            for mover, largest in zip(movers.values(), (plan.rate, plan.muon)):
                for group in mover.param_groups:
                    group["lr"] = largest * plan.share_at(at, steps)
            with torch.autocast(device.type, torch.bfloat16, enabled=plan.precision == "bf16"):
                value, parts = loss(wrapped, [part[rows] for part in data], draw, at)
            _descend(accelerator, wrapped, steppers, value, plan)
            if average:
                average.update(model, at)
            shown = {k: v.item() for k, v in parts.items()}
            spent = before + time.monotonic() - start
            yield Step(at, steps, epoch, value.item(), shown, plan.rate_at(at, steps), spent)
        due = time.monotonic() - saved >= every or epoch == plan.epochs - 1
        if checkpoint and due and accelerator.is_main_process:
            saved = time.monotonic()
            keep(checkpoint, held, plan, epoch + 1, before + saved - start)
    accelerator.wait_for_everyone()
    if average:
        model.load_state_dict(average.values)
    model.eval()


def optimisers(model: nn.Module, plan: Plan) -> Mapping[str, torch.optim.Optimizer]:
    """Return {"adam": …}, and with plan.muon {"muon": …} for what `model.hidden()` lists."""
    hidden: list[nn.Parameter] = list(model.hidden()) if plan.muon else []  # pyright: ignore
    apart = {id(weight) for weight in hidden}
    rest = [weight for weight in model.parameters() if id(weight) not in apart]
    betas, decay = (plan.beta1, 0.999), plan.decay
    adam = torch.optim.AdamW(rest, plan.rate, betas, weight_decay=decay, fused=True)
    return {"adam": adam} | ({"muon": Muon(hidden, plan.muon)} if hidden else {})


def epoch_of(data: Batch, plan: Plan, accelerator: Accelerator) -> int:
    """Return how many whole batches the data hold; refuse a batch that the processes do not divide.

    Raises:
        InputError: there is not one.
    """
    an_epoch, world = len(data[0]) // plan.batch, accelerator.num_processes
    if not an_epoch or plan.batch % world:
        raise InputError("integer", field="batch", got=plan.batch, low=world, high=len(data[0]))
    return an_epoch


def shares(plan: Plan, epoch: int, n: int, accelerator: Accelerator) -> Iterator[Tensor]:
    """Yield the rows (batch / processes,) of each batch of an epoch that are this process's."""
    shuffle = torch.Generator().manual_seed(mix(plan.seed, epoch, -1))
    order = torch.randperm(n, generator=shuffle)
    for batch in order[: n - n % plan.batch].split(plan.batch):
        share = batch.chunk(accelerator.num_processes)[accelerator.process_index]
        yield share.to(accelerator.device)


def _descend(
    accelerator: Accelerator, wrapped: nn.Module, steppers: list, value: Tensor, plan: Plan
) -> None:
    """Take one step down the gradient of `value`, clipped."""
    accelerator.backward(value)
    accelerator.clip_grad_norm_(wrapped.parameters(), plan.clip)
    for stepper in steppers:
        stepper.step()
        stepper.zero_grad()


@dataclass
class Held:
    """What a checkpoint holds of a run.

    Attributes:
        model: the net as it is trained.
        optimisers: by the name that their tensors get.
        average: of the weights, if there is one.
        record: other tensors of the run, by name; on resuming those of the file.
    """

    model: nn.Module
    optimisers: Mapping[str, torch.optim.Optimizer]
    average: Average | None = None
    record: Mapping[str, Tensor] = field(default_factory=dict)


def keep(path: str | Path, held: Held, plan: Plan, epoch: int, seconds: float) -> None:
    """Write a checkpoint, whole or not at all."""
    from safetensors.torch import save_file

    tensors = {f"model.{k}": v for k, v in held.model.state_dict().items()}
    tensors |= {f"average.{k}": v for k, v in held.average.values.items()} if held.average else {}
    tensors |= {f"record.{k}": v for k, v in held.record.items()}
    for name, optimiser in held.optimisers.items():
        for i, state in optimiser.state_dict()["state"].items():
            tensors |= {f"{name}.{i}.{k}": v for k, v in state.items()}
    head = {"plan": json.dumps(asdict(plan)), "epoch": str(epoch), "seconds": str(seconds)}
    half = Path(f"{path}.part")
    half.parent.mkdir(parents=True, exist_ok=True)
    save_file({k: v.detach().cpu().contiguous().clone() for k, v in tensors.items()}, half, head)
    os.replace(half, path)


def resume(path: str | Path | None, held: Held, plan: Plan) -> tuple[int, float]:
    """Load a checkpoint, if there is one; return the next epoch and the seconds spent so far."""
    if not path or not Path(path).exists():
        return 0, plan.seconds_before
    from safetensors import safe_open

    with safe_open(path, "pt") as file:
        head = file.metadata()
        tensors = {k: file.get_tensor(k) for k in file.keys()}  # noqa: SIM118 - it is no dict
    if type(plan)(**json.loads(head["plan"])) != plan:
        wanted = json.dumps(asdict(plan))
        raise InputError("choice", field="checkpoint's plan", got=head["plan"], allowed=wanted)
    held.model.load_state_dict(_part(tensors, "model."))
    if held.average:
        for key, value in _part(tensors, "average.").items():
            held.average.values[key].copy_(value)
    held.record = _part(tensors, "record.")
    for name, optimiser in held.optimisers.items():
        state = optimiser.state_dict()
        for key, value in _part(tensors, f"{name}.").items():
            i, part = key.split(".")
            state["state"].setdefault(int(i), {})[part] = value
        optimiser.load_state_dict(state)
    return int(head["epoch"]), float(head["seconds"])


def planned(path: str | Path, kind: type[Plan] = Plan) -> Plan:
    """Return the plan, of this kind, that a checkpoint was made by."""
    from safetensors import safe_open

    with safe_open(path, "pt") as file:
        return kind(**json.loads(file.metadata()["plan"]))


def _part(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {k[len(prefix) :]: v for k, v in tensors.items() if k.startswith(prefix)}


def mix(seed: int, epoch: int, process: int) -> int:
    """Return one seed for three whole numbers: no two epochs or processes of a run share it."""
    return (seed * 1_000_003 + epoch * 1009 + process + 1) % 2**63
