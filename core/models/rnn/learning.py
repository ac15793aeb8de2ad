"""Train the plain cell on a whole task at once, with Adam, and keep a film of it.

    L = (1/B) Σ over sequences b and steps t with a target of −log softmax(o_t)[target]   in nats
    gradients by the recurrences of core.models.rnn.bptt, for B sequences together
    Adam (Kingma & Ba 2015): m ← β₁ m + (1−β₁) g,  v ← β₂ v + (1−β₂) g²,
                             θ ← θ − rate · m̂ / (√v̂ + ε),  m̂ = m / (1−β₁ⁿ),  v̂ = v / (1−β₂ⁿ)

Tasks: "hello" (one sequence, hell -> ello, a target at each step) and the copy task (every symbol
once, its name due at the last step only). Truncation is that of bptt: the state's value passes from
piece to piece, its gradient does not.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from core.inputs import integer, number
from core.models.rnn import bptt, cells, presets
from core.models.rnn.rnn_traces import Film, Params, Task

BETAS, EPSILON = (0.9, 0.999), 1e-8  # Adam's usual ones
MOST_UPDATES = 500
MOST_HIDDEN = 16
RATES = (0.001, 0.1)
SPREAD = 1.5  # of the copy task's first parameters: torch's draw starts too near to zero to learn
SYMBOLS, STEPS = 3, 8  # of the copy task, as in presets.copy_task


def hello_task() -> Task:
    """Set up "hell" -> "ello" as a batch of one, letters h e l o."""
    case = presets.hello()
    xs = np.array(case["xs"])[:, None]  # (T, 1, D)
    return {"xs": xs, "targets": [[k] for k in case["targets"]], "names": list(presets.LETTERS)}


def copy_task() -> Task:
    """Set up the copy task with each of its symbols once, B = 3, T = 8."""
    shown = np.eye(SYMBOLS + 1)
    xs = np.zeros((STEPS, SYMBOLS, SYMBOLS + 1))  # (T, B, D)
    xs[0] = shown[1:]
    xs[1:] = shown[presets.BLANK]
    wanted: list[list[int] | None] = [None] * (STEPS - 1) + [list(range(1, SYMBOLS + 1))]
    names = ["·"] + [chr(ord("A") + k) for k in range(SYMBOLS)]
    return {"xs": xs, "targets": wanted, "names": names}


def first_params(task: Task, hidden: int, seed: int, spread: float) -> Params:
    """Draw the parameters that training starts from, uniformly from ±spread/√H."""
    rng = np.random.default_rng(integer("seed", seed, 0, 2**31 - 1))
    D = task["xs"].shape[2]
    return presets.random_params("rnn", hidden, D, D, rng, spread)


def read_batch(params: Params, xs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Run the cell over B sequences (T, B, D); return states (T+1, B, H), outputs o (T, B, O)."""
    h = np.zeros((xs.shape[1], len(params["W"])))  # (B, H)
    states = [h]
    for x in xs:
        h = np.tanh(h @ params["W"].T + x @ params["U"].T + params["b"])  # (B, H)
        states.append(h)
    hs = np.array(states)  # (T+1, B, H)
    return hs, hs[1:] @ params["V"].T + params["c"]


def gradients(
    params: Params, task: Task, truncate: int | None = None
) -> tuple[float, Params, np.ndarray]:
    """Compute the task's loss in nats, its gradients, and the probabilities (T, B, O).

    Args:
        params: of the plain cell.
        task: what is to be said.
        truncate: None, or k: cut the gradient's way between pieces of k steps.
    """
    xs, targets = task["xs"], task["targets"]
    T, B, _ = xs.shape
    cut = bptt.cut_links(T, truncate)
    hs, o = read_batch(params, xs)
    log_y = o - o.max(axis=2, keepdims=True)
    log_y = log_y - np.log(np.exp(log_y).sum(axis=2, keepdims=True))  # (T, B, O)
    grads = {name: np.zeros_like(value) for name, value in params.items()}
    loss, back = 0.0, np.zeros_like(hs[0])  # (B, H), dL/dh_t from later steps
    for t in reversed(range(T)):
        wanted = targets[t]
        dh = back
        if wanted is not None:
            loss -= log_y[t, range(B), wanted].sum() / B
            do = (np.exp(log_y[t]) - np.eye(o.shape[2])[wanted]) / B  # (B, O)
            grads["V"] += do.T @ hs[t + 1]
            grads["c"] += do.sum(axis=0)
            dh = back + do @ params["V"]
        da = dh * (1 - hs[t + 1] ** 2)  # (B, H)
        grads["W"] += da.T @ hs[t]
        grads["U"] += da.T @ xs[t]
        grads["b"] += da.sum(axis=0)
        back = np.zeros_like(dh) if t + 1 in cut else da @ params["W"]
    return float(loss), grads, np.exp(log_y)


def train(
    task: Task,
    params: Params,
    updates: Any = 200,
    rate: Any = 0.02,
    truncate: int | None = None,
    moments: int = 26,
) -> Film:
    """Train the plain cell with Adam, and keep evenly spaced moments.

    Args:
        task: what is to be said.
        params: those that it starts from.
        updates: how many, 1 to 500.
        rate: Adam's learning rate, 0.001 to 0.1.
        truncate: None, or k: cut the gradient's way between pieces of k steps.
        moments: how many to keep, the first and the last among them.

    Returns:
        The loss before each update and after the last, and parameters and probabilities of the
        moments.

    Raises:
        InputError: with the name of the field.
    """
    count, rate = integer("updates", updates, 1, MOST_UPDATES), number("rate", rate, *RATES)
    wanted = np.unique(np.linspace(0, count, min(count + 1, moments)).round().astype(int))
    first = {name: np.zeros_like(value) for name, value in params.items()}
    second = {name: np.zeros_like(value) for name, value in params.items()}
    losses, kept, said = [], [], []
    for n in range(count + 1):
        loss, grads, y = gradients(params, task, truncate)
        losses.append(loss)
        if n in wanted:
            kept.append(params)
            said.append(y)
        params = adam_step(params, grads, first, second, n + 1, rate)
    return {"at": wanted, "losses": np.array(losses), "params": kept, "y": np.array(said)}


def adam_step(
    params: Params, grads: Params, first: Params, second: Params, n: int, rate: float
) -> Params:
    """Do Adam's n-th update (from 1); `first` and `second`, its moments, are changed in place."""
    new = {}
    for name, g in grads.items():
        first[name] = BETAS[0] * first[name] + (1 - BETAS[0]) * g
        second[name] = BETAS[1] * second[name] + (1 - BETAS[1]) * g**2
        m, v = first[name] / (1 - BETAS[0] ** n), second[name] / (1 - BETAS[1] ** n)
        new[name] = params[name] - rate * m / (np.sqrt(v) + EPSILON)
    return new


def speak(params: Params, first: int, length: int) -> list[int]:
    """Let the cell go on from one class: each most likely output is the next input."""
    said, h, k = [], np.zeros(len(params["W"])), first
    for _ in range(length):
        now = cells.step("rnn", params, np.eye(len(params["c"]))[k], {"h": h})
        h, k = now["h"], int(now["y"].argmax())
        said.append(k)
    return said
