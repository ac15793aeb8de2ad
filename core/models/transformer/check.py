"""The attention lesson's independent computations: torch's attention, and complex numbers.

See core.measure.deltas for what a delta is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from core.measure.deltas import Delta, delta_of, largest

if TYPE_CHECKING:
    from core.models.transformer.attention import Trace
    from core.models.transformer.block import Block, Weights
    from core.models.transformer.positions import Permutation


def step_delta(trace: Trace, mask: Any = "none") -> Delta:
    """Compare `attention_step` with torch's scaled_dot_product_attention and MultiheadAttention.

    Outputs are compared with both, weights with the second's.

    Args:
        trace: what `attention_step` returned.
        mask: as it was given.
    """
    import torch

    got = {k: torch.as_tensor(np.asarray(trace[k], dtype=float)) for k in ("x", "wq", "wk", "wv")}
    x, H = got["x"], int(trace["heads"])
    T, d = x.shape
    wo = torch.as_tensor(np.asarray(trace["wo"])) if "wo" in trace else torch.eye(d).double()
    q, k, v = (
        (x @ got[w]).view(T, H, d // H).transpose(0, 1) for w in ("wq", "wk", "wv")
    )  # (H, T, d_h)
    causal = isinstance(mask, str) and mask == "causal"
    padding = None if isinstance(mask, str) else torch.tensor(list(mask), dtype=torch.bool)
    seen = None if padding is None else (~padding).expand(T, T)
    plain = torch.nn.functional.scaled_dot_product_attention(q, k, v, seen, is_causal=causal)
    deltas = [largest(plain, trace["contexts"])]
    deltas.append(largest(plain.transpose(0, 1).reshape(T, d) @ wo, trace["output"]))
    output, weights = _torch_heads(got, wo, H, causal, padding)
    deltas += [largest(output, trace["output"]), largest(weights, trace["weights"])]
    return delta_of(deltas, "torch scaled_dot_product_attention, MultiheadAttention")


def _torch_heads(got: dict, wo: Any, heads: int, causal: bool, padding: Any) -> tuple[Any, Any]:
    """Return output (T, d) and weights (H, T, T) of torch.nn.MultiheadAttention."""
    import torch

    x = got["x"]
    T, d = x.shape
    # On "meta" a module has shapes and no values: nothing is drawn from torch's global generator.
    net = torch.nn.MultiheadAttention(d, heads, bias=False, device="meta")
    parameters = {
        "in_proj_weight": torch.cat([got[k].T for k in ("wq", "wk", "wv")]),  # torch keeps W^T
        "out_proj.weight": wo.T,
    }
    later = torch.ones(T, T, dtype=torch.bool).triu(1) if causal else None
    options = {"average_attn_weights": False, "attn_mask": later, "key_padding_mask": padding}
    with torch.no_grad():
        return torch.func.functional_call(net, parameters, (x, x, x), options)


def block_delta(
    made: Block, given: Weights, heads: int = 1, residual: bool = True, norm: bool = True
) -> Delta:
    """Compare `block.block_step` with torch's layer norm, attention and, if it is whole, its layer.

    Args:
        made: what it returned.
        given: the block's matrices, as are the next three as they were given.
        heads: of the attention.
        residual: whether results were added.
        norm: whether there were layer norms.
    """
    import torch

    x = torch.as_tensor(np.asarray(made["x"], dtype=float))
    w = {name: torch.as_tensor(array) for name, array in vars(given).items()}
    pairs = _torch_block(x, w, heads, residual, norm)
    deltas = [largest(theirs, made[name]) for name, theirs in pairs.items()]
    against = "torch layer_norm, scaled_dot_product_attention, relu"
    if residual and norm:
        layer = _plain_layer(w, x.shape[1], heads, w["w1"].shape[1])
        deltas.append(largest(layer(x[None])[0], made["output"]))
        against += "; TransformerEncoderLayer"
    return delta_of(deltas, against)


def stack_delta(
    curves: tuple[Sequence[float], Sequence[float]],
    x: np.ndarray,
    blocks: Sequence[Weights],
    heads: int,
    residual: bool,
    norm: bool,
) -> Delta:
    """Compare likeness and size of tokens in a stack with those in a stack of torch's functions.

    Args:
        curves: `block.likeness` and `block.size` before the first block and after each.
        x: the tokens before the first, (T, d).
        blocks: the matrices of each, as are the next three as they were given.
        heads: of the attention.
        residual: whether results were added.
        norm: whether there were layer norms.
    """
    import torch

    rows, pairs = torch.as_tensor(x), ~torch.eye(len(x), dtype=torch.bool)
    alike, sizes = [], []
    for given in (None, *blocks):
        if given is not None:
            w = {name: torch.as_tensor(array) for name, array in vars(given).items()}
            rows = _torch_block(rows, w, heads, residual, norm)["output"]
        cosines = torch.cosine_similarity(rows[:, None], rows[None], dim=-1)
        alike.append(cosines[pairs].mean())
        sizes.append(rows.norm() / rows.numel() ** 0.5)
    theirs = (torch.stack(alike), torch.stack(sizes))
    deltas = [largest(a, b) for a, b in zip(theirs, curves)]
    return delta_of(deltas, "torch layer_norm, scaled_dot_product_attention, cosine_similarity")


def _torch_block(x: Any, w: dict, heads: int, residual: bool, norm: bool) -> dict[str, Any]:
    """Return the parts of a block of tokens x (T, d) by torch's functions."""
    import torch
    from torch.nn import functional as F

    T, d = x.shape
    n = F.layer_norm(x, (d,)) if norm else x
    q, k, v = (F.linear(n, w[i].T).view(T, heads, -1).transpose(0, 1) for i in ("wq", "wk", "wv"))
    o = F.linear(F.scaled_dot_product_attention(q, k, v).transpose(0, 1).flatten(1), w["wo"].T)
    middle = torch.add(x, o) if residual else o
    again = F.layer_norm(middle, (d,)) if norm else middle
    f = F.linear(F.relu(F.linear(again, w["w1"].T)), w["w2"].T)
    out = torch.add(middle, f) if residual else f
    return {"normed": n, "attended": o, "middle": middle, "net": f, "output": out}


def _plain_layer(w: dict, d: int, heads: int, hidden: int) -> Any:
    """Return torch's own pre-norm layer with relu as a function: no biases, norms of scale 1."""
    import torch

    ones = {f"norm{n}.weight": torch.ones(d).double() for n in (1, 2)}
    layer = torch.nn.TransformerEncoderLayer(
        d, heads, hidden, 0.0, "relu", batch_first=True, norm_first=True, bias=False, device="meta"
    ).eval()
    given = {
        **ones,
        "self_attn.in_proj_weight": torch.cat([w[i].T for i in ("wq", "wk", "wv")]),
        "self_attn.out_proj.weight": w["wo"].T,
        "linear1.weight": w["w1"].T,
        "linear2.weight": w["w2"].T,
    }
    return lambda x: torch.func.functional_call(layer, given, (x,))


def sinusoidal_delta(table: Any) -> Delta:
    """Compare `positions.sinusoidal` with powers of complex numbers: p_{2i+1} + i p_{2i} = z_i^t.

    z_i = e^(i ω_i) is multiplied by itself t times.
    """
    import torch

    table = torch.as_tensor(np.asarray(table, dtype=float))  # (T, d)
    T, d = table.shape
    w = torch.exp(-np.log(1e4) * torch.arange(0, d, 2, dtype=torch.float64) / d)
    z = torch.polar(torch.ones_like(w), w).expand(T - 1, -1)
    powers = torch.cat([torch.ones(1, d // 2, dtype=z.dtype), z.cumprod(0)])  # (T, d/2)
    theirs = torch.stack([powers.imag, powers.real], dim=-1).flatten(1)
    return delta_of([largest(theirs, table)], "torch.polar, cumprod")


def rotary_delta(x: Any, turned: Any) -> Delta:
    """Compare `positions.rotate` at 0 … T − 1 with a product of complex numbers."""
    import torch

    x = torch.as_tensor(np.asarray(x, dtype=float))  # (T, d)
    T, d = x.shape
    w = torch.exp(-np.log(1e4) * torch.arange(0, d, 2, dtype=torch.float64) / d)
    angles = torch.outer(torch.arange(T, dtype=torch.float64), w)  # (T, d/2)
    points = torch.view_as_complex(x.reshape(T, d // 2, 2).contiguous())
    theirs = points * torch.polar(torch.ones_like(angles), angles)
    return delta_of([largest(torch.view_as_real(theirs).flatten(1), turned)], "torch.polar")


def permute_delta(found: Permutation) -> Delta:
    """Compare both outputs of `positions.permute` with torch's attention of their inputs."""
    deltas = [step_delta(found["first"])["delta"], step_delta(found["second"])["delta"]]
    return delta_of(deltas, "torch scaled_dot_product_attention, MultiheadAttention")
