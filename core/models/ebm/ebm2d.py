"""Learn an energy in the plane by contrast, a step at a time, in state that a page can keep.

    energy     E(x) = f(x) + |x|² / (2 S²),   S = 4,  x (B, 2)
               the second term keeps Z = ∫ exp(−E) finite, and the particles here
    net        f: a dense net with SiLU on x and sin kx, cos kx, k = 1, 2, 4 (Tancik et al. 2020):
               from x alone it finds a ring of eight modes, but not the modes in that time
    particles  x' = x − ε/2 ∇E(x) + n √ε ξ, `chain` times a step of training, kept from step to
               step; a share `restart` of them begins anew, uniform in the target's bounds
    loss       mean E(x⁺) − mean E(x⁻) + α mean (f(x⁺)² + f(x⁻)²),   x⁺ data, x⁻ particles
    update     Adam with β₁ = 0.5 (core.models.flat.optimizers)
    NLL        mean E(x⁺) + log Z over fresh data, Z by a midpoint rule on [−8, 8]²; the target's
               entropy is its floor

The loss's gradient is that of −log p (Hinton 2002, Tieleman 2008: persistent chains) as far as the
particles follow p; Du & Mordatch 2019 for buffer and α. In the plane Z can be computed, so the page
can say how far off the density is, which nobody can for images.

Everything is a function of (state, settings): a state is a flat dict of float32 tensors (net,
Adam's moments, particles, step), and each draw comes from a generator that (seed, step) fixes. So a
page may hold every earlier moment of a run and go on from any, with the same result each time.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from core.data.densities import NAMES, Density, density, entropy, from_points, grid
from core.inputs import InputError, choice, integer, mapping, number
from core.models.ebm.ebm_traces import Description
from core.models.ebm.langevin import slope, terms
from core.models.flat.optimizers import MOMENTS, update

State = dict[str, Tensor]
WALL = 4.0  # S
WAVES = (1.0, 2.0, 4.0)  # k
REACH = 8.0  # half side of the square over which Z is taken
LARGEST = 1e3  # a particle is held within it, so that what diverges stays a number
MOMENTUM = 0.5  # β₁: what the particles ask for turns round too quickly for the usual 0.9
MOST = 1e30  # magnitude of a number of a state that came from elsewhere
MOST_STEPS = 500  # a call
ACTS = ("both", "down", "up")
FRESH = 2000  # data points that the NLL is a mean of


@dataclass(frozen=True)
class Settings:
    """What a run is.

    Attributes:
        target: one of core.data.densities.NAMES; without meaning where points are given.
        points: a visitor's drawing, [[x, y], …], 3 to 400 of them from −4 to 4; none otherwise.
        batch: data a step, and particles.
        width: of each hidden layer.
        depth: hidden layers.
        step_size: ε.
        noise: n; 1 is Langevin's, 0 only descends.
        chain: Langevin steps a step of training.
        restart: share of particles that begin anew in each step of training.
        rate: Adam's.
        alpha: α.
        seed: of weights and draws.
    """

    target: str = "moons"
    points: Sequence[Sequence[float]] = ()
    batch: int = 256
    width: int = 64
    depth: int = 3
    step_size: float = 0.005
    noise: float = 1.0
    chain: int = 20
    restart: float = 0.02
    rate: float = 3e-3
    alpha: float = 0.1
    seed: int = 0

    def __post_init__(self):
        choice("target", self.target, NAMES)
        if len(self.points):
            from_points(self.points)
        integer("batch", self.batch, 8, 1024)
        integer("width", self.width, 2, 128)
        integer("depth", self.depth, 1, 4)
        number("step_size", self.step_size, 0, 100)
        number("noise", self.noise, 0, 10)
        integer("chain", self.chain, 1, 100)
        number("restart", self.restart, 0, 1)
        number("rate", self.rate, 0, 1)
        number("alpha", self.alpha, 0, 10)
        integer("seed", self.seed, 0, 2**31 - 1)

    def density(self) -> Density:
        """Choose the density that the data are drawn from."""
        return from_points(self.points) if len(self.points) else density(self.target)


def begin(settings: Settings) -> State:
    """Draw the state before the first step: weights as torch.nn.Linear's, f's last layer zero.

    Returns:
        w0 (width, 14), b0 (width,), …; Adam's moments w0.m, w0.v, …; particles (batch, 2),
        uniform in the target's bounds; step (1,).
    """
    draw = _generator(settings, -1)
    sizes = [2 + 4 * len(WAVES), *[settings.width] * settings.depth, 1]
    state: State = {}
    for i, (a, b) in enumerate(zip(sizes, sizes[1:])):
        bound = 1 / math.sqrt(a) if b > 1 else 0.0  # at the start E is the wall alone: a flat plane
        state[f"w{i}"] = bound * (2 * torch.rand(b, a, generator=draw) - 1)
        state[f"b{i}"] = bound * (2 * torch.rand(b, generator=draw) - 1)
    for name in list(state):
        state |= {f"{name}.{m}": torch.zeros_like(state[name]) for m in MOMENTS["adam"]}
    state["particles"] = _uniform_points(settings.density(), settings.batch, draw)
    state["step"] = torch.zeros(1)
    return state


def weights(state: State) -> State:
    """Take the net's weights w0 (width, 14), b0 (width,), … out of a state."""
    return {k: v for k, v in state.items() if k[0] in "wb" and k[1:].isdigit()}


def net_energy(net: State, x: Tensor) -> Tensor:
    """Compute the net's part of the energy, f(x), (B,), at points (B, 2)."""
    depth = len(net) // 2
    turns = torch.cat([k * x for k in WAVES], 1)  # (B, 6)
    x = torch.cat([x, turns.sin(), turns.cos()], 1)  # (B, 14)
    for i in range(depth):
        x = F.linear(x, net[f"w{i}"], net[f"b{i}"])  # (B, width), at the end (B, 1)
        x = F.silu(x) if i < depth - 1 else x
    return x[:, 0]


def energy(net: State, x: Tensor) -> Tensor:
    """Compute the energy E(x) = f(x) + |x|²/(2 S²), (B,), at points (B, 2)."""
    return net_energy(net, x) + (x**2).sum(1) / (2 * WALL**2)


def loss(net: State, data: Tensor, particles: Tensor, alpha: float, act: str = "both") -> Tensor:
    """Compute the contrastive loss of data and particles, both (B, 2), or one side of it alone."""
    value = alpha * (net_energy(net, data) ** 2 + net_energy(net, particles) ** 2).mean()
    value = value + energy(net, data).mean() if act != "up" else value
    return value - energy(net, particles).mean() if act != "down" else value


def advance(state: State, settings: Settings, steps: int = 1, act: str = "both") -> State:
    """Train for some steps and return the new state; the one given stays as it is.

    Args:
        state: of `begin` or `advance`.
        settings: of the run.
        steps: 0 to 500.
        act: "both"; "down" only lowers E at the data, "up" only raises it at the particles, α's
            part of the loss in each.

    Raises:
        InputError: steps or act is out of range.
    """
    choice("act", act, ACTS)
    target = settings.density()
    for _ in range(integer("steps", steps, 0, MOST_STEPS)):
        state = _step(state, settings, target, act)
    return state


def _step(state: State, settings: Settings, target: Density, act: str) -> State:
    at = int(state["step"].item())
    draw = _generator(settings, at)
    data = target.sample(settings.batch, draw).float()  # (B, 2)
    particles = _move_particles(state, settings, target, draw)
    net = {k: v.detach().requires_grad_(True) for k, v in weights(state).items()}
    with torch.enable_grad():
        value = loss(net, data, particles, settings.alpha, act)
        slopes = torch.autograd.grad(value, list(net.values()))
    changed = {"particles": particles, "step": state["step"] + 1}
    for (name, weight), gradient in zip(net.items(), slopes):
        old = {m: state[f"{name}.{m}"] for m in MOMENTS["adam"]}
        moved = update("adam", weight.detach(), gradient, old, at + 1, settings.rate, MOMENTUM)
        changed |= {name: moved[0]} | {f"{name}.{m}": v for m, v in moved[1].items()}
    return state | changed


def _move_particles(
    state: State, settings: Settings, target: Density, draw: torch.Generator
) -> Tensor:
    """Move the particles (B, 2) by the Langevin steps of one step of training."""
    x = state["particles"]
    anew = torch.rand(len(x), 1, generator=draw) < settings.restart
    x = torch.where(anew, _uniform_points(target, len(x), draw), x)
    net = weights(state)
    for _ in range(settings.chain):
        _, gradient = slope(lambda at: energy(net, at), x)
        xi = torch.randn(x.shape, generator=draw)
        drift, kick = terms(gradient, xi, settings.step_size, noise=settings.noise)
        x = (x + drift + kick).nan_to_num(LARGEST).clamp(-LARGEST, LARGEST)
    return x


def describe(state: State, settings: Settings, side: int = 48, arrows: int = 12) -> Description:
    """Measure a state: the surface and the arrows that the page draws, energies, Z and NLL.

    Args:
        state: of `begin` or `advance`.
        settings: of the run.
        side: the surface has side² cells over the target's bounds, 2 to 200.
        arrows: arrows² gradients, 1 to 50.

    Raises:
        InputError: side or arrows is out of range.
    """
    integer("side", side, 2, 200)
    integer("arrows", arrows, 1, 50)
    target, net, particles = settings.density(), weights(state), state["particles"]
    step = int(state["step"].item())
    data = target.sample(settings.batch, _generator(settings, step)).float()
    cells, at = grid(target.bounds, side), grid(target.bounds, arrows).float()
    log_z = partition(net)
    fresh = target.sample(FRESH, _generator(settings, -2)).float()
    exact = -target.log_prob(cells).float() - log_z
    held = all(v.isfinite().all() for v in net.values()) and (particles.abs() < LARGEST).all()
    return {
        "bounds": target.bounds,
        "surface": energy(net, cells.float()).view(side, side),
        "exact": exact.view(side, side),
        "arrows_at": at,
        "arrows": slope(lambda x: energy(net, x), at)[1],
        "particles": particles,
        "data": data,
        "energy_data": energy(net, data).mean().item(),
        "energy_particles": energy(net, particles).mean().item(),
        "loss": loss(net, data, particles, settings.alpha).item(),
        "log_z": log_z,
        "nll": energy(net, fresh).mean().item() + log_z,
        "entropy": _target_entropy(settings.target, tuple(map(tuple, settings.points))),
        "step": step,
        "finite": bool(held),
    }


def check(state: State, settings: Settings) -> State:
    """Check that a state from elsewhere is one of these settings, and return it.

    Raises:
        InputError: it is none.
    """
    wanted = begin(settings)
    mapping("state", state, tuple(wanted))
    for name, like in wanted.items():
        value = state[name]
        if value.dtype != like.dtype or value.shape != like.shape:
            got = f"{value.dtype} {tuple(value.shape)}"
            allowed = f"{like.dtype} {tuple(like.shape)}"
            raise InputError("shape", field=f"state.{name}", got=got, allowed=allowed)
        low = 0 if name == "step" or name.endswith(".v") else -MOST
        wrong = ((value >= low) & (value <= MOST)).logical_not()  # NaN is neither
        if wrong.any():
            at = wrong.nonzero()[0].tolist()
            parts = {"got": value[tuple(at)].item(), "where": at, "low": low, "high": MOST}
            raise InputError("entry", field=f"state.{name}", **parts)
    integer("state.step", state["step"].item(), 0, 2**24)  # float32 counts no further
    return state


def partition(net: State, side: int = 240) -> float:
    """Compute log Z = log ∫ exp(−E) in nats, by the midpoint rule on side² cells of [−8, 8]²."""
    cells = grid((-REACH, REACH, -REACH, REACH), side).float()
    log = torch.cat([-energy(net, part) for part in cells.split(10_000)]).double()
    return (log.logsumexp(0) + 2 * math.log(2 * REACH / side)).item()


@functools.lru_cache(64)
def _target_entropy(target: str, points: tuple[tuple[float, ...], ...]) -> float:
    """Compute the entropy of a target in nats; kept, because it takes longer than all the rest."""
    return entropy(Settings(target=target, points=points).density())


def _uniform_points(target: Density, n: int, draw: torch.Generator) -> Tensor:
    """Draw n points uniform in the target's bounds, (n, 2)."""
    x0, x1, y0, y1 = target.bounds
    low, size = torch.tensor([x0, y0]), torch.tensor([x1 - x0, y1 - y0])
    return low + size * torch.rand(n, 2, generator=draw)


def _generator(settings: Settings, step: int) -> torch.Generator:
    """Seed the generator of a step's draws; step −1 is the beginning, −2 the NLL's data."""
    return torch.Generator().manual_seed((settings.seed * 1_000_003 + step + 2) % 2**63)
