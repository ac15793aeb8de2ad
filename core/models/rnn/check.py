"""The recurrent cells computed once more by torch, in float64 and from the raw inputs.

See core.measure.deltas for what a delta is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from core.measure.deltas import Delta, delta_of, largest

if TYPE_CHECKING:
    from core.models.rnn.rnn_traces import Backward, Film, StateNorms, Task, Trace, Unrolled

NAMES = {"rnn": "RNNCell", "relu": "RNNCell", "lstm": "LSTMCell", "gru": "GRUCell"}
OURS = {"weight_ih": "U", "weight_hh": "W", "bias_ih": "b"}  # torch's names for the plain cells


def rnn_forward_delta(cell: str, params: Mapping, xs: Any, h0: Any, trace: Trace) -> Delta:
    """Compare the states, outputs and probabilities of `cells.forward` with torch's cells."""
    import torch

    tensors = _tensors(params)
    xs = torch.as_tensor(np.asarray(xs, dtype=float))  # (T, D)
    with torch.no_grad():
        theirs, _ = _torch_run(cell, tensors, xs, _torch_state(cell, tensors, h0))
    deltas = [largest(theirs[name], trace[name]) for name in theirs]
    return delta_of(deltas, f"torch.nn.{NAMES[cell]}")


def rnn_backward_delta(
    cell: str,
    params: Mapping,
    xs: Any,
    h0: Any,
    targets: list,
    truncate: int | None,
    trace: Backward,
) -> Delta:
    """Compare the loss and every gradient of `bptt.backward` with automatic differentiation.

    The state is detached every `truncate` steps. Of the states' gradients, h0's and every h_t's
    (for the LSTM c_t's too) are compared.
    """
    import torch

    tensors = {name: t.requires_grad_() for name, t in _tensors(params, biases=True).items()}
    xs = torch.as_tensor(np.asarray(xs, dtype=float))  # (T, D)
    first = [s.requires_grad_() for s in _torch_state(cell, tensors, h0)]
    run, states = _torch_run(cell, tensors, xs, first, truncate)
    said = [t for t, target in enumerate(targets) if target is not None]
    wanted = torch.tensor([targets[t] for t in said], dtype=torch.long)
    loss = torch.nn.functional.cross_entropy(run["o"][said], wanted, reduction="sum")
    leaves = {**tensors, **dict(zip(("h0", "c0"), first))}
    every = [*leaves.values(), *(s for state in states for s in state)]
    grads = torch.autograd.grad(loss, every, allow_unused=True, materialize_grads=True)
    deltas = [largest(loss.detach(), trace["loss"])]
    deltas += [largest(g, trace["grads"][name]) for name, g in zip(leaves, grads)]
    rest = grads[len(leaves) :]  # h_1 (, c_1), h_2 (, c_2), ...
    for k, name in enumerate(("dh", "dc")[: len(first)]):
        deltas.append(largest(torch.cat(rest[k :: len(first)]), trace[name]))
    return delta_of(deltas, "torch.autograd")


def jacobian_delta(
    cell: str, params: Mapping, xs: Any, h0: Any, norms: StateNorms, t: int = 1
) -> Delta:
    """Compare the norm of dh_T/dh_t (for the LSTM dc_T/dc_t too) at one t with a torch Jacobian.

    `h0` is as in `cells.forward`; t counts from 1.
    """
    import torch

    tensors = _tensors(params)
    xs = torch.as_tensor(np.asarray(xs, dtype=float))  # (T, D)
    with torch.no_grad():
        start, _ = _torch_run(cell, tensors, xs[:t], _torch_state(cell, tensors, h0))
    names = ("h", "cell") if cell == "lstm" else ("h",)
    deltas = []
    for k, name in enumerate(names):

        def last(value: Any, k: int = k, name: str = name) -> Any:
            state = [value if j == k else start[n][-1] for j, n in enumerate(names)]
            return _torch_run(cell, tensors, xs[t:], state)[0][name][-1] if len(xs) > t else value

        jacobian = torch.autograd.functional.jacobian(last, start[name][-1])
        theirs = torch.linalg.matrix_norm(torch.as_tensor(jacobian), 2).item()
        ours = float(norms["h" if name == "h" else "c"][t - 1])
        deltas.append(abs(theirs - ours) / max(1.0, theirs))
    return delta_of(deltas, "torch.autograd.functional.jacobian")


def length_delta(
    params: Mapping, xs: Any, max_norm: float | None, found: tuple[float, float]
) -> Delta:
    """Compare the length of the plain cell's last loss's gradient, before and after clipping.

    Args:
        params: of the plain cell.
        xs: (T, D).
        max_norm: what the gradient was clipped to, or None.
        found: its length before and after, where the last step's target is class 0.
    """
    import torch

    tensors = {name: t.requires_grad_() for name, t in _tensors(params).items()}
    xs = torch.as_tensor(np.asarray(xs, dtype=float))  # (T, D)
    run, _ = _torch_run("rnn", tensors, xs, _torch_state("rnn", tensors, None))
    torch.nn.functional.cross_entropy(run["o"][-1], torch.tensor(0)).backward()
    leaves = list(tensors.values())
    most = float("inf") if max_norm is None else max_norm
    before = torch.nn.utils.clip_grad_norm_(leaves, most).item()
    after = torch.stack([t.grad.norm() for t in leaves if t.grad is not None]).norm().item()
    deltas = [abs(a - b) / max(1.0, a) for a, b in zip((before, after), found)]
    return delta_of(deltas, "torch.autograd, clip_grad_norm_")


def training_delta(task: Task, film: Film, rate: float, truncate: int | None, most: int) -> Delta:
    """Compare the losses of `learning.train` with a training by automatic differentiation.

    Adam is written here as Kingma & Ba's section 2 does it "more efficiently", with both
    corrections in the step's size.

    Args:
        task: what was learned.
        film: of the training, its first moment before any update.
        rate: the learning rate.
        truncate: after how many steps the state is detached, or None.
        most: how many losses to compute again.
    """
    import torch

    leaves = [t.requires_grad_() for t in _tensors(film["params"][0]).values()]
    names = list(film["params"][0])
    moments = [(torch.zeros_like(t), torch.zeros_like(t)) for t in leaves]
    losses = []
    for n in range(1, min(most, len(film["losses"])) + 1):
        loss = _task_loss(dict(zip(names, leaves)), task, truncate)
        losses.append(loss.item())
        size = rate * (1 - 0.999**n) ** 0.5 / (1 - 0.9**n)
        epsilon = 1e-8 * (1 - 0.999**n) ** 0.5
        for leaf, g, (m, v) in zip(leaves, torch.autograd.grad(loss, leaves), moments):
            m.lerp_(g, 0.1)
            v.lerp_(g.square(), 0.001)
            leaf.data -= size * m / (v.sqrt() + epsilon)
    ours = film["losses"][: len(losses)]
    return delta_of(
        [largest(torch.tensor(losses, dtype=torch.float64), ours)], "torch.autograd, Adam"
    )


def _task_loss(tensors: dict, task: Task, truncate: int | None) -> Any:
    import torch

    xs = torch.as_tensor(task["xs"])  # (T, B, D)
    h, loss = xs.new_zeros(xs.shape[1], len(tensors["W"])), xs.new_zeros(())  # h (B, H)
    for t, (x, wanted) in enumerate(zip(xs, task["targets"])):
        h = h.detach() if truncate and t and t % truncate == 0 else h
        a = torch.nn.functional.linear(x, tensors["U"], tensors["b"])
        h = torch.tanh(a + torch.nn.functional.linear(h, tensors["W"]))
        if wanted is not None:
            o = torch.nn.functional.linear(h, tensors["V"], tensors["c"])  # (B, O)
            loss = loss + torch.nn.functional.cross_entropy(o, torch.tensor(wanted))
    return loss


def unroll_delta(kind: str, picture: Unrolled) -> Delta:
    """Compare the states and outputs of `sequences.unroll` with torch.nn.RNNCell."""
    import torch

    value = {n["id"]: torch.tensor(n["value"], dtype=torch.float64) for n in picture["nodes"]}
    cells = {part: _tensors(params) for part, params in picture["cells"].items()}
    part = next(iter(cells))
    columns = 1 + max(n["column"] for n in picture["nodes"] if n["part"] == part)
    fed = 1 if kind == "one-to-many" else columns
    xs = torch.stack([value[f"{part}-x{t + 1}"] for t in range(fed)])  # (T, 2)
    with torch.no_grad():
        if kind == "bidirectional":
            theirs = _both_ways(cells, xs)
        elif kind == "one-to-many":
            theirs = _feed_back(part, cells[part], xs[0], torch.zeros_like(xs[0]), 0, columns)
        else:
            theirs = _read(part, cells[part], xs)
        if kind == "encoder-decoder":
            h, zero = theirs[f"encoder-h{columns}"], torch.zeros_like(xs[0])
            theirs |= _feed_back("decoder", cells["decoder"], zero, h, columns, columns)
    deltas = [largest(theirs[name], v) for name, v in value.items() if name in theirs]
    return delta_of(deltas, "torch.nn.RNNCell")


def dilated_delta(xs: Any, weights: Any, dilations: list[int], layers: list) -> Delta:
    """Compare the layers of `sequences.convolve_layers` with torch.nn.functional.conv1d."""
    import torch

    x = torch.as_tensor(np.asarray(xs, dtype=float))[None, None]  # (1, 1, T)
    deltas = []
    for w, d, ours in zip(np.asarray(weights, dtype=float), dilations, layers):
        kernel = torch.as_tensor(w).flip(0)[None, None]  # (1, 1, k), oldest first
        padded = torch.nn.functional.pad(x, ((len(w) - 1) * d, 0))
        x = torch.nn.functional.conv1d(padded, kernel, dilation=d)
        deltas.append(largest(x[0, 0], ours))
    return delta_of(deltas, "torch.nn.functional.conv1d")


def _torch_run(
    cell: str, tensors: dict, xs: Any, state: list, truncate: int | None = None
) -> tuple[dict[str, Any], list]:
    """Unroll a torch cell from [h] or [h, c], detached every `truncate` steps.

    Return h, o, y (and cell), (T, ...), and each step's state as autograd knows it: (1, H), a
    batch of one, because torch.nn.LSTMCell copies c_t on its way out when there is no batch, and
    then h_t would not depend on the c_t that is returned.
    """
    import torch

    H, D = tensors["V"].shape[1], xs.shape[1]
    options = {"nonlinearity": "relu"} if cell == "relu" else {}
    # On "meta" a module has shapes and no values: nothing is drawn from torch's global generator.
    net = getattr(torch.nn, NAMES[cell])(D, H, device="meta", **options)
    weights = {name: torch.zeros(p.shape).double() for name, p in net.named_parameters()}
    weights |= {k: tensors[k] for k in weights if k in tensors}
    weights |= {k: tensors[OURS[k]] for k in weights if OURS.get(k) in tensors}
    states, state = [], [s[None] for s in state]  # each (1, H)
    for t, x in enumerate(xs):
        if truncate and t and t % truncate == 0:
            state = [s.detach() for s in state]
        given = tuple(state) if cell == "lstm" else state[0]
        new = torch.func.functional_call(net, weights, (x[None], given))
        state = list(new) if cell == "lstm" else [new]
        states.append(state)
    h = torch.cat([s[0] for s in states])  # (T, H)
    o = torch.nn.functional.linear(h, tensors["V"], tensors.get("c"))  # (T, O)
    out = {"h": h, "o": o, "y": torch.softmax(o, dim=1)}
    if cell == "lstm":
        out["cell"] = torch.cat([s[1] for s in states])
    return out, states


def _torch_state(cell: str, tensors: dict, h0: Any) -> list:
    import torch

    H = tensors["V"].shape[1]
    given = [(h0 or {}).get("h"), (h0 or {}).get("c")] if cell == "lstm" else [h0]
    return [torch.tensor(np.zeros(H) if s is None else s, dtype=torch.float64) for s in given]


def _read(part: str, tensors: dict, xs: Any) -> dict[str, Any]:
    """Compute the states and outputs over `xs` under the names of a picture's nodes."""
    run, _ = _torch_run("rnn", tensors, xs, _torch_state("rnn", tensors, None))
    return {f"{part}-{k}{t + 1}": run[k][t] for k in "hy" for t in range(len(xs))}


def _feed_back(part: str, tensors: dict, x: Any, h: Any, first: int, steps: int) -> dict[str, Any]:
    """Run a cell that reads its own outputs."""
    out = {}
    for t in range(first, first + steps):
        run, _ = _torch_run("rnn", tensors, x[None], [h])
        out[f"{part}-x{t + 1}"] = x
        x, h = run["y"][0], run["h"][0]
        out |= {f"{part}-h{t + 1}": h, f"{part}-y{t + 1}": x}
    return out


def _both_ways(cells: dict, xs: Any) -> dict[str, Any]:
    """Run two cells that read `xs` from both ends."""
    import torch

    forward, backward = cells["forward"], cells["backward"]
    zero = _torch_state("rnn", forward, None)
    h = _torch_run("rnn", forward, xs, zero)[0]["h"]  # (T, 2)
    g = _torch_run("rnn", backward, xs.flip(0), zero)[0]["h"].flip(0)
    V, c = torch.cat([forward["V"], backward["V"]], dim=1), forward["c"] + backward["c"]
    y = torch.softmax(torch.nn.functional.linear(torch.cat([h, g], dim=1), V, c), dim=1)
    rows = {"forward-h": h, "backward-h": g, "forward-y": y}
    return {f"{name}{t + 1}": row for name, all_t in rows.items() for t, row in enumerate(all_t)}


def _tensors(params: Mapping, biases: bool = False) -> dict[str, Any]:
    import torch

    given = {k: torch.tensor(v, dtype=torch.float64) for k, v in params.items() if v is not None}
    if biases:  # those that were left out are zeros with a gradient
        rows = given["W"].shape[0] if "W" in given else given["weight_hh"].shape[0]
        names = ("b",) if "W" in given else ("bias_ih", "bias_hh")
        sizes = dict.fromkeys(names, rows) | {"c": given["V"].shape[0]}
        zeros = {k: torch.zeros(n, dtype=torch.float64) for k, n in sizes.items()}
        given = {**zeros, **given}
    return given
