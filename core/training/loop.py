"""Train nets by one loop, on a CPU, a GPU, or several processes under Accelerate.

    clipping  g ← g · min(1, clip / ‖g‖)
    step      Adam (Kingma & Ba 2015) with decoupled weight decay (Loshchilov & Hutter 2019); with
              plan.muon the net's hidden matrices by Muon (core.training.muon)
    average   θ̄ ← d θ̄ + (1 − d) θ (core.training.checkpoint); θ̄ is what training returns

A step is a row of turns. `fit` takes one turn, of one net; `fit_pair` takes two:

    every batch                    D goes a step down its loss
    every plan.critics-th batch    G goes a step down its loss, then its average moves

Every random draw of an epoch comes from generators that (seed, epoch, process) fix: a run that was
stopped and resumed at an epoch's end goes the way of one that was not. A batch is split over the
processes and their gradients are averaged.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from core.inputs import InputError
from core.training.checkpoint import Average, State, resume, write
from core.training.journal import Journal
from core.training.muon import Muon
from core.training.plan import Duel, Plan

if TYPE_CHECKING:
    from accelerate import Accelerator

Batch = Sequence[Tensor]
Parts = dict[str, Tensor]
Loss = Callable[[Callable[..., Any], Batch, torch.Generator, int], tuple[Tensor, Parts]]
TurnLoss = Callable[[Batch, torch.Generator, int], tuple[Tensor, Parts]]
Optimisers = Mapping[str, tuple[torch.optim.Optimizer, float]]  # each with its largest rate


@dataclass(frozen=True)
class Step:
    """One step: where it stands, its loss and the loss's parts, the rate, the seconds so far.

    Of two nets `loss` is the discriminator's, `rate` the generator's; a part that this step did not
    compute is the last one.
    """

    step: int
    steps: int
    epoch: int
    loss: float
    parts: dict[str, float]
    rate: float
    seconds: float


@dataclass(frozen=True)
class Turn:
    """One net's part of a step.

    Attributes:
        net: whose weights move.
        loss: (batch, generator, step) -> (scalar to lower, parts to report).
        optimisers: by the names that their tensors get in a checkpoint.
        every: it comes at every so-many-th step.
        reduces: whether its backward pass averages the gradients over the processes by itself.
    """

    net: nn.Module
    loss: TurnLoss
    optimisers: Optimisers
    every: int = 1
    reduces: bool = False


def fit(
    model: nn.Module,
    loss: Loss,
    data: Batch,
    plan: Plan,
    checkpoint: str | Path | None = None,
    every: float = 60.0,
    journal: Journal | None = None,
) -> Iterator[Step]:
    """Train `model` in place and yield every step; when it ends the model holds the result.

    Args:
        model: any net; with plan.ema it ends with the averaged weights.
        loss: (model, batch, generator, step) -> (scalar to lower, parts to report).
        data: tensors of one length N; a batch is the same rows of each.
        plan: how to train.
        checkpoint: a file to go on from, if it is there, and to write at an epoch's end.
        every: least seconds from one checkpoint to the next.
        journal: is given every step's parts, and at its moments a copy of the model with the
            averaged weights, in eval mode.

    Raises:
        InputError: the data hold less than one batch, the processes do not divide it, or the
            checkpoint is of another plan.
    """
    accelerator = _accelerator()
    wrapped = accelerator.prepare(model.to(accelerator.device))
    turn = Turn(model, partial(loss, wrapped), optimisers(model, plan), reduces=True)
    yield from _Run(accelerator, model, [turn], "", plan, journal).steps(data, checkpoint, every)


def fit_pair(
    model: nn.Module,
    losses: tuple[TurnLoss, TurnLoss],
    data: Batch,
    plan: Duel,
    checkpoint: str | Path | None = None,
    every: float = 60.0,
    journal: Journal | None = None,
) -> Iterator[Step]:
    """Train model.generator and model.discriminator against each other, and yield every step.

    Args:
        model: a net of these two nets; G ends with its averaged weights, D with its own.
        losses: D's and G's, each (batch, generator, step) -> (scalar to lower, parts).
        data: as of `fit`, like the rest.
        plan: how to train.
        checkpoint: a file.
        every: seconds.
        journal: sees the averaged generator.

    Raises:
        InputError: as `fit`.
    """
    accelerator = _accelerator()
    model = model.to(accelerator.device)
    turns = []
    for name, loss, rate, each in (
        ("discriminator", losses[0], plan.judge_rate, 1),
        ("generator", losses[1], plan.rate, plan.critics),
    ):
        net = model.get_submodule(name)
        adam = _adam(net.parameters(), plan, plan.beta2)
        turns.append(Turn(net, loss, {f"adam-{name}": (adam, rate)}, each))
    run = _Run(accelerator, model, turns, "generator", plan, journal)
    yield from run.steps(data, checkpoint, every)


def optimisers(model: nn.Module, plan: Plan) -> Optimisers:
    """Return Adam, and with plan.muon also Muon for the tensors of `model.hidden()`."""
    hidden: list[nn.Parameter] = list(model.hidden()) if plan.muon else []  # pyright: ignore
    apart = {id(weight) for weight in hidden}
    rest = [weight for weight in model.parameters() if id(weight) not in apart]
    found: dict[str, tuple[torch.optim.Optimizer, float]] = {"adam": (_adam(rest, plan), plan.rate)}
    return found | ({"muon": (Muon(hidden, plan.muon), plan.muon)} if hidden else {})


def _adam(weights: Any, plan: Plan, beta2: float = 0.999) -> torch.optim.Optimizer:
    betas = (plan.beta1, beta2)
    return torch.optim.AdamW(weights, plan.rate, betas, weight_decay=plan.decay, fused=True)


def _accelerator() -> Accelerator:
    from accelerate import Accelerator

    return Accelerator(cpu=not torch.cuda.is_available())


class _Run:
    """Turns over all batches of all epochs, with an average, checkpoints and a journal."""

    def __init__(
        self,
        accelerator: Accelerator,
        model: nn.Module,
        turns: Sequence[Turn],
        averaged: str,
        plan: Plan,
        journal: Journal | None,
    ):
        self.accelerator, self.model, self.turns, self.plan = accelerator, model, turns, plan
        self.averaged, self.net = averaged, model.get_submodule(averaged)
        self.average = Average(self.net, plan.ema) if plan.ema else None
        named = {name: mover for turn in turns for name, (mover, _) in turn.optimisers.items()}
        self.state = State(model, named, self.average)
        self.journal = journal if accelerator.is_main_process else None

    def steps(self, data: Batch, checkpoint: str | Path | None, every: float) -> Iterator[Step]:
        """Train and yield every step; then the model holds the averaged weights, in eval mode."""
        plan, accelerator, device = self.plan, self.accelerator, self.accelerator.device
        an_epoch = epoch_of(data, plan, accelerator)
        count = plan.epochs * an_epoch
        first, before = resume(checkpoint, self.state, plan)
        self._open_journal(count, plan.epochs_before * an_epoch, first)
        data = [part.to(device) for part in data]
        start = saved = time.monotonic()
        parts: dict[str, float] = {}
        self.model.train()
        for epoch in range(first, plan.epochs):
            draw = torch.Generator(device)
            draw.manual_seed(mix(plan.seed, epoch, accelerator.process_index))
            for i, rows in enumerate(shares(plan, epoch, len(data[0]), accelerator)):
                at = epoch * an_epoch + i
                share = plan.share_at(at, count)
                loss, fresh = self._step([part[rows] for part in data], draw, at, share)
                parts |= fresh
                spent = before + time.monotonic() - start
                yield Step(at, count, epoch, loss, dict(parts), plan.rate_at(at, count), spent)
            due = time.monotonic() - saved >= every or epoch == plan.epochs - 1
            if checkpoint and due and accelerator.is_main_process:
                saved = time.monotonic()
                self.state.record = self.journal.tensors() if self.journal else {}
                write(checkpoint, self.state, plan, epoch + 1, before + saved - start)
        accelerator.wait_for_everyone()
        if self.average:
            self.net.load_state_dict(self.average.values)
        self.model.eval()

    def _step(
        self, batch: Batch, draw: torch.Generator, at: int, share: float
    ) -> tuple[float, dict[str, float]]:
        """Let each net take its step if it is due; return the first one's loss, and all parts."""
        due = [turn for turn in self.turns if (at + 1) % turn.every == 0]
        found = [self._take(turn, batch, draw, at, share) for turn in due]
        if self.average and due[-1] is self.turns[-1]:
            self.average.update(self.net, at // due[-1].every)
        parts = {name: value for _, some in found for name, value in some.items()}
        if self.journal:
            self.journal.note(at, parts)
            self._look(at + 1)
        return found[0][0], parts

    def _take(
        self, turn: Turn, batch: Batch, draw: torch.Generator, at: int, share: float
    ) -> tuple[float, dict[str, float]]:
        """Take a step down one net's clipped gradient; return its loss and the loss's parts."""
        kind, half = batch[0].device.type, self.plan.precision == "bf16"
        with torch.autocast(kind, torch.bfloat16, enabled=half):
            value, parts = turn.loss(batch, draw, at)
        value.backward()
        if self.accelerator.num_processes > 1 and not turn.reduces:
            # by hand and not by a wrapper: its hooks expect one forward pass for a backward pass
            for weight in turn.net.parameters():
                if weight.grad is not None:
                    weight.grad = self.accelerator.reduce(weight.grad, "mean")  # pyright: ignore
        torch.nn.utils.clip_grad_norm_(turn.net.parameters(), self.plan.clip)
        for optimiser, largest in turn.optimisers.values():
            for group in optimiser.param_groups:
                group["lr"] = largest * share
            optimiser.step()
        for weight in self.model.parameters():  # of all nets: G's loss leaves gradients in D
            weight.grad = None
        return value.item(), {k: v.item() for k, v in parts.items()}

    def _open_journal(self, steps: int, before: int, first: int) -> None:
        """Begin the journal at epoch `first`, or go on with a checkpoint's."""
        if self.journal:
            self.journal.open(steps, before)
            if self.state.record:
                self.journal.restore(self.state.record)
            if not first:
                self._look(0)

    def _look(self, taken: int) -> None:
        """Let the journal look, if it is due: at a copy, so that training goes on as it would."""
        if self.journal and self.journal.due(taken):
            shown = copy.deepcopy(self.model).eval()
            if self.average:
                shown.get_submodule(self.averaged).load_state_dict(self.average.values)
            self.journal.see(taken, shown)


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


def mix(seed: int, epoch: int, process: int) -> int:
    """Return one seed for three whole numbers: no two epochs or processes of a run share it."""
    return (seed * 1_000_003 + epoch * 1009 + process + 1) % 2**63
