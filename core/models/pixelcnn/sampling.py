"""Sample a PixelCNN: by a pass for every pixel, or by keeping what earlier pixels have computed.

    Passes   for each of S² pixels a pass of the whole net, of which one logit is used
    Cache    at a row's start its v in every block, from the kept rows above; at each pixel its h
             in every block, from the kept h to the left: every unit is computed once

Both draw x_i = 1 where u_i < P(x_i = 1 | earlier), so the same u gives the same image, but for a u
within rounding of P. Caching: Ramachandran et al. 2017, arXiv 1704.06001.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypedDict, cast

import torch
from torch import Tensor, nn

from core.inputs import InputError, integer, number
from core.models.pixelcnn.layers import Block, gate

if TYPE_CHECKING:
    from core.models.pixelcnn.gated import Config, PixelCNN

COLDEST = 1e-6  # a temperature of 0 is taken as this: the likelier value is drawn


class Moment(TypedDict):
    """Sampling after one more row; of pixels that are still to come x and p are 0."""

    row: int  # the row that has just been drawn
    x: Tensor  # (n, 1, S, S)
    p: Tensor  # (n, 1, S, S), P(x_i = 1 | earlier) at the temperature; 0 for given pixels


def multiplications(config: Config) -> int:
    """Return how many multiplications compute every unit of one image's net once.

    By kept units an image takes as many; by a pass for each pixel S² times as many.
    """
    w, f = config.width, config.first
    rows = f * (2 * f + 1) * w  # the vertical stack's, at each place
    rows += len(config.dilations) * (6 * w * 2 * w + 4 * w * w)
    pixels = f * w + len(config.dilations) * (2 * w * 2 * w + w * w) + w * w + w
    return config.side**2 * (rows + pixels)


class Cache:
    """The units of all earlier pixels, kept while images are drawn in reading order.

    Args:
        model: a PixelCNN.
        x: (n, 1, S, S), the images that are being drawn, 0 where they are not yet.
        labels: (n,) of a net with classes.
    """

    def __init__(self, model: PixelCNN, x: Tensor, labels: Tensor | None = None):
        first, n, side = model.first, len(x), x.shape[-1]
        w, f = model.config.width, model.config.first
        self.first, self.f, self.x = first, f, x
        self.blocks = [cast(Block, block) for block in model.blocks]
        self.told = [block.told(labels) for block in self.blocks]
        self.rows = [x.new_zeros(n, w, side + b.d, side + 2 * b.d) for b in self.blocks]  # v
        self.kept = [x.new_zeros(side + b.d, n, w) for b in self.blocks]  # h of this row
        self.place_v, self.place_h = (first.rows + first.columns).chunk(2, 1)  # (1, w, S, S)
        self.seen = x.new_zeros(n, 1, side + f, side + 2 * f)  # x with what is padded around it
        self.left = first.left.weight.flatten(1).t()  # (f, w)
        self.steps = [_matrices(block) for block in self.blocks]
        self.ends = [_matrix(model.mix), _matrix(model.logit)]

    def begin_row(self, i: int) -> None:
        """Compute v of row i in every block, from the rows above; rows come in order."""
        self.i, f, side = i, self.f, self.x.shape[-1]
        self.seen[:, :, f:, f : f + side] = self.x
        v = self.first.above(self.seen[:, :, i : i + f]) + self.place_v[:, :, i : i + 1]
        start = v + self.place_h[:, :, i : i + 1] + _as_map(self.first.left.bias)
        self.start = _by_column(start)  # (S, n, w)
        self.line = self.seen[:, 0, f + i]  # (n, S + 2f): this row of x
        self.down: list[Tensor] = []  # what the h of each block is told, (S, n, 2w)
        for block, rows, (told_v, told_h) in zip(self.blocks, self.rows, self.told):
            d = block.d
            rows[:, :, i + d, d : d + side] = v[:, :, 0]
            seen = block.vertical(rows[:, :, i : i + d + 1])  # (n, 2w, 1, S)
            down = block.down(seen) + _as_map(block.horizontal.bias)
            if told_v is not None and told_h is not None:
                seen, down = seen + told_v, down + told_h
            self.down.append(_by_column(down))
            v = v + gate(seen)

    def logits(self, j: int) -> Tensor:
        """Return the logits (n,) of column j of the row; columns come in order."""
        h = torch.addmm(self.start[j], self.line[:, j : j + len(self.left)], self.left)  # (n, w)
        for block, kept, down, (near, far, out, bias) in zip(
            self.blocks, self.kept, self.down, self.steps
        ):
            kept[j + block.d] = h
            left = torch.addmm(torch.addmm(down[j], h, near), kept[j], far)  # (n, 2w)
            h = h + torch.addmm(bias, gate(left), out)
        (mix, bias), (logit, last) = self.ends
        return torch.addmm(last, torch.addmm(bias, h.relu(), mix).relu(), logit)[:, 0]

    def skip(self, j: int) -> None:
        """Pass over column j, which is given: its units are still kept for the columns after it."""
        self.logits(j)

    def put(self, j: int, values: Tensor) -> None:
        """Set column j of the row to values (n,), for the columns after it."""
        self.x[:, 0, self.i, j] = self.line[:, self.f + j] = values


class Passes:
    """A pass of the whole net for each pixel; methods and arguments as of `Cache`."""

    def __init__(self, model: PixelCNN, x: Tensor, labels: Tensor | None = None):
        self.model, self.x, self.labels = model, x, labels

    def begin_row(self, i: int) -> None:
        """Go on to row i."""
        self.i = i

    def logits(self, j: int) -> Tensor:
        """Return the logits (n,) of column j of the row."""
        return self.model(self.x, self.labels)[:, 0, self.i, j]

    def skip(self, j: int) -> None:
        """Pass over column j, which is given: nothing is kept of it."""

    def put(self, j: int, values: Tensor) -> None:
        """Set column j of the row to values (n,)."""
        self.x[:, 0, self.i, j] = values


def rows_of(
    model: PixelCNN,
    u: Tensor,
    labels: Tensor | None = None,
    temperature: float = 1.0,
    given: Tensor | None = None,
    start: int = 0,
    way: type[Cache] | type[Passes] = Cache,
) -> Iterator[Moment]:
    """Yield the images after each row, drawn by noise u.

    Args:
        model: a PixelCNN.
        u: uniform noise (n, 1, S, S), of one draw a pixel.
        labels: (n,) of a net with classes.
        temperature: logits are divided by it, 0 to 10; at 0 the likelier value is drawn.
        given: (n, 1, S, S) of 0 and 1; its first pixels in reading order stay as they are.
        start: how many of them, 0 to S².
        way: how logits are computed: by kept units, or by a pass for each pixel.
    """
    side = u.shape[-1]
    cold = max(number("temperature", temperature, 0, 10), COLDEST)
    with torch.inference_mode():
        x, p = _start_images(u, given, start), torch.zeros_like(u)
        net = way(model, x, model.check_labels(labels, len(u)))
    for i in range(side):
        with torch.inference_mode():  # not around the yield: the caller's mode is its own
            net.begin_row(i)
            for j in range(side):
                if i * side + j < start:
                    net.skip(j)
                    continue
                p[:, 0, i, j] = torch.sigmoid(net.logits(j) / cold)
                net.put(j, (u[:, 0, i, j] < p[:, 0, i, j]).to(x))
            moment: Moment = {"row": i, "x": x.clone(), "p": p.clone()}
        if (i + 1) * side > start:
            yield moment


def _start_images(u: Tensor, given: Tensor | None, start: int) -> Tensor:
    """Return images (n, 1, S, S) with the first `start` pixels of `given`, and 0 elsewhere.

    Raises:
        InputError: there are none, or they are not as many, or hold other values than 0 and 1.
    """
    pixels = u[0].numel()
    start = integer("start", start, 0, pixels)
    x = torch.zeros_like(u)
    if start and given is None:
        raise InputError("missing", field="given", allowed="given, start")
    if given is None:
        return x
    if given.shape != u.shape:
        raise InputError("shape", field="given", got=tuple(given.shape), allowed=tuple(u.shape))
    first = given.flatten(1)[:, :start].to(x)
    if not ((first == 0) | (first == 1)).all():
        odd = first[(first != 0) & (first != 1)][0].item()
        raise InputError("choice", field="given", got=odd, allowed="0, 1")
    x.flatten(1)[:, :start] = first
    return x


def _matrices(block: Block) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return the horizontal kernel of this place and of d left, (w, 2w), and U (w, w), its bias."""
    far, near = block.horizontal.weight[:, :, 0].permute(2, 1, 0).contiguous()
    return near, far, *_matrix(block.out)


def _matrix(convolution: nn.Conv2d) -> tuple[Tensor, Tensor]:
    """Return the matrix (in, out) and the bias (out,) of a convolution of one pixel."""
    return convolution.weight.flatten(1).t().contiguous(), _bias(convolution)


def _bias(convolution: nn.Conv2d) -> Tensor:
    assert convolution.bias is not None
    return convolution.bias


def _as_map(bias: Tensor | None) -> Tensor:
    assert bias is not None
    return bias.view(1, -1, 1, 1)


def _by_column(row: Tensor) -> Tensor:
    """Return (S, n, C) of a row (n, C, 1, S)."""
    return row[:, :, 0].permute(2, 0, 1).contiguous()
