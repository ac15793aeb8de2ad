"""View "masks": a mask on the first layer, what it lets through, and what the loss makes of it."""

from __future__ import annotations

import numpy as np

from apps.lessons.pixelcnn.inputs import Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Frame, Turn
from core.models.pixelcnn import by_hand, check

EXACT = 1e-12
SIDE = by_hand.SIDE
WINDOW = 7  # of the exercise


def masks(inputs: Inputs) -> Board:
    """Show a pixel's window under the mask, pixel by pixel, then the loss over all 512 images."""
    mask, kernel, bias, x = (
        inputs.chosen_mask,
        inputs.kernel,
        inputs.bias,
        inputs.small_image,
    )
    one = by_hand.image(x, kernel, bias, mask)
    every = by_hand.all_images(kernel, bias, mask)
    pixels = [pixel_frame(inputs, one, i) for i in range(SIDE * SIDE)]
    return {
        "frames": [*pixels, loss_frame(inputs, one, every)],
        "facts": [
            b.fact(b.word("leaks_cells"), f"{int(one['leaks'].sum())}"),
            b.fact(b.word("leaks_flips"), "{} / {}".format(*flips(inputs))),
        ],
        "checks": [
            b.delta_check(check.image_delta(x, kernel, bias, one), EXACT),
            b.delta_check(check.all_images_delta(kernel, bias, mask, every), EXACT),
        ],
        "values": {"small": inputs.small, "mask": mask_text(mask), "kernel": kernel},
        "pins": {"mask": {"kind": "own"}},
        "turn": turn(),
        "tables": {
            "mask": np.array(mask),
            "p_one": one["p_one"],
            "nats": one["nats"],
            "totals": [
                ["sum", "entropy", "loss"],
                [every[k] for k in ("total", "entropy", "loss")],
            ],
        },
    }


def mask_text(mask: list[list[int]]) -> str:
    """Return a mask as the page draws it."""
    return "".join(str(v) for row in mask for v in row)


def flips(inputs: Inputs) -> tuple[int, int]:
    """Return how many pairs of a pixel and itself or a later one leak, and of how many: flipping
    the second changes P of the first.
    """
    x = np.array(inputs.small_image)
    settings = (inputs.kernel, inputs.bias, inputs.chosen_mask)
    before = by_hand.image(x, *settings)["p_one"].ravel()
    leaked = 0
    for j in range(SIDE * SIDE):
        other = x.copy()
        other.flat[j] ^= 1
        after = by_hand.image(other, *settings)["p_one"].ravel()
        leaked += int((before[: j + 1] != after[: j + 1]).sum())
    return leaked, SIDE * SIDE * (SIDE * SIDE + 1) // 2


def grids(inputs: Inputs, at: int | None) -> list[b.Widget]:
    """Return the image, the mask and the kernel under it; all of them may be changed."""
    spins = np.array([int(c) * 2 - 1 for c in inputs.small])
    image = b.cells(
        b.word("small"), spins, (SIDE, SIDE), size=46, edit="small", role="real", flip=at
    )
    bits = np.array(inputs.chosen_mask).ravel()
    mask = b.cells(
        b.word("mask_of_first"), bits * 2 - 1, (SIDE, SIDE), size=46, edit="mask", role="ink",
        flip=np.flatnonzero(by_hand.leaks(inputs.chosen_mask)).tolist(),
    )  # fmt: skip
    kernel = b.matrix(b.word("kernel"), np.array(inputs.kernel), "hidden", edit="kernel")
    return [image, mask, kernel]


def pixel_frame(inputs: Inputs, trace: by_hand.Image, i: int) -> Frame:
    """Return pixel i's window times mask times kernel, its probability and what it costs."""
    row, column = divmod(i, SIDE)
    bits = np.array(inputs.chosen_mask)
    kernel = np.array(inputs.kernel, dtype=float)
    seen = [(u, v) for u, v in np.argwhere(bits == 1).tolist()]
    x = trace["windows"][i]
    logit, p, cost = (float(trace[k][row, column]) for k in ("logits", "p_one", "nats"))
    said: list = ["logit = ", b.num(inputs.bias)]
    for u, v in seen:
        said += [" + ", *b.paren(kernel[u, v], "hidden"), "·", b.num(x[u, v], "real")]
    own = inputs.small_image[row][column]
    lines = [
        [*said, " = ", b.num(logit, "ink")],
        ["P(x = 1) = σ(logit) = ", b.num(p, "made")],
        [b.word("costs", own=str(own)), b.num(cost, "grad"), " nat"],
    ]
    view = b.column(
        b.row(*grids(inputs, i), gap="wide"), b.lines("", lines), *leak_note(trace), gap="mid"
    )
    return b.frame(view, b.word("pixel_n", row=str(row + 1), column=str(column + 1)))


def leak_note(trace: by_hand.Image) -> list[b.Widget]:
    """Return what the mask lets through that it must not, if anything."""
    if not trace["leaks"].any():
        return []
    key = "leak_own" if trace["leaks"][1, 1] else "leak_later"
    return [b.text(b.word(key), "grad", "note")]


def loss_frame(inputs: Inputs, one: by_hand.Image, every: by_hand.AllImages) -> Frame:
    """Return the loss over all images beside the entropy, and what the probabilities add up to."""
    high = float(np.ceil(max(every["loss"], every["entropy"]) + 0.5))
    bars = b.bars(
        b.word("loss_bars"),
        [
            {"label": b.word("entropy"), "v": every["entropy"], "role": "real"},
            {"label": b.word("loss"), "v": every["loss"], "role": "grad"},
        ],
        low=0,
        high=high,
        digits=4,
    )
    said = b.lines("", [[b.word("mass"), " = ", b.num(every["total"], "made")]])
    right = b.column(bars, said, *leak_note(one), gap="mid")
    view = b.column(b.row(*grids(inputs, None), gap="wide"), right, gap="mid")
    return b.frame(view, b.word("all_512"))


def turn() -> Turn:
    """Return the exercise: how many weights of a larger window each mask keeps."""
    counts = [int(by_hand.mask_of(kind, WINDOW).sum()) for kind in "AB"]
    return {
        "ask": b.word("turn_mask", n=str(WINDOW)),
        "blanks": [
            b.blank(b.word("mask_name", kind=kind), [count], "ink", "")
            for kind, count in zip("AB", counts)
        ],
    }
