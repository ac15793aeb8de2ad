"""The energy of digits: gradients, chains, the loss, and what its card and its energies say."""

import math

import pytest
import torch

from core.data.mnist import digits_sample
from core.data.silhouettes import KINDS, inside, silhouettes
from core.inputs import InputError
from core.measure.anomaly import CROWDS, crowds, shipped_energies
from core.measure.ranks import auroc
from core.models.ebm.check import image_slope, image_slope_delta, image_step_delta
from core.models.ebm.energy import (
    EBM,
    Config,
    denoising_loss,
    fold,
    follow,
    loss,
    noise_images,
)
from core.weights import load
from core.weights.card import cards
from tests.weights.test_recipes import flags
from weights.recipes import classifier
from weights.recipes.command import load_shipped, run
from weights.recipes.ebm import ALONE, ANEW, BUFFER, JOBS, contrastive_loss, settle, take_chains

TINY = Config(width=4, steps=5)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def small_model(config: Config = TINY, seed: int = 0) -> EBM:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return EBM(config).eval()


def images(n: int, seed: int = 1) -> torch.Tensor:
    return torch.rand(n, 1, 28, 28, generator=generator(seed))


@pytest.fixture(scope="module")
def trained() -> EBM:
    return load("ebm-mnist")  # pyright: ignore


def test_shapes_and_a_batch_does_not_matter():
    model, x = small_model(), images(3)
    energies = model.energy(x)
    assert energies.shape == (3,) and not energies.requires_grad
    alone = torch.cat([model.energy(one[None]) for one in x])
    assert torch.allclose(energies, alone, atol=1e-6)
    assert model.energy(images(1001)).shape == (1001,)  # more than one part


def test_the_gradient_equals_finite_differences():
    model, x, h = small_model().double(), images(2).double(), 1e-6
    energies, gradient = model.slope(x)
    assert torch.equal(energies, model.energy(x)) and gradient.shape == x.shape
    for row, column in ((0, 0), (13, 14), (27, 5), (9, 20)):
        by = torch.zeros_like(x)
        by[:, 0, row, column] = h
        theirs = (model.energy(x + by) - model.energy(x - by)) / (2 * h)
        assert (gradient[:, 0, row, column] - theirs).abs().max() < 1e-8
    assert gradient.abs().max() > 1e-5


def test_the_gradient_of_the_trained_energy_equals_finite_differences(trained):
    model = EBM(trained.config).double()
    model.load_state_dict(trained.state_dict())
    x, h = digits_sample()[0][:3] / 255.0, 1e-6
    x, way = x.double(), torch.randn(x.shape, generator=generator(), dtype=torch.float64)
    theirs = (model.energy(x + h * way) - model.energy(x - h * way)) / (2 * h)
    assert torch.allclose((model.slope(x)[1] * way).sum((1, 2, 3)), theirs, rtol=1e-5)


def test_one_step_by_its_formula():
    x = torch.tensor([0.5, 0.5, 0.01, 0.99]).view(1, 1, 2, 2)
    down = torch.tensor([0.02, -5.0, 0.05, -0.05]).view(1, 1, 2, 2)
    still = follow(x, down, eta=2.0, sigma=0.0, clip=0.1)
    assert torch.allclose(still.flatten(), torch.tensor([0.46, 0.7, 0.0, 1.0]))
    eps = torch.randn(x.shape, generator=generator(3))
    moved = follow(x, down, 2.0, 0.01, 0.1, generator(3))
    want = x - 2 * torch.tensor([0.02, -0.1, 0.05, -0.05]).view_as(x) + 0.01 * eps
    assert torch.allclose(moved, want.clamp(0, 1))


def test_sampling_is_deterministic_and_ends_in_sample():
    model = small_model()
    states = list(model.sampling(2, generator=generator(3)))
    assert len(states) == 6 and all(s["energy"].shape == (2,) for s in states)
    assert all(0 <= s["x"].min() and s["x"].max() <= 1 for s in states)
    first = model.sample(2, generator=generator(3))
    assert torch.equal(first, states[-1]["x"])
    assert torch.equal(states[0]["x"], noise_images((2, 1, 28, 28), model, generator(3)))
    assert not torch.equal(first, model.sample(2, generator=generator(4)))
    assert torch.allclose(states[2]["energy"], model.energy(states[2]["x"]), atol=1e-6)


def test_a_chain_starts_where_it_is_told():
    model, x = small_model(), images(2)
    states = list(model.sampling(2, start=x, steps=0))
    assert len(states) == 1 and torch.equal(states[0]["x"], x)
    still = list(model.sampling(2, start=x, steps=3, step_size=0, noise=0))
    assert torch.equal(still[-1]["x"], x)


def test_the_loss_and_its_parts():
    model, real, made = small_model(), images(4), images(4, 2)
    value, parts = loss(model, real, made, alpha=0.5)
    low, high = model.energy(real), model.energy(made)
    want = low.mean() - high.mean() + 0.5 * torch.cat([low, high]).pow(2).mean() * 2
    assert value.item() == pytest.approx(want.item(), rel=1e-5, abs=1e-6)
    assert parts["data"].item() == pytest.approx(low.mean().item(), rel=1e-5, abs=1e-6)
    assert parts["gap"].item() == pytest.approx(
        (low.mean() - high.mean()).item(), rel=1e-5, abs=1e-6
    )


def test_denoising_by_its_formula():
    """The noise drawn again, E's slope by finite differences along a way, x̃ − 25 ∇E against x."""
    model, real = small_model().double(), images(3).double()
    value = denoising_loss(model, real, generator(5))
    draw = generator(5)
    s = 0.04 ** (1 - torch.rand(3, 1, 1, 1, generator=draw))  # from 0.04 to 1, even in its log
    noisy = (real + s * torch.randn(real.shape, generator=draw)).clamp(0, 1)
    missed = noisy - 25 * model.slope(noisy)[1] - real
    want = (missed.square().mean((1, 2, 3)) / s.flatten()).mean()
    assert value.item() == pytest.approx(want.item(), rel=1e-5)
    weight = next(model.parameters())
    (ours,), h = torch.autograd.grad(value, weight), 1e-5
    way = torch.randn(weight.shape, generator=generator(6), dtype=torch.float64)
    sides = []
    for by in (h, -2 * h):
        weight.data += by * way
        sides.append(denoising_loss(model, real, generator(5)).item())
    above, below = sides
    assert (ours * way).sum().item() == pytest.approx((above - below) / (2 * h), rel=1e-5)


def test_the_buffer_goes_with_the_checkpoint_and_not_with_the_file():
    model = small_model()
    lower, plain = contrastive_loss(model, False), set(small_model().state_dict())
    before = model.chains.clone()  # pyright: ignore
    assert set(model.state_dict()) - plain == {"chains"}
    for step, moved in ((0, 0), (ALONE, 8)):  # at first E only learns to denoise
        value, parts = lower(model, [255 * images(8)], generator(), step)
        value.backward()
        changed = (model.chains != before).flatten(1).any(1).sum()  # pyright: ignore
        assert changed == moved and ("chains" in parts) == (moved > 0)
    settle(model, images(1))
    assert set(model.state_dict()) == plain
    chains = torch.zeros(BUFFER, 1, 28, 28, dtype=torch.uint8)
    fresh, rows = take_chains(chains, 2000, generator())
    anew = (fresh.flatten(1).sum(1) > 0).float().mean().item()
    assert len(rows.unique()) == 2000 and abs(anew - ANEW) < 4 * math.sqrt(ANEW * (1 - ANEW) / 2000)


def test_the_recipe_writes_a_card_measures_again_and_goes_on(tmp_path):
    run("classifier", classifier.JOBS, flags(tmp_path, "classifier-mnist"))
    card = run("ebm", JOBS, flags(tmp_path, "ebm-mnist"))
    assert card and {"Fréchet", "class entropy", "AUROC noise", "AUROC clothes"} <= set(
        card.metrics
    )
    net = load_shipped("ebm-mnist", tmp_path / "out")
    assert set(net.state_dict()) == set(small_model().state_dict())
    assert run("ebm", JOBS, flags(tmp_path, "ebm-mnist", "--measure")) == card
    more = run("ebm", JOBS, flags(tmp_path, "ebm-mnist", "--resume"))
    assert more and more.training["epochs"] == 4 and more.sha256 != card.sha256


@pytest.mark.parametrize(
    "change",
    [{"width": 0}, {"steps": -1}, {"step_size": math.inf}, {"noise": 2}, {"clip": 0}],
    ids=str,
)
def test_bad_configs_are_refused(change):
    with pytest.raises(InputError):
        Config(**change)


@pytest.mark.parametrize(
    "options",
    [
        {"n": 0},
        {"labels": torch.zeros(2)},
        {"steps": 1e9},
        {"step_size": -1},
        {"noise": "much"},
        {"start": torch.zeros(3, 1, 28, 28)},
    ],
    ids=str,
)
def test_bad_options_are_refused(options):
    with pytest.raises(InputError):
        small_model().sampling(**({"n": 2} | options))


def test_the_net_in_numpy_is_the_net_and_a_wrong_one_is_noticed():
    model, x = small_model().double(), images(3).double()
    weights = {name: one.numpy() for name, one in model.state_dict().items()}
    energies, gradient = model.slope(x)
    theirs = image_slope(weights, x[:, 0].numpy())
    assert (energies - torch.from_numpy(theirs[0])).abs().max() < 1e-12
    assert image_slope_delta(weights, x[:, 0], gradient[:, 0])["delta"] < 1e-12
    assert image_slope_delta(weights, x[:, 0], gradient[:, 0] * 1.01)["delta"] > 1e-6
    after = follow(x, gradient, 2.0, 0.0, 0.01)[:, 0]
    given = (weights, x[:, 0].numpy(), energies)
    assert image_step_delta(*given, after, 2.0, 0.01)["delta"] < 1e-12
    assert image_step_delta(*given, after, 2.1, 0.01)["delta"] > 1e-5
    assert image_step_delta(weights, x[:, 0].numpy(), energies + 1, after, 2.0, 0.01)["delta"] > 0.1


class Slanted(EBM):
    """E(x) = k Σ x: exp(−E) falls off exponentially in each pixel of [0, 1] by itself."""

    def forward(self, x):
        return 3.0 * x.sum((1, 2, 3))


def test_langevin_s_own_step_samples_exp_of_minus_e_between_its_ends():
    """For density k e^(−kx) / (1 − e^(−k)): mean 1/k − 1/(e^k − 1)."""
    for temperature in (1.0, 3.0):
        k = 3.0 / temperature
        *_, last = Slanted(TINY).tempered_chains(
            100, steps=400, step_size=0.002 / temperature, temperature=temperature,
            generator=generator(),
        )  # fmt: skip
        x = last["x"]
        want = 1 / k - 1 / math.expm1(k)
        assert 0 <= x.min() and x.max() <= 1
        assert abs(x.mean() - want) < 4 * x.std() / math.sqrt(x.numel()) + 0.004
        edge = (x < 0.05).float().mean()  # no mass piles up at an end
        assert abs(edge - -math.expm1(-0.05 * k) / -math.expm1(-k)) < 0.01


def test_a_tempered_chain_starts_where_it_is_told_and_refuses():
    model, x = small_model(), images(2)
    states = list(model.tempered_chains(2, steps=3, step_size=0.01, start=x, generator=generator()))
    assert len(states) == 4 and torch.equal(states[0]["x"], x)
    cold = list(model.tempered_chains(2, steps=1, step_size=0.01, temperature=0.0, start=x))
    assert torch.allclose(cold[1]["x"], fold(x - 0.01 * cold[0]["gradient"]))
    with pytest.raises(InputError, match="temperature"):
        next(model.tempered_chains(2, steps=1, step_size=0.01, temperature=-1.0))


def test_numbers_are_reflected_at_the_ends():
    x = torch.tensor([-0.25, 0.0, 0.5, 1.0, 1.25, 2.25, -1.5])
    assert torch.allclose(fold(x), torch.tensor([0.25, 0.0, 0.5, 1.0, 0.75, 0.25, 0.5]))


def test_a_chain_from_noise_lowers_its_energy_in_expectation(trained):
    """Mean over chains at every tenth step; it may waver by its noise, never by much."""
    states = trained.sampling(16, generator=generator(), steps=60)
    means = torch.stack([s["energy"].mean() for s in states])[::10]
    assert (means.diff() < 0.25 * (means[0] - means[-1])).all()
    assert means[1] < means[0] and means[-1] == means.min()


def test_noise_lies_well_above_digits(trained):
    digits = trained.energy(digits_sample()[0] / 255.0)
    noise = trained.energy(images(100))
    assert noise.min() > digits.max()
    metrics = {k: v["value"] for k, v in cards()["ebm-mnist"].metrics.items()}
    assert metrics["E of noise"] > metrics["E of test digits"] and metrics["AUROC noise"] > 0.99


def test_the_shipped_energies_are_the_card_s_model_s(trained):
    energies, made_by = shipped_energies()
    assert made_by == cards()["ebm-mnist"].sha256
    assert set(energies) == {"test", "samples", "labels", *CROWDS}
    assert all(v.isfinite().all() and len(v) >= 2000 for v in energies.values())
    metrics = {k: v["value"] for k, v in cards()["ebm-mnist"].metrics.items()}
    for name in ("upside-down", "mirrored"):  # all of the test set in both
        found = auroc(energies[name], energies["test"])
        assert found == pytest.approx(metrics[f"AUROC {name}"], abs=2e-3)
    assert energies["test"].mean().item() == pytest.approx(metrics["E of test digits"], abs=1e-3)


def test_the_crowds():
    digits = images(5)
    found = crowds(digits, 8, generator())
    assert tuple(found) == CROWDS
    assert torch.equal(found["upside-down"], torch.rot90(digits, 2, (2, 3)))
    assert torch.equal(found["mirrored"].flip(3), digits)
    assert found["noise"].shape == found["clothes"].shape == (8, 1, 28, 28)


def test_silhouettes():
    found, kinds = silhouettes(40, generator())
    assert found.shape == (40, 1, 28, 28) and 0 <= found.min() and found.max() <= 1
    assert kinds.bincount().tolist() == [10] * len(KINDS)
    assert torch.equal(found, silhouettes(40, generator())[0])
    assert (found.mean((1, 2, 3)) > 0.05).all() and found[:, :, 0].max() < 0.5
    assert not torch.equal(found[0], found[4])


def test_inside_a_triangle_equals_barycentric_coordinates():
    corners = torch.tensor([[0.1, 0.1], [0.9, 0.3], [0.4, 0.8]])
    points = torch.rand(500, 2, generator=generator())
    rest = torch.linalg.solve((corners[1:] - corners[0]).T, (points - corners[0]).T)  # (2, 500)
    theirs = (rest >= 0).all(0) & (rest.sum(0) <= 1)
    assert torch.equal(inside(corners[None], points)[0], theirs)
