"""View "learn": a kernel learns to give a target, its gradient a convolution by itself."""

from __future__ import annotations

from typing import Any

import numpy as np

from apps.lessons.cnn import models
from apps.lessons.cnn.inputs import Inputs
from apps.lessons.cnn.kernels import KERNELS
from apps.stage import board as b
from apps.stage.contract import Board, Frame, Turn
from core.models.cnn import check
from core.models.cnn.convolution import Lesson, convolve, gradients
from core.models.cnn.convolution import learn as learn_step

STEPS = 50
SHOWN = (0, 1, 2, 3, 5, 8, 12, 20, 30, 50)  # steps that have a frame
START = 0.5  # deviation of the first kernel
PIECE = 128  # pixels of a picture
TOLERANCES = (1e-12, 1e-5)  # of autograd, and of finite differences


def learn(inputs: Inputs) -> Board:
    """Show a kernel's steps: output, error, gradient, one entry of it written out, the loss."""
    image = halve(models.picture(inputs))
    target = convolve(image, KERNELS[inputs.filter])["out"]
    run = steps(image, target, inputs.rate, inputs.seed)
    kernels = [kernel for kernel, _ in run]
    losses = [lesson["loss"] for _, lesson in run]
    at = [k for k in SHOWN if k < len(run)]
    first, lesson = run[0]
    trace = gradients(image, first, lesson["error"])
    deltas = [
        check.gradients_delta(image, first, lesson["error"], trace),
        check.finite_delta(image, first, target, lesson["gradient"]),
    ]
    return {
        "frames": [frame(image, target, run, losses, k, inputs.rate) for k in at],
        "facts": [b.fact(b.word("steepest"), 2 / steepness(image))],
        "checks": [b.delta_check(delta, near) for delta, near in zip(deltas, TOLERANCES)],
        "turn": turn(run[0], inputs.rate),
        "tables": {
            "image": image,
            "target": target,
            "loss": [["step", "L"], *([k, v] for k, v in enumerate(losses))],
            "kernels": {f"step {k}": kernels[k] for k in at},
        },
    }


def halve(image: np.ndarray) -> np.ndarray:
    """Return a picture (28, 28) at half its size, (14, 14)."""
    return image.reshape(14, 2, 14, 2).mean((1, 3))


def steepness(image: np.ndarray) -> float:
    """Return the largest eigenvalue of the loss's second derivative by the kernel."""
    windows = convolve(image, np.ones((3, 3)))["windows"].reshape(-1, 9)
    return float(np.linalg.eigvalsh(windows.T @ windows)[-1])


def steps(
    image: np.ndarray, target: np.ndarray, rate: float, seed: int
) -> list[tuple[np.ndarray, Lesson]]:
    """Return the kernel before each step, and the step; fewer where the loss runs away."""
    kernel = START * np.random.default_rng(seed).standard_normal((3, 3))
    out = []
    for _ in range(STEPS + 1):
        lesson = learn_step(image, kernel, target, rate)
        out.append((kernel, lesson))
        kernel = lesson["kernel"]
        if np.abs(kernel).max() > 1e3:
            break
    return out


def frame(
    image: np.ndarray,
    target: np.ndarray,
    run: list[tuple[np.ndarray, Lesson]],
    losses: list[float],
    k: int,
    rate: float,
) -> Frame:
    """Return one step: picture, kernel, output, target, error; the gradient; the loss."""
    kernel, lesson = run[k]
    span = float(np.abs(target).max())
    error = lesson["error"]
    above = b.row(
        b.raster(b.word("picture_x"), image, role="real", size=PIECE,
                 outlines=[b.outline(0, 0, len(error), len(error[0]), "grad")]),
        b.text("⋆", size="big"),
        numbers(b.word("kernel_name"), kernel),
        b.text("="),
        b.raster(b.word("out_name"), lesson["out"], span=span, size=PIECE),
        b.text("−"),
        b.raster(b.word("target"), target, span=span, size=PIECE),
        b.text("="),
        b.raster(b.word("error"), error, span=span, size=PIECE),
    )  # fmt: skip
    chart = b.chart(
        b.word("loss"),
        [b.series("", losses[: k + 1], "grad")],
        x=b.word("learn_steps"),
        log=True,
        cursor=k,
        x_range=(0, float(max(1, SHOWN[-1]))),
        low=max(1e-4, min(losses)),
        high=max(losses),
        width=260,
        height=170,
    )
    below = b.row(
        numbers(b.word("kernel_gradient"), lesson["gradient"], 1),
        b.column(*entry(kernel, lesson, rate), gap="tight"),
        chart,
        gap="mid",
    )
    facts = [b.fact("L", lesson["loss"]), b.fact(b.word("loss_after"), lesson["loss_after"])]
    return b.frame(b.column(above, below, gap="mid"), b.word("step_n", n=str(k)), facts)


def numbers(label: b.Label, values: np.ndarray, digits: int = 2) -> b.Widget:
    """Return a kernel or its gradient with its numbers."""
    return b.raster(label, values, tall=0.7, digits=digits, size=1)


def entry(kernel: np.ndarray, lesson: Lesson, rate: float) -> list[b.Widget]:
    """Return the first entry of the gradient, and the step of that entry, written out."""
    slope, before = float(lesson["gradient"][0, 0]), float(kernel[0, 0])
    after = float(lesson["kernel"][0, 0])
    sums: list[Any] = ["∂L/∂K₁₁ = Σ G · X₁₁ = ", b.num(slope, "grad")]
    step: list[Any] = ["K₁₁ ← ", *b.paren(before, "hidden"), f" − {rate:g} · ",
                       *b.paren(slope, "grad")]  # fmt: skip
    return [
        b.text(b.word("framed"), size="note"),
        b.lines("", [sums, step]),
        b.lines("", [["    = ", b.num(after, "hidden")]], key="step"),
    ]


def turn(first: tuple[np.ndarray, Lesson], rate: float) -> Turn:
    """Return the exercise: the first entry of the kernel after the first step."""
    after = float(first[1]["kernel"][0, 0])
    return {
        "ask": b.word("turn_learn", eta=f"{rate:g}"),
        "frame": 0,
        "blanks": [b.blank("K₁₁", [after], "hidden", "step")],
    }
