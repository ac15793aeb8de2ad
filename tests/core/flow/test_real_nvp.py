"""One table of laws over all flows and their layers; zuko, torch.distributions, autograd beside."""

import math
from typing import cast

import pytest
import torch
import zuko
from torch.distributions import AffineTransform, Normal, TransformedDistribution
from zuko.transforms import ComposedTransform, CouplingTransform, DependentTransform

from core import weights
from core.data import densities
from core.data.mnist import digits_sample
from core.inputs import InputError
from core.models.flow import real_nvp
from core.models.flow.layers import ActNorm, Conv, Coupling, Dense, Gaussianise, Squeeze
from core.models.flow.real_nvp import (
    Config,
    Flow,
    dequantise,
    log_likelihood,
    loss,
    parity,
    quantise,
)
from core.models.vae import latent
from core.weights.card import cards

PLANE = [name for name in cards() if name.startswith("realnvp-")]
SHIPPED = [*PLANE, *(["flow-mnist"] if "flow-mnist" in cards() else [])]
SMALL = Config(kind="image", couplings=(2, 1, 1), width=(4, 4, 4))
BUILT = {
    "plane": Config(couplings=(6,), width=(16,)),
    "plane, masks fixed": Config(couplings=(4,), width=(16,), masks="fixed"),
    "plane, wide bound": Config(couplings=(2,), width=(8,), bound=4.0),
    "image": SMALL,
}
LAYERS = {
    "coupling": (lambda: Coupling([0], [1], Dense(1, 2, 8), 2.0), (2,)),
    "coupling of images": (lambda: Coupling([0, 3], [1, 2], Conv(2, 4, 4, 4), 2.0), (5, 4, 4)),
    "actnorm": (lambda: ActNorm(3), (3, 2, 2)),
    "squeeze": (Squeeze, (2, 4, 4)),
    "gaussianise": (lambda: Gaussianise(4), (1, 4, 4)),
}


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def shaken(model, seed: int = 0):
    """Return a net whose weights are all away from zero, where layers start."""
    draw = generator(seed)
    for name, value in model.state_dict().items():
        if name.endswith("logits"):
            value.copy_(torch.randn(value.shape, generator=draw))
        elif value.is_floating_point():
            size = 0.6 / math.sqrt(value[0].numel()) if value.dim() > 1 else 0.1
            value.copy_(torch.randn(value.shape, generator=draw) * size)
    return model.eval().requires_grad_(False)


def named(name: str) -> Flow:
    return cast(Flow, weights.load(name)) if name in cards() else shaken(Flow(BUILT[name]))


def inputs(model: Flow, n: int, seed: int = 1, name: str = "") -> torch.Tensor:
    """Return float64 inputs; of a shipped flow, points of its target or test digits."""
    if name == "flow-mnist":
        return dequantise(digits_sample()[0][:n] / 255, generator(seed)).double()
    if name in PLANE:
        return densities.density(cards()[name].dataset["name"]).sample(n, generator(seed))
    if model.config.kind == "plane":
        return torch.randn(n, 2, generator=generator(seed), dtype=torch.float64)
    levels = torch.randint(0, 256, (n, 1, 28, 28), generator=generator(seed))
    ink = torch.rand(n, 1, 28, 28, generator=generator(seed)) < 0.3
    return dequantise(levels * ink / 255.0, generator(seed)).double()


def volume(function, x: torch.Tensor) -> torch.Tensor:
    """Return log|det| of autograd's Jacobian at one x (1, …)."""
    found = torch.autograd.functional.jacobian(function, x, vectorize=True)
    return torch.linalg.slogdet(torch.as_tensor(found).reshape(x.numel(), x.numel()))[1]


def twin(model: Flow) -> Flow:
    """Return the same flow in float64."""
    copy = Flow(model.config)
    copy.load_state_dict(model.state_dict())
    return copy.double().eval().requires_grad_(False)


# ---- laws


@pytest.mark.parametrize("name", [*BUILT, *SHIPPED])
def test_a_flow_s_inverse_brings_x_back(name):
    model = named(name)
    x = inputs(model, 32, name=name)
    # a rare level's cell is wide for x and narrow for z: there float32 has a fortieth of a level
    single = 1e-4 if model.config.kind == "image" else 1e-5
    for net, tolerance in ((model, single), (twin(model), 1e-10)):
        at = x.to(next(net.parameters()).dtype)
        z, log_det = net(at)
        back, log_back = net.inverse(z)
        assert (back - at).abs().max() < tolerance
        assert ((log_det + log_back) / log_det.abs().clamp_min(1)).abs().max() < tolerance
        if model.config.kind == "image":
            cell = 256 * at  # a value this near to a cell's edge may come back on its other side
            inner = (cell - cell.round()).abs() > 256 * tolerance
            assert inner.double().mean() > 0.9
            assert torch.equal(quantise(back)[inner], quantise(at)[inner])


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[pytest.mark.slow] * ("mnist" in n)) for n in [*BUILT, *SHIPPED]]
)
def test_a_flow_s_log_det_is_autograd_s(name):
    model = twin(named(name))
    for x in inputs(model, 5 if model.config.kind == "plane" else 1, name=name).split(1):
        theirs = volume(lambda v: model(v)[0], x)
        assert (model(x)[1] - theirs).abs().item() < 1e-9 * max(1.0, theirs.abs().item())


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_s_laws(name):
    build, shape = LAYERS[name]
    layer = shaken(build()).double()
    x = torch.rand(6, *shape, generator=generator(2), dtype=torch.float64)
    y, log_det = layer(x)
    back, log_back = layer.inverse(y)
    assert (back - x).abs().max() < 1e-10 and (log_det + log_back).abs().max() < 1e-10
    for k in range(3):
        theirs = volume(lambda v: layer(v)[0], x[k : k + 1])
        inverse = volume(lambda v: layer.inverse(v)[0], y[k : k + 1])
        assert (log_det[k] - theirs).abs() < 1e-9 and (log_back[k] - inverse).abs() < 1e-9


@pytest.mark.parametrize(
    "name", [n for n in [*BUILT, *SHIPPED] if "mnist" not in n and n != "image"]
)
def test_a_density_in_the_plane_has_mass_one(name):
    model, far, side = named(name), *((4.0, 320) if name in SHIPPED else (9.0, 400))
    at = densities.grid((-far, far, -far, far), side).float()
    mass = sum(model.log_prob(part).double().exp().sum().item() for part in at.split(70_000))
    assert mass * (2 * far / side) ** 2 == pytest.approx(1, abs=5e-3)


@pytest.mark.parametrize("name", [*BUILT, *SHIPPED])
def test_steps_and_sampling_go_the_way_of_forward_and_inverse(name):
    model = named(name)
    x = inputs(model, 4).float()
    walk = list(model.steps(x))
    assert len(walk) == len(model.layers) + 1 and torch.equal(walk[0][1], x)
    z, log_det = model(x)
    assert torch.equal(walk[-1][1], z) and torch.equal(walk[-1][2], log_det)
    back = list(model.sampling(4, generator=generator(3), temperature=0.7))
    ours, log_back = model.inverse(back[0][1])
    assert torch.allclose(back[-1][1], ours, atol=1e-5)
    assert torch.allclose(back[-1][2], log_back, rtol=1e-5, atol=1e-5)
    noise = torch.randn(back[0][1].shape, generator=generator(3))
    assert torch.equal(back[0][1], 0.7 * noise)


@pytest.mark.parametrize("name", [*BUILT, *SHIPPED])
def test_the_seed_fixes_the_samples(name):
    model = named(name)
    first = model.sample(5, generator=generator(4))
    assert first.shape == (5, *model.shape) and first.isfinite().all()
    assert torch.equal(first, model.sample(5, generator=generator(4)))
    assert not torch.equal(first, model.sample(5, generator=generator(5)))
    cold = model.sample(2, generator=generator(4), temperature=0.0)
    assert torch.equal(cold[0], cold[1])
    if model.config.kind == "image":
        assert first.min() >= 0 and first.max() <= 1
        assert torch.equal((first * 255).round(), first * 255)


@pytest.mark.parametrize("name", PLANE)
def test_a_shipped_flow_is_near_its_target_and_not_below_its_entropy(name):
    card, target = cards()[name], densities.density(cards()[name].dataset["name"])
    x = target.sample(8000, generator(6))
    gap = target.log_prob(x) + -named(name).log_prob(x.float()).double()
    error = gap.std().item() / math.sqrt(len(x))
    assert -4 * error < gap.mean().item()
    assert gap.mean().item() == pytest.approx(card.metrics["KL"]["value"], abs=5 * error + 1e-3)
    if name == "realnvp-moons":
        assert card.metrics["NLL"]["value"] <= card.metrics["entropy"]["value"] + 0.03


# ---- somebody else's code


@pytest.mark.parametrize("masks", ["alternate", "fixed"])
def test_a_chain_of_couplings_is_zuko_s(masks):
    model = shaken(Flow(Config(couplings=(5,), width=(12,), masks=masks))).double()
    chain = []
    for layer in model.layers:
        if isinstance(layer, ActNorm):
            size = layer.scale.exp()
            chain.append(DependentTransform(AffineTransform(layer.shift * size, size), 1))
        else:
            coupling = cast(Coupling, layer)
            mask = torch.zeros(2, dtype=torch.bool).index_fill(0, coupling.kept, True)
            chain.append(CouplingTransform(affine_of(coupling), mask))  # pyright: ignore
    theirs = ComposedTransform(*chain)
    x = inputs(model, 50)
    z, log_det = model(x)
    their_z, their_log_det = cast(tuple, theirs.call_and_ladj(x))
    assert torch.allclose(z, their_z, atol=1e-12)
    assert torch.allclose(log_det, their_log_det, atol=1e-12)
    assert torch.allclose(model.inverse(z)[0], cast(torch.Tensor, theirs.inv(z)), atol=1e-10)
    base = zuko.distributions.DiagNormal(torch.zeros(2).double(), torch.ones(2).double())
    whole = zuko.distributions.NormalizingFlow(theirs, base)
    assert torch.allclose(model.log_prob(x), whole.log_prob(x), atol=1e-10)


def affine_of(layer: Coupling):
    """Return a coupling's affine map, given the kept numbers, as torch's own transform."""

    def given(kept: torch.Tensor):
        raw, shift = layer.net(kept).chunk(2, -1)
        size = (layer.bound * torch.tanh(raw / layer.bound)).exp()
        return DependentTransform(AffineTransform(shift, size), 1)

    return given


def test_actnorm_alone_is_torch_s_transformed_normal():
    model = Flow(Config(couplings=(0,), width=(1,))).double().requires_grad_(False)
    x = torch.randn(200, 2, generator=generator(), dtype=torch.float64) * 3 + 1
    first = cast(ActNorm, model.layers[0])
    first.settle(x)
    z, _ = model(x)
    assert z.mean(0).abs().max() < 1e-10 and (z.std(0) - 1).abs().max() < 1e-10
    normal = Normal(torch.zeros(2).double(), 1.0)
    theirs = TransformedDistribution(normal, [AffineTransform(-first.shift, (-first.scale).exp())])
    assert torch.allclose(model.log_prob(x), theirs.log_prob(x).sum(1), atol=1e-10)


def test_a_density_never_changed_in_its_first_number_stays_normal_there():
    """Why masks alternate: with fixed masks z₁ is x₁ shifted and scaled, whatever the couplings."""
    model = shaken(Flow(Config(couplings=(4,), width=(16,), masks="fixed"))).double()
    x = inputs(model, 100)
    first = cast(ActNorm, model.layers[0])
    z, _ = model(x)
    assert torch.allclose(z[:, 0], (x[:, 0] + first.shift[0]) * first.scale[0].exp(), atol=1e-12)


# ---- grey levels


def test_dequantised_levels_come_back():
    levels = torch.arange(256).repeat(4, 1)[:, None] / 255
    for seed in range(3):
        v = dequantise(levels, generator(seed))
        assert v.min() >= 0 and v.max() <= 1 and torch.equal(quantise(v), levels)
    assert torch.equal(quantise(torch.tensor([0.0, 1.0, -1.0, 2.0])), torch.tensor([0.0, 1, 0, 1]))


def test_without_couplings_the_likelihood_is_that_of_independent_pixels():
    """Then log P(k) is the sum of the pixels' own log-probabilities, for any u."""
    images = torch.randint(0, 256, (300, 1, 28, 28), generator=generator(), dtype=torch.uint8)
    images[:, :, :14] = torch.where(images[:, :, :14] < 200, 0, images[:, :, :14])
    images[:, :, 0] = 0
    model = Flow(Config(kind="image", couplings=(0,), width=(1,))).double().requires_grad_(False)
    first = cast(Gaussianise, model.layers[0])
    first.settle(images)
    p = first.logits.softmax(1).view(28, 28, 256)
    assert (p > 0).all() and p[0, 0, 0] > 0.99
    black = (images[:, 0] == 0).double().mean(0)
    assert (p[:, :, 0] - black).abs().max() < 2e-3
    levels = images[:20, 0].long()
    theirs = p.log()[None].expand(20, -1, -1, -1).gather(3, levels[..., None]).sum((1, 2, 3))
    ours = log_likelihood(model, images[:20].double() / 255, 3, generator())
    assert torch.allclose(ours, theirs, atol=1e-6)
    z, _ = model(dequantise(images.double() / 255, generator()))
    assert abs(z.mean().item()) < 0.05 and abs(z.std().item() - 1) < 0.05


def test_more_draws_never_loosen_the_bound_in_the_mean():
    model = named("image")
    x = quantise(inputs(model, 40).float())
    one = torch.stack([log_likelihood(model, x, 1, generator(k)) for k in range(8)]).mean()
    many = log_likelihood(model, x, 8, generator(9)).mean()
    assert many > one


def test_nothing_is_impossible_after_counting():
    layer = Gaussianise(2)
    layer.settle(torch.zeros(10, 1, 2, 2, dtype=torch.uint8))
    y, log_det = layer(torch.tensor([[[[0.0, 1.0], [0.5, 0.999]]]]))
    assert y.isfinite().all() and log_det.isfinite().all() and y.abs().max() < 12


def test_masks_split_the_channels_and_take_turns():
    for channels, bits in zip((16, 8, 4), real_nvp.BITS):
        for turn in range(2 * len(bits)):
            kept, changed = parity(channels, bits, turn)
            assert sorted(kept + changed) == list(range(channels))
            assert len(kept) == len(changed)
            other = parity(channels, bits, turn ^ 1)
            assert other == (changed, kept)
    pixels = torch.arange(28 * 28).view(1, 1, 28, 28)
    cells = Squeeze()(Squeeze()(pixels)[0])[0][0]  # (16, 7, 7)
    kept = cells[parity(16, real_nvp.BITS[0], 0)[0]]
    assert (((kept // 28) + (kept % 28)) % 2 == 0).all()  # a checkerboard of pixels


def test_a_scale_leaves_alone_what_is_finished():
    model = named("image")
    couplings = [layer for layer in model.layers if isinstance(layer, Coupling)]
    touched = [sorted({*c.kept.tolist(), *c.changed.tolist()}) for c in couplings]
    assert touched == [[*range(16)], [*range(16)], [*range(8, 16)], [*range(12, 16)]]


@pytest.mark.parametrize("name", BUILT)
def test_what_lies_between_two_inputs_is_an_arc_of_codes(name):
    model = twin(named(name))
    x = inputs(model, 2)
    path = real_nvp.between(model, x[:1], x[1:], 5)
    assert torch.allclose(path[[0, -1]], x, atol=1e-9)
    codes, ends = model(path)[0].flatten(1), model(x)[0].flatten(1)
    for code, t in zip(codes, (0, 0.25, 0.5, 0.75, 1)):
        theirs = latent.slerp(ends[0].numpy(), ends[1].numpy(), t)
        assert (code - torch.from_numpy(theirs)).abs().max() < 1e-8


# ---- training and refusals


def test_the_loss_is_the_mean_nll_and_a_few_steps_lower_it():
    torch.manual_seed(0)
    model, target = Flow(Config(couplings=(4,), width=(16,))), densities.density("moons")
    optimiser = torch.optim.Adam(model.parameters(), 1e-2)
    values = []
    for k in range(40):
        x = target.sample(64, generator(k)).float()
        value = loss(model, x)
        assert value.item() == pytest.approx(-model.log_prob(x).mean().item(), abs=1e-5)
        optimiser.zero_grad()
        value.backward()
        optimiser.step()
        values.append(value.item())
    assert sum(values[-5:]) < sum(values[:5]) - 1


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "audio"},
        {"masks": "none"},
        {"bound": math.nan},
        {"couplings": (4, 4), "width": (8, 8)},
        {"couplings": (4,), "width": (8, 8), "kind": "image"},
        {"width": (0,)},
        {"couplings": (-1,)},
    ],
    ids=str,
)
def test_bad_configs_are_refused(change):
    with pytest.raises(InputError):
        Config(**change)


def test_bad_calls_are_refused():
    model = named("plane")
    for options in (
        {"n": 0},
        {"n": 2, "labels": torch.zeros(2)},
        {"n": 2, "temperature": math.inf},
    ):
        with pytest.raises(InputError):
            model.sample(**options)  # pyright: ignore[reportArgumentType]
    with pytest.raises(InputError, match="draws"):
        log_likelihood(model, torch.zeros(1, 2), 0)
