"""Save and resume a run of training: one safetensors file, no pickle.

    model.<name>   average.<name>   record.<name>   <optimiser>.<weight's number>.<moment>

Its metadata hold the plan, the next epoch and the seconds so far.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn

from core.inputs import InputError
from core.training.plan import Plan


class Average:
    """The running average of a net's weights; non-float tensors are copied.

    θ̄ ← d θ̄ + (1 − d) θ,   d = min(ema, (1 + t) / (10 + t))
    """

    def __init__(self, model: nn.Module, ema: float):
        self.ema = ema
        self.values = {k: v.detach().clone() for k, v in model.state_dict().items()}

    @torch.no_grad()
    def update(self, model: nn.Module, step: int) -> None:
        """Move the average towards the net's weights after step t, counted from 0."""
        d = min(self.ema, (1 + step) / (10 + step))
        for key, value in model.state_dict().items():
            if value.is_floating_point():
                self.values[key].lerp_(value, 1 - d)
            else:
                self.values[key].copy_(value)


@dataclass
class State:
    """The parts of a run that a checkpoint saves.

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


def write(path: str | Path, state: State, plan: Plan, epoch: int, seconds: float) -> None:
    """Write a checkpoint, whole or not at all."""
    from safetensors.torch import save_file

    tensors = {f"model.{k}": v for k, v in state.model.state_dict().items()}
    tensors |= {f"average.{k}": v for k, v in state.average.values.items()} if state.average else {}
    tensors |= {f"record.{k}": v for k, v in state.record.items()}
    for name, optimiser in state.optimisers.items():
        for i, moments in optimiser.state_dict()["state"].items():
            tensors |= {f"{name}.{i}.{k}": v for k, v in moments.items()}
    head = {"plan": json.dumps(asdict(plan)), "epoch": str(epoch), "seconds": str(seconds)}
    half = Path(f"{path}.part")
    half.parent.mkdir(parents=True, exist_ok=True)
    save_file({k: v.detach().cpu().contiguous().clone() for k, v in tensors.items()}, half, head)
    os.replace(half, path)


def resume(path: str | Path | None, state: State, plan: Plan) -> tuple[int, float]:
    """Load a checkpoint, if there is one; return the next epoch and the seconds spent so far.

    Raises:
        InputError: it is of another plan.
    """
    if not path or not Path(path).exists():
        return 0, plan.seconds_before
    from safetensors import safe_open

    with safe_open(path, "pt") as file:
        head = file.metadata()
        tensors = {k: file.get_tensor(k) for k in file.keys()}  # noqa: SIM118 - it is no dict
    if type(plan)(**json.loads(head["plan"])) != plan:
        wanted = json.dumps(asdict(plan))
        raise InputError("choice", field="checkpoint's plan", got=head["plan"], allowed=wanted)
    state.model.load_state_dict(_part(tensors, "model."))
    if state.average:
        for key, value in _part(tensors, "average.").items():
            state.average.values[key].copy_(value)
    state.record = _part(tensors, "record.")
    for name, optimiser in state.optimisers.items():
        moments = optimiser.state_dict()
        for key, value in _part(tensors, f"{name}.").items():
            i, part = key.split(".")
            moments["state"].setdefault(int(i), {})[part] = value
        optimiser.load_state_dict(moments)
    return int(head["epoch"]), float(head["seconds"])


def read_plan(path: str | Path, kind: type[Plan] = Plan) -> Plan:
    """Return the plan, of this kind, that a checkpoint was made by."""
    return kind(**json.loads(_metadata(path)["plan"]))


def read_seconds(path: str | Path) -> float:
    """Return the seconds of training that a checkpoint has behind it."""
    return float(_metadata(path)["seconds"])


def _metadata(path: str | Path) -> dict[str, str]:
    from safetensors import safe_open

    with safe_open(path, "pt") as file:
        return file.metadata()


def _part(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {k[len(prefix) :]: v for k, v in tensors.items() if k.startswith(prefix)}
