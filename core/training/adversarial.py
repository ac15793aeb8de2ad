"""Training of two nets against each other: the loop of core.training.loop with two optimisers.

    each batch               D goes a step down its loss
    every `critics`-th one   G goes a step down its loss, then its average moves
    both                     Adam (Kingma & Ba 2015) with β₁, β₂ of the plan; rate as in `Plan`

G ends with its averaged weights, D with its own. Draws, shuffling, sharing a batch over processes
and checkpoints are core.training.loop's: stopped and resumed equals uninterrupted.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from core.inputs import integer, number
from core.training.journal import Journal
from core.training.loop import Average, Batch, Held, Plan, Step, epoch_of, keep, mix, resume, shares

if TYPE_CHECKING:
    from accelerate import Accelerator

Turn = Callable[[Batch, torch.Generator, int], tuple[Tensor, dict[str, Tensor]]]


@dataclass(frozen=True)
class Duel(Plan):
    """How to train two nets; `rate` and `ema` are the generator's.

    Attributes:
        judge_rate: largest learning rate of the discriminator.
        critics: steps of the discriminator for one of the generator.
        beta1: Adam's, of both.
        beta2: Adam's, of both.
    """

    judge_rate: float = 1e-3
    critics: int = 1
    beta1: float = 0.5
    beta2: float = 0.99

    def __post_init__(self):
        super().__post_init__()
        number("judge_rate", self.judge_rate, 0, 10)
        integer("critics", self.critics, 1, 100)
        number("beta1", self.beta1, 0, 0.9999)
        number("beta2", self.beta2, 0, 0.9999)


def fit(
    model: nn.Module,
    turns: tuple[Turn, Turn],
    data: Batch,
    plan: Duel,
    checkpoint: str | Path | None = None,
    every: float = 60.0,
    journal: Journal | None = None,
) -> Iterator[Step]:
    """Train model.generator and model.discriminator in place and yield every step.

    Args:
        model: a net of these two nets.
        turns: D's loss and G's, each (batch, generator, step) -> (scalar to lower, parts).
        data: tensors of one length N; a batch is the same rows of each.
        plan: how to train.
        checkpoint: a file to go on from, if it is there, and to write at an epoch's end.
        every: least seconds from one checkpoint to the next.
        journal: is given every step's parts, and at its moments a copy of the model with the
            averaged generator, in eval mode.

    Raises:
        InputError: as core.training.loop.fit.
    """
    from accelerate import Accelerator

    accelerator = Accelerator(cpu=not torch.cuda.is_available())
    device, an_epoch = accelerator.device, epoch_of(data, plan, accelerator)
    sides = _sides(model.to(device), turns, plan)
    average = Average(sides[1].net, plan.ema) if plan.ema else None
    held = Held(model, {side.name: side.adam for side in sides}, average)
    first, before = resume(checkpoint, held, plan)
    pages = _Pages(journal if accelerator.is_main_process else None, model, average)
    pages.open(plan, an_epoch, held.record, first)
    data = [part.to(device) for part in data]
    start = saved = time.monotonic()
    parts: dict[str, float] = {}
    for epoch in range(first, plan.epochs):
        draw = torch.Generator(device).manual_seed(mix(plan.seed, epoch, accelerator.process_index))
        for i, rows in enumerate(shares(plan, epoch, len(data[0]), accelerator)):
            at, steps = epoch * an_epoch + i, plan.epochs * an_epoch
            fresh: dict[str, float] = {}
            due = sides if (at + 1) % plan.critics == 0 else sides[:1]
            for side in due:
                side.set_rate(plan.rate_at(at, steps))
                with torch.autocast(device.type, torch.bfloat16, enabled=plan.precision == "bf16"):
                    value, found = side.turn([part[rows] for part in data], draw, at)
                _descend(accelerator, model, side, value, plan.clip)
                fresh |= {k: v.item() for k, v in found.items()}
            if average and len(due) == 2:
                average.update(sides[1].net, at // plan.critics)
            parts |= fresh
            pages.note(at, fresh)
            spent = before + time.monotonic() - start
            yield Step(at, steps, epoch, parts["D"], dict(parts), plan.rate_at(at, steps), spent)
        due = time.monotonic() - saved >= every or epoch == plan.epochs - 1
        if checkpoint and due and accelerator.is_main_process:
            saved = time.monotonic()
            held.record = pages.tensors()
            keep(checkpoint, held, plan, epoch + 1, before + saved - start)
    accelerator.wait_for_everyone()
    if average:
        sides[1].net.load_state_dict(average.values)
    model.eval()


@dataclass
class _Side:
    """One of the two nets, its optimiser and its loss; `share` of the plan's rate is its own."""

    name: str
    net: nn.Module
    adam: torch.optim.Optimizer
    turn: Turn
    share: float

    def set_rate(self, rate: float) -> None:
        for group in self.adam.param_groups:
            group["lr"] = self.share * rate


def _sides(model: nn.Module, turns: tuple[Turn, Turn], plan: Duel) -> list[_Side]:
    """Return D's side and G's."""
    shares_of = (("discriminator", plan.judge_rate / plan.rate), ("generator", 1.0))
    out = []
    for (name, share), turn in zip(shares_of, turns):
        net = getattr(model, name)
        adam = torch.optim.AdamW(
            net.parameters(),
            plan.rate,
            betas=(plan.beta1, plan.beta2),
            weight_decay=plan.decay,
            fused=True,
        )
        out.append(_Side(f"adam-{name}", net, adam, turn, share))
    return out


def _descend(
    accelerator: Accelerator, model: nn.Module, side: _Side, value: Tensor, clip: float
) -> None:
    """Take one side's step, its gradients averaged over the processes; none stay behind."""
    value.backward()
    if accelerator.num_processes > 1:
        # by hand and not by a wrapper: its hooks expect one forward pass for a backward pass
        for parameter in side.net.parameters():
            if parameter.grad is not None:
                parameter.grad = accelerator.reduce(parameter.grad, "mean")  # pyright: ignore
    torch.nn.utils.clip_grad_norm_(side.net.parameters(), clip)
    side.adam.step()
    for parameter in model.parameters():
        parameter.grad = None


class _Pages:
    """The journal, if this process keeps one, and the model as it is shown to it."""

    def __init__(self, journal: Journal | None, model: nn.Module, average: Average | None):
        self.journal, self.model, self.average = journal, model, average

    def open(self, plan: Plan, an_epoch: int, record: Mapping[str, Tensor], first: int) -> None:
        if self.journal:
            self.journal.open(plan.epochs * an_epoch, plan.epochs_before * an_epoch)
            if record:
                self.journal.restore(record)
            if not first:
                self._see(0)
        self.model.train()

    def note(self, step: int, parts: Mapping[str, float]) -> None:
        if self.journal:
            self.journal.note(step, parts)
            self._see(step + 1)

    def tensors(self) -> dict[str, Tensor]:
        return self.journal.tensors() if self.journal else {}

    def _see(self, taken: int) -> None:
        """Let the journal look, if it is due: at a copy, so that training goes on as it would."""
        if self.journal and self.journal.due(taken):
            shown = copy.deepcopy(self.model).eval()
            if self.average:
                shown.get_submodule("generator").load_state_dict(self.average.values)
            self.journal.see(taken, shown)
