"""The model: its chains, guidance, encoding, completing, its loss, refused arguments."""

import math

import pytest
import torch

from core.inputs import InputError
from core.models.ddpm import check
from core.models.ddpm import samplers as way
from core.models.ddpm.diffusion import DDPM, Config
from core.models.ddpm.forward import to_images, to_process
from core.models.ddpm.loss import loss, loss_by_t
from core.models.ddpm.schedule import Schedule, respace

PLAN = Schedule("cosine", 100)
BENT = Schedule("bent", 100, ((0.4, 0.8),))
SHAPE = (3, 1, 28, 28)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def model() -> DDPM:
    """A small net with weights that say something, in float64."""
    torch.manual_seed(0)
    made = DDPM(Config(channels=(8, 16), fold=2, depth=1, size=16, steps=100)).double().eval()
    for weight in made.parameters():
        weight.data += 0.05 * torch.randn(weight.shape, generator=seeded(1), dtype=torch.float64)
    return made.requires_grad_(False)


def misfit(moments, plan: Schedule) -> float:
    """Return by how much x̂_0 and ε̂ of a chain's moments fail to make up x_t, at most."""
    far = []
    for one in moments[:-1]:
        alpha_bar = plan.alpha_bar[one["t"]].item()
        made = math.sqrt(alpha_bar) * one["x0_hat"] + math.sqrt(1 - alpha_bar) * one["eps_hat"]
        far.append((made - one["x"]).abs().max().item())
    return max(far)


@pytest.mark.parametrize("eta", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("plan", [PLAN, BENT], ids=["cosine", "bent"])
def test_a_chain_passes_its_own_check(model, eta, plan):
    labels, draw = torch.tensor([0, 4, 9]), seeded(3)
    found = list(
        model.sampling(
            3, labels=labels, guidance=1.5, steps=12, eta=eta, generator=draw, schedule=plan
        )
    )
    again = seeded(3)
    torch.randn(SHAPE, generator=again)  # x_T, which is drawn in float32
    assert check.chain_delta(found, plan, eta, again)["delta"] < 1e-10
    assert misfit(found, plan) < 1e-12
    assert [m["t"] for m in found] == respace(100, 12)
    found[4]["x"] = found[4]["x"] + 1e-3
    assert misfit(found, plan) > 1e-4


def test_samples_are_alike_for_a_seed_and_ddim_draws_no_more(model):
    one = model.sample(3, steps=7, eta=1.0, generator=seeded(2))
    assert torch.equal(one, model.sample(3, steps=7, eta=1.0, generator=seeded(2)))
    assert not torch.equal(one, model.sample(3, steps=7, eta=1.0, generator=seeded(3)))
    assert one.shape == SHAPE and 0 <= one.min() and one.max() <= 1
    draw = seeded(2)
    still = model.sample(3, steps=7, generator=draw)
    left = seeded(2)
    start = torch.randn(SHAPE, generator=left)
    assert torch.equal(draw.get_state(), left.get_state())
    assert torch.equal(still, model.sample(3, steps=7, start=start.double()))
    assert not one.requires_grad


def test_guidance_one_is_the_conditional_net_and_zero_the_other(model):
    x, labels = torch.randn(SHAPE, generator=seeded(), dtype=torch.float64), torch.tensor([1, 2, 3])
    alpha_bar = PLAN.alpha_bar[40].item()
    eps, x0 = model.predict(x, alpha_bar, labels)
    phi = torch.full((3,), math.acos(math.sqrt(alpha_bar)), dtype=torch.float64)
    v = model.net(x, phi, labels)
    assert torch.allclose(eps, math.sqrt(alpha_bar) * v + math.sqrt(1 - alpha_bar) * x, atol=1e-12)
    assert torch.allclose(x0, way.x0_of(x, eps, alpha_bar), atol=1e-9)
    for w in (0.0, 0.5, 1.0, 3.0):
        assert check.net_delta(model, x, 40, labels, w)["delta"] < 1e-11
    assert torch.equal(
        model.predict(x, alpha_bar, labels, 0.0)[0], model.predict(x, alpha_bar, None)[0]
    )
    near = model.predict(x, alpha_bar, labels, 1 + 1e-9)[0]  # by the pair
    assert torch.allclose(near, eps, atol=1e-7) and not torch.equal(
        eps, model.predict(x, alpha_bar, None)[0]
    )


def test_an_image_comes_back_from_its_noise(model):
    images, labels = (
        torch.rand(SHAPE, generator=seeded(), dtype=torch.float64),
        torch.tensor([0, 5, 7]),
    )
    far = []
    for refine in (1, 2, 8):
        x = model.encode(images, labels=labels, steps=40, refine=refine)
        back = model.decode(x, labels=labels, steps=40)
        far.append((images - back).abs().max().item())
    assert far[2] < 1e-6 and far[2] < far[1] < far[0]
    ways = list(model.encoding(images, steps=5))
    assert [m["t"] for m in ways] == respace(100, 5)[::-1]
    assert torch.equal(to_images(ways[0]["x"]), images)


def test_what_is_known_stays(model):
    image, mask = (
        torch.rand(1, 1, 28, 28, generator=seeded(), dtype=torch.float64),
        torch.zeros(28, 28),
    )
    mask[:14] = 1
    found = list(model.complete(image, mask, 2, steps=6, repeats=2, generator=seeded(1)))
    last = found[-1]["x"]
    assert len(found) == 7 and torch.equal(
        last[:, :, :14], to_process(image)[:, :, :14].expand(2, 1, 14, 28)
    )
    assert not torch.equal(last[0], last[1])
    plain = list(model.complete(image, torch.zeros(28, 28), 2, steps=6, generator=seeded(1)))
    assert plain[-1]["x"].shape == (2, 1, 28, 28)


def test_an_image_noised_a_little_comes_back_like_itself(model):
    images = torch.rand(SHAPE, generator=seeded(), dtype=torch.float64)
    moments = list(model.redraw(images, 30, steps=5, eta=0.5, generator=seeded(1)))
    assert [m["t"] for m in moments] == respace(30, 5)
    assert torch.equal(moments[0]["x"], model.noise(images, 30, generator=seeded(1)))
    assert torch.equal(to_images(model.noise(images, 0, generator=seeded(1))), images)


def test_the_loss_is_of_v_and_its_gradient_is_finite(model):
    x0 = to_process(torch.rand(8, 1, 28, 28, generator=seeded(), dtype=torch.float64))
    labels = torch.arange(8)
    seen = {}

    def net(x, alpha_bar, given):
        seen.update(x=x, alpha_bar=alpha_bar, labels=given)
        return torch.zeros_like(x)

    value, t, each = loss(net, x0, labels, PLAN, seeded(1))
    assert ((t - 1) // 12.5 == torch.arange(8)).all()  # one in each eighth
    noise = (seen["x"] - seen["alpha_bar"].sqrt().view(-1, 1, 1, 1) * x0) / (
        1 - seen["alpha_bar"]
    ).sqrt().view(-1, 1, 1, 1)
    v = (
        seen["alpha_bar"].sqrt().view(-1, 1, 1, 1) * noise
        - (1 - seen["alpha_bar"]).sqrt().view(-1, 1, 1, 1) * x0
    )
    assert torch.allclose(each, v.square().mean((1, 2, 3))) and value == each.mean()
    assert set(seen["labels"].tolist()) <= {*range(8), 10}
    trained = DDPM(Config(channels=(8,), depth=1, size=8))
    loss(trained, x0.float(), labels, trained.schedule, seeded(1))[0].backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in trained.parameters())
    found = loss_by_t(model, (x0 + 1) / 2, labels, [5, 60], seeded(2))
    alpha_bar = [PLAN.at(t)["alpha_bar"] for t in (5, 60)]
    for k, e, d, v in zip(alpha_bar, found["eps"], found["x0"], found["v"]):
        assert e == pytest.approx(v * k) and d == pytest.approx(v * (1 - k))


def test_the_net_is_told_noise_and_label(model):
    x = torch.randn(SHAPE, generator=seeded(), dtype=torch.float64)
    phi, labels = torch.full((3,), 0.7, dtype=torch.float64), torch.tensor([1, 1, 1])
    said = model.net(x, phi, labels)
    assert not torch.allclose(said, model.net(x, phi + 0.1, labels))
    assert not torch.allclose(said, model.net(x, phi, labels + 1))
    assert torch.allclose(said[:1], model.net(x[:1], phi[:1], labels[:1]), atol=1e-12)
    new = DDPM(Config(channels=(8,), depth=1, size=8))
    assert (new.net(x.float(), phi.float(), labels) == 0).all()  # it begins by saying nothing
    inner = {id(p) for p in new.hidden()}
    assert id(new.net.out.weight) not in inner and id(new.net.up[0][0].conv1.weight) in inner  # pyright: ignore


@pytest.mark.parametrize(
    "bad",
    [
        {"n": 0},
        {"n": 2.5},
        {"steps": 0},
        {"eta": 1.1},
        {"eta": math.nan},
        {"guidance": -1},
        {"guidance": math.inf},
        {"labels": torch.tensor([0, 10, 1])},
        {"labels": torch.tensor([0, 1])},
        {"labels": torch.tensor([[0, 1, 2]])},
        {"t_start": 0},
        {"t_start": 101},
        {"start": torch.zeros(2, 1, 28, 28)},
        {"start": torch.full(SHAPE, math.nan)},
    ],
)
def test_what_cannot_be_sampled_is_refused(model, bad):
    with pytest.raises(InputError):
        model.sampling(**{"n": 3} | bad)


@pytest.mark.parametrize(
    "bad",
    [
        {"fold": 3},
        {"channels": ()},
        {"channels": (8, 16)},
        {"channels": (12,)},
        {"depth": 0},
        {"schedule": "bent"},
        {"steps": 1},
    ],
)
def test_other_nets_are_refused(bad):
    with pytest.raises(InputError):
        Config(**bad)


def test_images_of_another_shape_are_refused(model):
    for images in (torch.zeros(28, 28), torch.zeros(1, 3, 28, 28)):
        with pytest.raises(InputError):
            model.noise(images, 5)
