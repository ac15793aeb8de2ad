"""Run a recipe: the command line, the training, and the card at its end.

    python -m weights.recipes.vae --card vae-mnist               train, measure, write file and card
    … --resume        go on from the checkpoint, else from the shipped weights
    … --measure       no training: measure the shipped weights again and rewrite the card
    … --preset laptop a shorter plan: minutes, and less quality
    … --smoke         a plan of seconds, for the test
    accelerate launch --multi_gpu --num_processes 2 --module weights.recipes.vae --card …

The last line starts two processes on a CPU too, where there is no GPU (over gloo); Accelerate's own
--cpu would start one, whatever --num_processes says, unless mpirun is there.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from core.data.mnist import LICENCE, SOURCE, mnist
from core.training.checkpoint import read_plan, read_seconds
from core.training.journal import MOMENTS, Journal, Look, read_journal
from core.training.loop import Step, fit
from core.training.plan import Plan
from core.weights.card import FOLDER, Card, Dataset, Metric, Training, cards, save
from core.weights.loading import read_model

Metrics = dict[str, Metric]
DATASET: Dataset = {"name": "MNIST", "licence": LICENCE, "source": SOURCE}
SMOKE = {"epochs": 2, "batch": 32, "warm": 2}


@dataclass(frozen=True)
class Job:
    """One card's training.

    Attributes:
        build: config -> untrained model.
        config: of the model.
        plan: the full plan.
        laptop: what the laptop preset changes of it.
        loss: (model, whether it starts from trained weights) -> a loss as `fit` takes it.
        measure: (model, data, whether to be quick, folder of the cards, command) -> metrics.
        finish: (model, training images): what is set after training, if anything.
        dtype: how the file stores the weights.
        fit: the loop; `loss` and `plan` are of its kind.
        look: (data, folder of the cards, whether to be quick) -> what a journal of the training
            keeps of its moments; the journal ships as <card>-training.safetensors.
        moments: how many moments at most.
        even: whether they lie equally far apart; else each a share later than the one before.
        begin: (model, data): what is set before training, if anything.
        load: folder -> data, where they are not MNIST.
        dataset: name, licence and source of the data.
        smoke: what a plan of seconds changes of the full one.
        channels_last: whether the model's maps lie innermost in memory: faster on a CPU.
    """

    build: Callable[[Any], nn.Module]
    config: Any
    plan: Plan
    laptop: Mapping[str, Any]
    loss: Callable[[Any, bool], Any]
    measure: Callable[[nn.Module, Data, bool, Path, str], Metrics]
    finish: Callable[[nn.Module, Tensor], None] | None = None
    dtype: str = "float16"
    fit: Callable[..., Iterator[Step]] = fit
    look: Callable[[Data, Path, bool], Look] | None = None
    moments: int = MOMENTS
    even: bool = False
    begin: Callable[[nn.Module, Data], None] | None = None
    load: Callable[[str], Data] | None = None
    dataset: Dataset = field(default_factory=lambda: DATASET)
    smoke: Mapping[str, Any] = field(default_factory=lambda: SMOKE)
    channels_last: bool = False


@dataclass(frozen=True)
class Data:
    """MNIST: uint8 images (N, 1, 28, 28) and labels (N,), to train on and to test on; or points."""

    images: Tensor
    labels: Tensor
    test_images: Tensor
    test_labels: Tensor


def arguments(family: str, names: list[str], given: list[str] | None = None) -> argparse.Namespace:
    """Return the command line's choices."""
    parser = argparse.ArgumentParser(prog=f"python -m weights.recipes.{family}")
    parser.add_argument("--card", required=True, choices=names)
    parser.add_argument(
        "--data", default="data", help="folder of MNIST; what is missing is fetched"
    )
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder of the file and its card")
    parser.add_argument("--checkpoints", type=Path, default=Path("build/checkpoints"))
    parser.add_argument("--preset", choices=["full", "laptop"], default="full")
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--rates", type=float, help="multiply the plan's learning rates by this")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--precision", choices=["fp32", "bf16"])
    parser.add_argument("--threads", type=int, help="of torch on a CPU")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--resume", action="store_true")
    how.add_argument("--measure", action="store_true")
    parser.add_argument("--smoke", action="store_true")
    return choices(parser, given)


def study_parser(name: str) -> argparse.ArgumentParser:
    """Return what every study of several trainings or samplings may be told."""
    parser = argparse.ArgumentParser(prog=f"python -m weights.recipes.{name}")
    parser.add_argument("--data", default="data", help="folder of MNIST, downloaded if empty")
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder of the cards")
    parser.add_argument("--threads", type=int, help="of torch on a CPU")
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--smoke", action="store_true", help="few samples, for the test")
    return parser


def choices(parser: argparse.ArgumentParser, given: list[str] | None) -> argparse.Namespace:
    """Return what was chosen; refuse to overwrite what ships, and set torch's threads."""
    chosen = parser.parse_args(given)
    keep_shipped(parser, chosen)
    if chosen.threads:
        torch.set_num_threads(chosen.threads)
    return chosen


def keep_shipped(parser: argparse.ArgumentParser, chosen: argparse.Namespace) -> None:
    """Refuse a plan of seconds that would overwrite what ships."""
    if chosen.smoke and FOLDER in (chosen.out.resolve(), chosen.out.resolve().parent):
        parser.error("--smoke writes weights of seconds: say with --out where, not into weights/")


def run(family: str, jobs: Mapping[str, Job], given: list[str] | None = None) -> Card | None:
    """Train and measure the card named on the command line; return the written card."""
    chosen = arguments(family, list(jobs), given)
    job = jobs[chosen.card]
    data = (job.load or load)(chosen.data)
    torch.manual_seed(chosen.seed)  # of the first weights: torch.nn takes no generator
    model = job.build(job.config)
    if job.channels_last:
        model.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
    plan, checkpoint = prepare(job, model, chosen)
    if chosen.measure:
        training = cards(chosen.out)[chosen.card].training
        return write(family, job, model, data, plan, training, chosen)
    journal = open_journal(job, data, plan, chosen)
    training = train(job, model, data, plan, checkpoint, journal)
    if int(os.environ.get("RANK", 0)):
        return None  # of several processes the first measures and writes
    card = write(family, job, model, data, plan, training, chosen)
    if journal:
        journal.write(journal_file(chosen), sha256=card.sha256, recipe=card.recipe)
    checkpoint.unlink(missing_ok=True)  # from now on --resume goes on from the file
    return card


def journal_file(chosen: argparse.Namespace) -> Path:
    """Return where the record of a card's training is written."""
    return chosen.out / f"{chosen.card}-training.safetensors"


def open_journal(job: Job, data: Data, plan: Plan, chosen: argparse.Namespace) -> Journal | None:
    """Return the record of a job that keeps one; it goes on where the weights' own ends."""
    if not job.look or int(os.environ.get("RANK", 0)):
        return None
    journal = Journal(job.look(data, chosen.out, chosen.smoke), job.moments, job.even)
    if plan.epochs_before and journal_file(chosen).exists():
        journal.restore(read_journal(journal_file(chosen)))
    return journal


def train(
    job: Job, model: nn.Module, data: Data, plan: Plan, checkpoint: Path, journal: Journal | None
) -> Training:
    """Train, printing progress; return the card's training entry."""
    quiet = int(os.environ.get("RANK", 0)) > 0
    if not quiet:
        print(f"{checkpoint.stem}: {plan} on {machine()}", flush=True)
    last = None
    if job.begin and not plan.epochs_before:
        job.begin(model, data)
    loss = job.loss(model, plan.epochs_before > 0)
    more = {"journal": journal} if journal else {}
    for last in job.fit(model, loss, (data.images, data.labels), plan, checkpoint, **more):
        if not quiet:
            show(last, plan)
    model.to("cpu")
    if job.finish:
        job.finish(model, data.images)
    minutes = (last.seconds if last else read_seconds(checkpoint)) / 60
    epochs = plan.epochs_before + plan.epochs
    return {"machine": machine(), "minutes": round(minutes, 2), "epochs": epochs}


def write(
    family: str,
    job: Job,
    model: nn.Module,
    data: Data,
    plan: Plan,
    training: Training,
    chosen: argparse.Namespace,
) -> Card:
    """Measure a trained model as its file will hold it, and write file and card."""
    old = cards(chosen.out).get(chosen.card)
    words = {"--card": chosen.card, "--preset": chosen.preset, "--epochs": chosen.epochs}
    words |= {"--rates": chosen.rates, "--seed": chosen.seed or None}
    words |= {"--precision": chosen.precision}
    words |= {"--preset": None} if chosen.preset == "full" else {}
    flags = "".join(f" {k} {v}" for k, v in words.items() if v is not None)
    recipe = f"python -m weights.recipes.{family}{flags}"
    if old and plan.epochs_before:  # it went on from that file
        recipe = old.recipe if chosen.measure else f"{old.recipe}; then {recipe} --resume"
    command = f"python -m weights.recipes.{family} --card {chosen.card} --measure"
    for parameter in model.state_dict().values():  # what the file keeps is what is measured
        if parameter.is_floating_point():
            parameter.copy_(parameter.to(getattr(torch, job.dtype)))
    model.eval().requires_grad_(False).to("cpu")
    metrics = job.measure(model, data, chosen.smoke, chosen.out, command)
    card = save(
        chosen.card,
        model,
        config=dataclasses.asdict(job.config),
        dataset=job.dataset,
        recipe=recipe,
        seed=old.seed if old and chosen.measure else plan.seed,
        training=training,
        metrics=metrics,
        dtype=job.dtype,
        folder=chosen.out,
    )
    for name, metric in metrics.items():
        print(f"{name:24} {metric['value']:10.4f}  {metric['how']}", flush=True)
    return card


def prepare(job: Job, model: nn.Module, chosen: argparse.Namespace) -> tuple[Plan, Path]:
    """Return the plan and the checkpoint; with --resume or --measure load the shipped weights."""
    given = {"seed": chosen.seed, "epochs": chosen.epochs, "precision": chosen.precision}
    changes = dict(job.laptop) if chosen.preset == "laptop" else {}
    changes |= job.smoke if chosen.smoke else {}
    plan = replace(job.plan, **changes | {k: v for k, v in given.items() if v is not None})
    if chosen.rates is not None:
        names = [k for k in vars(plan) if k.endswith("rate") or k == "muon"]
        plan = replace(plan, **{k: getattr(plan, k) * chosen.rates for k in names})
    checkpoint = chosen.checkpoints / f"{chosen.card}.safetensors"
    if chosen.resume and checkpoint.exists():
        return read_plan(checkpoint, type(job.plan)), checkpoint
    if chosen.resume or chosen.measure:
        card = cards(chosen.out)[chosen.card]
        model.load_state_dict(load_shipped(chosen.card, chosen.out).state_dict())
        before = card.training["minutes"] * 60
        plan = replace(plan, epochs_before=card.training["epochs"], seconds_before=before)
    if not chosen.measure:
        checkpoint.unlink(missing_ok=True)
    return plan, checkpoint


def load_shipped(name: str, folder: Path) -> nn.Module:
    """Return the trained model of a card as its file in `folder` holds it."""
    return read_model(cards(folder)[name], folder)


def load(root: str) -> Data:
    """Return MNIST."""
    return Data(*mnist(root, train=True), *mnist(root, train=False))


def show(step: Step, plan: Plan) -> None:
    """Print one line that stays in its place on a terminal, or a line an epoch in a log."""
    ends = step.step == step.steps - 1
    live = sys.stderr.isatty()
    if not ends and (step.step % 20 if live else (step.step + 1) % (step.steps // plan.epochs)):
        return
    parts = "  ".join(f"{k} {v:.3f}" for k, v in step.parts.items())
    bar = f"{100 * (step.step + 1) // step.steps:3d} %  epoch {step.epoch + 1}"
    here = step.seconds - plan.seconds_before
    left = here / (step.step + 1) * (step.steps - step.step - 1)
    line = f"{bar}  loss {step.loss:.3f}  {parts}  {step.seconds:.0f} s, {left:.0f} s to go"
    print(line, end="\r" if live and not ends else "\n", file=sys.stderr, flush=True)


def machine() -> str:
    """Describe the training hardware in words."""
    many = int(os.environ.get("WORLD_SIZE", 1))
    if torch.cuda.is_available():
        return f"{many} x {torch.cuda.get_device_name()}"
    return f"{os.cpu_count()} CPU cores" + (f", {many} processes" if many > 1 else "")
