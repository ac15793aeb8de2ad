"""Draw digits by our sampler and by diffusers' DDIM pipeline: the same net, weights and steps.

    python -m tests.bench.ddpm --steps 50 --images 64 --threads 2

Rows, in one run, each the best of `--repeats`:
    pipeline             diffusers' DDIMPipeline around our net as it is written, float32
    ours                 our sampler, float32, channels innermost in memory
    ours, bf16           the same under bfloat16 autocast: faster where the processor has it
    … with guidance      w = 2: the pipeline asks the net twice a step, ours once for both
    first 16             seconds until 16 digits at 20 steps are there
    UNet2DModel          for scale: diffusers' own net of about as many parameters, which works at
                         28 x 28; another layout, so no like for like
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from core.data.mnist import _declare_bare_operators
from core.models.ddpm.diffusion import CLASSES, DDPM, Config
from core.weights import load


def pipeline(net: Any, schedule: Any) -> Any:
    """Return diffusers' DDIMPipeline of a net that says ε̂, with our β."""
    _declare_bare_operators()  # diffusers imports torchvision
    from diffusers.pipelines.ddim.pipeline_ddim import DDIMPipeline
    from diffusers.schedulers.scheduling_ddim import DDIMScheduler

    betas = schedule.beta[1:].numpy()
    scheduler = DDIMScheduler(
        schedule.steps, trained_betas=betas, timestep_spacing="trailing", clip_sample=True
    )
    made = DDIMPipeline(net, scheduler)
    made.set_progress_bar_config(disable=True)
    return made


def wrap(model: DDPM, labels: Tensor, guidance: float) -> Any:
    """Return a net as the pipeline wants it: it is called with x_t and t and says ε̂."""
    _declare_bare_operators()
    from diffusers.configuration_utils import ConfigMixin, register_to_config
    from diffusers.models.modeling_utils import ModelMixin
    from diffusers.models.unets.unet_2d import UNet2DOutput

    class Net(ModelMixin, ConfigMixin):
        @register_to_config
        def __init__(self, in_channels: int = 1, sample_size: int = 28):
            super().__init__()
            self.inner = model

        def forward(self, x: Tensor, t: Tensor) -> UNet2DOutput:
            alpha_bar = model.schedule.alpha_bar[int(t) + 1].item()
            eps = model.predict(x, alpha_bar, labels)[0]
            if guidance != 1:
                none = model.predict(x, alpha_bar, None)[0]
                eps = none + guidance * (eps - none)
            return UNet2DOutput(sample=eps)

    return Net()


def stock(parameters: int) -> Any:
    """Return diffusers' own U-Net with about as many parameters."""
    _declare_bare_operators()
    from diffusers.models.unets.unet_2d import UNet2DModel

    best: Any = None
    for width in range(16, 97, 16):
        made = UNet2DModel(
            sample_size=28,
            in_channels=1,
            out_channels=1,
            block_out_channels=(width, 2 * width),
            layers_per_block=1,
            down_block_types=("DownBlock2D", "AttnDownBlock2D"),
            up_block_types=("AttnUpBlock2D", "UpBlock2D"),
            norm_num_groups=8,
        ).eval()
        size = sum(p.numel() for p in made.parameters())
        if best is None or abs(size - parameters) < abs(best[0] - parameters):
            best = (size, made)
    return best[1]


def best_time(draw: Callable[[], Any], repeats: int) -> float:
    """Return the least seconds of some calls, after one that is not counted."""
    draw()
    found = []
    for _ in range(repeats):
        start = time.perf_counter()
        draw()
        found.append(time.perf_counter() - start)
    return min(found)


def main(arguments: Sequence[str] | None = None) -> dict[str, Any]:
    """Print a row a way; return how many times the pipeline's pace each has."""
    found: dict[str, Any] = {}
    parser = argparse.ArgumentParser(prog="python -m tests.bench.ddpm")
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--images", type=int, default=64)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument(
        "--untrained", action="store_true", help="a net of the card's kind, no card"
    )
    given = parser.parse_args(arguments)
    torch.set_num_threads(given.threads)
    shipped: Any = DDPM(Config()).eval() if given.untrained else load("ddpm-mnist")
    plain = (
        DDPM(shipped.config).eval().requires_grad_(False)
    )  # rows of a kernel as torch.nn has them
    plain.load_state_dict(shipped.state_dict())
    ours = DDPM(shipped.config).eval().requires_grad_(False)
    ours.load_state_dict(shipped.state_dict())
    ours.to(memory_format=torch.channels_last)  # pyright: ignore
    n, steps, labels = given.images, given.steps, torch.arange(given.images) % CLASSES
    size = sum(p.numel() for p in plain.parameters())
    print(f"{size} parameters, {n} images, {steps} steps, {given.threads} threads")

    def theirs(net: Any, count: int, many: int) -> Callable[[], Any]:
        pipe = pipeline(net, plain.schedule)

        def call() -> Any:
            return pipe(
                batch_size=count,
                num_inference_steps=many,
                use_clipped_model_output=True,
                output_type="np",
                generator=torch.Generator().manual_seed(0),
            ).images

        return call

    def mine(count: int, many: int, guidance: float, half: bool) -> Callable[[], Any]:
        def call() -> Any:
            with torch.autocast("cpu", torch.bfloat16, enabled=half):
                draw = torch.Generator().manual_seed(0)
                asked = {"labels": labels[:count], "guidance": guidance, "steps": many}
                return ours.sample(count, **asked, generator=draw)

        return call

    far = abs(
        theirs(wrap(plain, labels, 1.0), n, 5)()[..., 0] - mine(n, 5, 1.0, False)()[:, 0].numpy()
    )
    print(f"both draw the same digits: largest difference of a pixel {far.max():.1e}")
    for guidance in (1.0, 2.0):
        base = 0.0
        rows = {
            "pipeline": theirs(wrap(plain, labels, guidance), n, steps),
            "ours": mine(n, steps, guidance, False),
            "ours, bf16": mine(n, steps, guidance, True),
        }
        for name, call in rows.items():
            seconds = best_time(call, given.repeats)
            base = base or seconds
            kind = {"ours": "float32", "ours, bf16": "bfloat16"}.get(name)
            if kind:
                found[kind if guidance == 1 else f"guided_{kind}"] = base / seconds
            more = " with guidance" if guidance != 1 else ""
            rate = f"{n / seconds:8.1f} images a second"
            print(f"{name + more:28} {rate}  {base / seconds:5.2f} times the pipeline", flush=True)
    for name, call in {
        "pipeline": theirs(wrap(plain, labels[:16], 1.0), 16, 20),
        "ours": mine(16, 20, 1.0, False),
        "ours, bf16": mine(16, 20, 1.0, True),
    }.items():
        print(f"first 16, 20 steps, {name:12} {best_time(call, given.repeats):6.2f} s", flush=True)
    net = stock(size)
    seconds = best_time(theirs(net, 16, steps), 1)
    size = sum(p.numel() for p in net.parameters())
    print(f"UNet2DModel, {size} parameters, no label: {16 / seconds:.1f} images a second")
    return found


if __name__ == "__main__":
    main()
