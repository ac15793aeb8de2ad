"""What the RNN lesson's claims are held against: the same nets once more, mostly by torch."""

from functools import lru_cache

import numpy as np
import torch

from apps.lessons.rnn.inputs import Inputs
from apps.stage.declare import parse
from core.models.rnn import presets, vanishing
from tests.lessons.claims import SEEDS
from tests.tab_case import TabCase

torch.set_num_threads(1)
CASE = TabCase("rnn")


def settings(scene):
    """Return the inputs of a scene's preset."""
    return parse(Inputs, CASE.scenes[scene - 1]["inputs"])


def arrays(case):
    """Return a case's parameters as arrays."""
    return {name: np.array(value) for name, value in case["params"].items()}


def softmax(o):
    e = np.exp(o - o.max())
    return e / e.sum()


def plain_run(p, xs):
    """Return states and probabilities of the plain cell, from zeros."""
    h, hs, ys = np.zeros(len(p["W"])), [], []
    for x in xs:
        h = np.tanh(p["W"] @ h + p["U"] @ x + p["b"])
        hs.append(h)
        ys.append(softmax(p["V"] @ h + p["c"]))
    return np.array(hs), np.array(ys)


def slide_lines(x):
    """Return the slide's five lines as they should be."""
    p = {name: np.array(rows) for name, rows in presets.SLIDE_PARAMS.items()}
    x = np.array(x)
    h = np.tanh(p["U"] @ x)
    o = p["V"] @ h
    return {"x": x, "Ux": p["U"] @ x, "h": h, "o": o, "y": softmax(o)}


def adam(all_p, xs, targets, rate, updates, cut=None):
    """Train S plain cells side by side with torch; return losses (updates + 1, S), parameters.

    all_p: S parameter sets; xs (T, B, D); targets: T of B classes or None.
    """
    leaves = {
        name: torch.tensor(np.array([p[name] for p in all_p]), requires_grad=True)
        for name in all_p[0]
    }
    W, U, V = (leaves[name] for name in "WUV")  # (S, H, H), (S, H, D), (S, O, H)
    b, c = (leaves[name][:, None] for name in "bc")
    moments = {name: [torch.zeros_like(t), torch.zeros_like(t)] for name, t in leaves.items()}
    losses = []
    for n in range(1, updates + 2):
        h, loss = xs.new_zeros(len(all_p), xs.shape[1], W.shape[1]), xs.new_zeros(len(all_p))
        for t, x in enumerate(xs):
            if cut and t and t % cut == 0:
                h = h.detach()
            h = torch.tanh(h @ W.mT + x @ U.mT + b)
            if targets[t] is not None:
                chosen = torch.log_softmax(h @ V.mT + c, dim=2)[:, range(len(x)), targets[t]]
                loss = loss - chosen.mean(dim=1)
        losses.append(loss.tolist())
        if n > updates:
            break
        grads = torch.autograd.grad(loss.sum(), list(leaves.values()))
        for (name, leaf), g in zip(leaves.items(), grads):
            m, v = moments[name]
            m.mul_(0.9).add_(g, alpha=0.1)
            v.mul_(0.999).add_(g * g, alpha=0.001)
            step = (m / (1 - 0.9**n)) / ((v / (1 - 0.999**n)).sqrt() + 1e-8)
            leaf.data -= rate * step
    last = {name: leaf.detach().numpy() for name, leaf in leaves.items()}
    return np.array(losses), [{k: v[s] for k, v in last.items()} for s in range(len(all_p))]


def hello_batch(case):
    return torch.tensor(np.array(case["xs"])[:, None]), [[k] for k in case["targets"]]


def copy_gradients(seed, cut=None):
    """Return each ‖∂L/∂h_t‖ and the gradients of the copy task's case, by autograd."""
    case = presets.copy_task("rnn", seed)
    p = {name: torch.tensor(v, requires_grad=True) for name, v in arrays(case).items()}
    h, states = torch.zeros(4, dtype=torch.float64), []
    for t, x in enumerate(torch.tensor(case["xs"], dtype=torch.float64)):
        h = h.detach() if cut and t and t % cut == 0 else h
        h = torch.tanh(p["W"] @ h + p["U"] @ x + p["b"])
        h.retain_grad()
        states.append(h)
    o = p["V"] @ h + p["c"]
    torch.nn.functional.cross_entropy(o[None], torch.tensor([case["targets"][-1]])).backward()
    norms = [0.0 if s.grad is None else s.grad.norm().item() for s in states]
    return case, norms, {n: v.grad.numpy() for n, v in p.items() if v.grad is not None}


@lru_cache(maxsize=2)
def copy_trainings():
    """Return (losses, U's largest move in the letter columns) of each seed, whole and cut."""
    chosen = settings(6)
    xs = torch.zeros(8, 3, 4, dtype=torch.float64)
    xs[0] = torch.eye(4)[1:]
    xs[1:, :, 0] = 1
    targets = [None] * 7 + [[1, 2, 3]]
    first = [
        presets.random_params("rnn", chosen.hidden, 4, 4, np.random.default_rng(seed), 1.5)
        for seed in SEEDS
    ]
    found = {}
    for k in (8, 4):
        losses, last = adam(first, xs, targets, chosen.rate, chosen.updates, k)
        moved = [np.abs(q["U"] - p["U"]).max(axis=0) for p, q in zip(first, last)]
        found[k] = list(zip(losses.T, moved))
    return found


def lstm_step(p, state, x):
    """Do one step of the LSTM by torch; return (h, c) side by side, and the gates f, i, o."""
    h, c = state.chunk(2)
    a = p["weight_ih"] @ x + p["bias_ih"] + p["weight_hh"] @ h + p["bias_hh"]
    i, f, g, o = a.chunk(4)
    i, f, o = i.sigmoid(), f.sigmoid(), o.sigmoid()
    c = f * c + i * g.tanh()
    return torch.cat([o * c.tanh(), c]), torch.stack([f.mean(), i.mean(), o.mean()])


@lru_cache(maxsize=32)
def fall(rho, seed, bias=1.0):
    """Return ‖∂h_T/∂h_t‖ of the RNN, ‖∂c_T/∂c_t‖ of the LSTM, (T,) each, its mean gates, and W.

    The lesson draws parameters and inputs; all else is torch's.
    """
    chosen = settings(7)
    drawn = vanishing.norms_by_cell(rho, chosen.length, chosen.hidden, seed, bias)
    xs, H = torch.tensor(drawn["xs"]), chosen.hidden
    rnn, lstm = (
        {k: torch.tensor(v) for k, v in drawn["params"][cell].items()} for cell in ("rnn", "lstm")
    )
    steps = {
        "rnn": lambda h, x: torch.tanh(rnn["W"] @ h + rnn["U"] @ x + rnn["b"]),
        "lstm": lambda state, x: lstm_step(lstm, state, x)[0],
    }
    found = {}
    for name, step in steps.items():
        state = torch.zeros(H if name == "rnn" else 2 * H, dtype=torch.float64)
        before = []
        for x in xs:
            before.append(state)
            state = step(state, x)
        jacobians = torch.func.vmap(torch.func.jacrev(step))(torch.stack(before), xs)
        product, norms = torch.eye(len(state), dtype=torch.float64), []
        for jacobian in jacobians.flip(0):
            norms.append(torch.linalg.matrix_norm(product[-H:, -H:], 2).item())
            product = product @ jacobian
        found[name] = np.array(norms[::-1])
        gates = [lstm_step(lstm, s, x)[1] for s, x in zip(before, xs)] if name == "lstm" else []
    return found["rnn"], found["lstm"], torch.stack(gates).mean(dim=0).tolist(), rnn["W"].numpy()


def crosses(boxes, start, end, name):
    """Return whether the straight arrow between two boxes' middles runs through a third box."""
    (x0, y0), (x1, y1) = ((boxes[k]["x"], boxes[k]["y"]) for k in (start, end))
    box = boxes[name]
    for share in np.linspace(0, 1, 201):
        x, y = x0 + share * (x1 - x0), y0 + share * (y1 - y0)
        if abs(x - box["x"]) < box["w"] / 2 and abs(y - box["y"]) < box["h"] / 2:
            return True
    return False
