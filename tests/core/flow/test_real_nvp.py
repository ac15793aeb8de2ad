"""One table of laws over all flows; zuko and autograd beside."""

import math
from typing import cast

import pytest
import torch
import zuko
from torch.distributions import AffineTransform
from zuko.transforms import ComposedTransform, CouplingTransform, DependentTransform

from core.data import densities
from core.inputs import InputError
from core.models.flow import check as check_flow
from core.models.flow import real_nvp
from core.models.flow.layers import ActNorm, Coupling, Gaussianise
from core.models.flow.real_nvp import Config, Flow, dequantise, log_likelihood, loss, quantise
from core.models.vae import latent
from core.weights.card import cards
from tests.core.flow.cases import (
    BUILT,
    PLANE,
    SHIPPED,
    flow,
    generator,
    inputs,
    shake,
    twin,
    volume,
)

# ---- laws


@pytest.mark.parametrize("name", [*BUILT, *SHIPPED])
def test_a_flow_s_inverse_brings_x_back(name):
    model = flow(name)
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
    model = twin(flow(name))
    for x in inputs(model, 5 if model.config.kind == "plane" else 1, name=name).split(1):
        theirs = volume(lambda v: model(v)[0], x)
        assert (model(x)[1] - theirs).abs().item() < 1e-9 * max(1.0, theirs.abs().item())


@pytest.mark.parametrize("name", [n for n in [*BUILT, *SHIPPED] if "mnist" in n or n == "image"])
def test_the_screen_s_check_of_log_det_holds_and_sees_what_is_wrong(name):
    model = twin(flow(name))
    v = inputs(model, 2, name=name)
    with torch.no_grad():
        ours = model(v)[1]
        least = min(
            layer.scale_shift(h)[0].abs().sum()
            for layer, (_, h, _) in zip(model.layers, model.steps(v))
            if isinstance(layer, Coupling)
        )
    assert check_flow.volume_delta(model, v, ours)["delta"] < 1e-12
    assert check_flow.volume_delta(model, v, ours + least)["delta"] > 1e-5


@pytest.mark.parametrize(
    "name", [n for n in [*BUILT, *SHIPPED] if "mnist" not in n and n != "image"]
)
def test_a_density_in_the_plane_has_mass_one(name):
    model, far, side = flow(name), *((4.0, 320) if name in SHIPPED else (9.0, 400))
    at = densities.grid((-far, far, -far, far), side).float()
    mass = sum(model.log_prob(part).double().exp().sum().item() for part in at.split(70_000))
    assert mass * (2 * far / side) ** 2 == pytest.approx(1, abs=5e-3)


@pytest.mark.parametrize("name", [*BUILT, *SHIPPED])
def test_steps_and_sampling_go_the_way_of_forward_and_inverse(name):
    model = flow(name)
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
    model = flow(name)
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
    gap = target.log_prob(x) + -flow(name).log_prob(x.float()).double()
    error = gap.std().item() / math.sqrt(len(x))
    assert -4 * error < gap.mean().item()
    assert gap.mean().item() == pytest.approx(card.metrics["KL"]["value"], abs=5 * error + 1e-3)
    if name == "realnvp-moons":
        assert card.metrics["NLL"]["value"] <= card.metrics["entropy"]["value"] + 0.03


# ---- somebody else's code


@pytest.mark.parametrize("masks", ["alternate", "fixed"])
def test_a_chain_of_couplings_is_zuko_s(masks):
    model = shake(Flow(Config(couplings=(5,), width=(12,), masks=masks))).double()
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


def test_a_density_never_changed_in_its_first_number_stays_normal_there():
    """Why masks alternate: with fixed masks z₁ is x₁ shifted and scaled, whatever the couplings."""
    model = shake(Flow(Config(couplings=(4,), width=(16,), masks="fixed"))).double()
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
    model = flow("image")
    x = quantise(inputs(model, 40).float())
    one = torch.stack([log_likelihood(model, x, 1, generator(k)) for k in range(8)]).mean()
    many = log_likelihood(model, x, 8, generator(9)).mean()
    assert many > one


@pytest.mark.parametrize("name", BUILT)
def test_what_lies_between_two_inputs_is_an_arc_of_codes(name):
    model = twin(flow(name))
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
    model = flow("plane")
    for options in (
        {"n": 0},
        {"n": 2, "labels": torch.zeros(2)},
        {"n": 2, "temperature": math.inf},
    ):
        with pytest.raises(InputError):
            model.sample(**options)  # pyright: ignore[reportArgumentType]
    with pytest.raises(InputError, match="draws"):
        log_likelihood(model, torch.zeros(1, 2), 0)
