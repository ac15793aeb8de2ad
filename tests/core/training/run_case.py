"""What the tests of both loops share: two nets compared, plans that differ, two processes."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from core.inputs import InputError
from tests.conftest import free_port

ROOT = Path(__file__).parents[3]
TWO = """
import sys, torch
from pathlib import Path
from {module} import start
steps = list(start(checkpoint=sys.argv[1])[1])
rank, size = torch.distributed.get_rank(), torch.distributed.get_world_size()
Path(f"{{sys.argv[1]}}.{{rank}}").write_text(f"{{len(steps)}} steps, {{size}} processes", "utf-8")
"""


def same(a: nn.Module, b: nn.Module) -> bool:
    pairs = zip(a.state_dict().values(), b.state_dict().values())
    return all(torch.equal(one, two) for one, two in pairs)


def refuses_another_plan(train: Callable[..., Any], plan: Any, other: Any, file: Path) -> None:
    """A run does not go on from the checkpoint of another plan."""
    train(plan, checkpoint=file)
    with pytest.raises(InputError, match="checkpoint's plan"):
        train(other, checkpoint=file)


def by_two(module: str, folder: Path, steps: int) -> dict[str, torch.Tensor]:
    """Train by two processes what the module's `start` begins; return the checkpoint."""
    from safetensors.torch import load_file

    script, file = folder / "two.py", folder / "run.safetensors"
    script.write_text(TWO.format(module=module), "utf-8")
    port = ["--main_process_port", str(free_port())]
    launch = ["accelerate.commands.launch", "--multi_gpu", "--num_processes", "2", *port]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", *launch, str(script), str(file)],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for rank in (0, 1):  # a file each: two processes' lines on one pipe may run into each other
        said = (folder / f"run.safetensors.{rank}").read_text("utf-8")
        assert said == f"{steps} steps, 2 processes"
    return load_file(file)
