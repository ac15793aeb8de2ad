"""The attention lesson's independent computations: torch's attention, and complex numbers.

See core.check for what a delta is.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from core.check import _largest, _result


def step_delta(trace: dict[str, Any], mask: Any = "none") -> dict:
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
    deltas = [_largest(plain, trace["contexts"])]
    deltas.append(_largest(plain.transpose(0, 1).reshape(T, d) @ wo, trace["output"]))
    output, weights = _torch_heads(got, wo, H, causal, padding)
    deltas += [_largest(output, trace["output"]), _largest(weights, trace["weights"])]
    return _result(deltas, "torch scaled_dot_product_attention, MultiheadAttention")


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


def sinusoidal_delta(table: Any) -> dict:
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
    return _result([_largest(theirs, table)], "torch.polar, cumprod")


def rotary_delta(x: Any, turned: Any) -> dict:
    """Compare `positions.rotate` at 0 … T − 1 with a product of complex numbers."""
    import torch

    x = torch.as_tensor(np.asarray(x, dtype=float))  # (T, d)
    T, d = x.shape
    w = torch.exp(-np.log(1e4) * torch.arange(0, d, 2, dtype=torch.float64) / d)
    angles = torch.outer(torch.arange(T, dtype=torch.float64), w)  # (T, d/2)
    points = torch.view_as_complex(x.reshape(T, d // 2, 2).contiguous())
    theirs = points * torch.polar(torch.ones_like(angles), angles)
    return _result([_largest(torch.view_as_real(theirs).flatten(1), turned)], "torch.polar")


def permuted_delta(made: dict[str, Any]) -> dict:
    """Compare both outputs of `positions.permuted` with torch's attention of their inputs."""
    deltas = [step_delta(made[name])["delta"] for name in ("first", "second")]
    return _result(deltas, "torch scaled_dot_product_attention, MultiheadAttention")
