"""Samplers against diffusers and Bayes, and the model: guidance, encoding, completing."""

import math
from typing import Any

import pytest
import torch
from diffusers.schedulers.scheduling_ddim import DDIMScheduler
from diffusers.schedulers.scheduling_ddpm import DDPMScheduler

from core.inputs import InputError
from core.models.ddpm import check
from core.models.ddpm import samplers as way
from core.models.ddpm.diffusion import DDPM, Config
from core.models.ddpm.forward import to_images, to_process
from core.models.ddpm.loss import loss, loss_by_t
from core.models.ddpm.schedule import Schedule, posterior, respaced

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


def guess(x: torch.Tensor, t: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Something smooth that stands for a net."""
    eps = torch.sin(x + t / 50)
    return eps, way.original(x, eps, PLAN.alpha_bar[t].item())


def theirs(kind: Any, **options: Any) -> Any:
    """Return diffusers' scheduler with our β; its coefficients in float64, whatever x is."""
    made = kind(100, trained_betas=PLAN.beta[1:].numpy(), **options)
    made.betas = PLAN.beta[1:]
    made.alphas_cumprod = PLAN.alpha_bar[1:]
    made.alphas = 1 - made.betas
    made.one = made.final_alpha_cumprod = torch.ones((), dtype=torch.float64)
    return made


@pytest.mark.parametrize("dtype, near", [(torch.float64, 1e-12), (torch.float32, 1e-6)])
@pytest.mark.parametrize("eta", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("clip", [True, False])
@pytest.mark.parametrize("steps", [100, 20])
def test_a_step_is_diffusers_ddim(dtype, near, eta, clip, steps):
    other = theirs(DDIMScheduler, clip_sample=clip, timestep_spacing="trailing")
    other.set_timesteps(steps)
    times = respaced(100, steps)
    assert [t - 1 for t in times[:-1]] == other.timesteps.tolist()
    predict = way.clipped(guess, PLAN.alpha_bar) if clip else guess
    x = torch.randn(SHAPE, generator=seeded(), dtype=dtype)
    ours = list(way.chain(predict, x, times, PLAN.alpha_bar, eta, seeded(1)))
    draw = seeded(1)
    for now, then in zip(ours, ours[1:]):
        eps, t = guess(now["x"], now["t"])[0], now["t"] - 1
        step = other.step(eps, t, now["x"], eta, use_clipped_model_output=True, generator=draw)
        size = max(1.0, step.prev_sample.abs().max().item())
        assert (step.prev_sample - then["x"]).abs().max().item() / size < near
        far = max(1.0, step.pred_original_sample.abs().max().item())
        assert (step.pred_original_sample - now["x0_hat"]).abs().max().item() / far < near


@pytest.mark.parametrize("dtype, near", [(torch.float64, 1e-12), (torch.float32, 1e-6)])
def test_eta_one_is_diffusers_ddpm(dtype, near):
    other, times = theirs(DDPMScheduler, clip_sample=True), respaced(100, 100)
    x = torch.randn(SHAPE, generator=seeded(), dtype=dtype)
    predict = way.clipped(guess, PLAN.alpha_bar)
    ours = list(way.chain(predict, x, times, PLAN.alpha_bar, 1.0, seeded(1)))
    draw = seeded(1)
    for now, then in zip(ours[:-2], ours[1:-1]):
        step = other.step(guess(now["x"], now["t"])[0], now["t"] - 1, now["x"], generator=draw)
        size = max(1.0, step.prev_sample.abs().max().item())
        assert (step.prev_sample - then["x"]).abs().max().item() / size < near
    last = other.step(guess(ours[-2]["x"], 1)[0], 0, ours[-2]["x"])
    assert (last.prev_sample - ours[-1]["x"]).abs().max().item() < near


def test_eta_one_has_the_posterior_s_mean_and_variance():
    for t, s in ((100, 80), (50, 49), (2, 1)):
        kept_t, kept_s = (PLAN.alpha_bar[i].item() for i in (t, s))
        c, q = way.coefficients(kept_t, kept_s, 1.0), posterior(kept_t, kept_s)
        assert c["sigma"] ** 2 == pytest.approx(q["variance"], rel=1e-12)
        # ε̂ = (x_t − √ᾱ_t x̂_0) / √(1 − ᾱ_t) put in: what x_t and x̂_0 are multiplied by
        by_x = c["eps"] / math.sqrt(1 - kept_t)
        assert by_x == pytest.approx(q["x_t"], rel=1e-9)
        assert c["x0"] - by_x * math.sqrt(kept_t) == pytest.approx(q["x0"], rel=1e-9)
        assert way.coefficients(kept_t, kept_s, 0.0)["sigma"] == 0


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
    assert check.guess_delta(found, plan)["delta"] < 1e-12
    assert [m["t"] for m in found] == respaced(100, 12)
    found[4]["x"] = found[4]["x"] + 1e-3
    assert check.guess_delta(found, plan)["delta"] > 1e-4


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
    kept = PLAN.alpha_bar[40].item()
    eps, x0 = model.predict(x, kept, labels)
    phi = torch.full((3,), math.acos(math.sqrt(kept)), dtype=torch.float64)
    v = model.net(x, phi, labels)
    assert torch.allclose(eps, math.sqrt(kept) * v + math.sqrt(1 - kept) * x, atol=1e-12)
    assert torch.allclose(x0, way.original(x, eps, kept), atol=1e-9)
    for w in (0.0, 0.5, 1.0, 3.0):
        assert check.net_delta(model, x, 40, labels, w)["delta"] < 1e-11
    assert torch.equal(model.predict(x, kept, labels, 0.0)[0], model.predict(x, kept, None)[0])
    near = model.predict(x, kept, labels, 1 + 1e-9)[0]  # by the pair
    assert torch.allclose(near, eps, atol=1e-7) and not torch.equal(
        eps, model.predict(x, kept, None)[0]
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
        far.append(check.round_trip_delta(images, back)["delta"])
    assert far[2] < 1e-6 and far[2] < far[1] < far[0]
    ways = list(model.encoding(images, steps=5))
    assert [m["t"] for m in ways] == respaced(100, 5)[::-1]
    assert torch.equal(to_images(ways[0]["x"]), images)


def test_a_gaussian_s_ode_is_its_closed_form():
    sigma, mean = 0.3, 0.5  # data N(0.5, 0.3²): ε̂ is linear, and the ODE has a solution

    def predict(x, t):
        kept = plan.alpha_bar[t].item()
        eps = math.sqrt(1 - kept) * (x - math.sqrt(kept) * mean) / (kept * sigma**2 + 1 - kept)
        return eps, way.original(x, eps, kept)

    plan = Schedule("cosine", 1000)
    x = torch.linspace(-2, 2, 9, dtype=torch.float64)[:, None]
    *_, last = way.chain(predict, x, respaced(1000, 1000), plan.alpha_bar, 0.0)
    kept = plan.alpha_bar[-1].item()
    wide = math.sqrt(kept * sigma**2 + 1 - kept)
    exact = mean + sigma * (x - math.sqrt(kept) * mean) / wide
    assert (last["x"] - exact).abs().max() < 5e-3
    n = 20_000
    start = torch.randn(n, 1, generator=seeded(), dtype=torch.float64)
    *_, last = way.chain(predict, start, respaced(1000, 200), plan.alpha_bar, 1.0, seeded(1))
    assert last["x"].mean().item() == pytest.approx(mean, abs=0.01)
    assert last["x"].std().item() == pytest.approx(sigma, abs=0.02)


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
    assert [m["t"] for m in moments] == respaced(30, 5)
    assert torch.equal(moments[0]["x"], model.noise(images, 30, generator=seeded(1)))
    assert torch.equal(to_images(model.noise(images, 0, generator=seeded(1))), images)


def test_the_loss_is_of_v_and_its_gradient_is_finite(model):
    x0 = to_process(torch.rand(8, 1, 28, 28, generator=seeded(), dtype=torch.float64))
    labels = torch.arange(8)
    seen = {}

    def net(x, kept, given):
        seen.update(x=x, kept=kept, labels=given)
        return torch.zeros_like(x)

    value, t, each = loss(net, x0, labels, PLAN, seeded(1))
    assert ((t - 1) // 12.5 == torch.arange(8)).all()  # one in each eighth
    noise = (seen["x"] - seen["kept"].sqrt().view(-1, 1, 1, 1) * x0) / (
        1 - seen["kept"]
    ).sqrt().view(-1, 1, 1, 1)
    v = (
        seen["kept"].sqrt().view(-1, 1, 1, 1) * noise
        - (1 - seen["kept"]).sqrt().view(-1, 1, 1, 1) * x0
    )
    assert torch.allclose(each, v.square().mean((1, 2, 3))) and value == each.mean()
    assert set(seen["labels"].tolist()) <= {*range(8), 10}
    trained = DDPM(Config(channels=(8,), depth=1, size=8))
    loss(trained, x0.float(), labels, trained.schedule, seeded(1))[0].backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in trained.parameters())
    found = loss_by_t(model, (x0 + 1) / 2, labels, [5, 60], seeded(2))
    kept = [PLAN.at(t)["alpha_bar"] for t in (5, 60)]
    for k, e, d, v in zip(kept, found["eps"], found["x0"], found["v"]):
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


def test_checks_of_the_way_in_pass_and_tell():
    from core.models.ddpm import forward as way_in

    image = torch.rand(28, 28, generator=seeded(), dtype=torch.float64).tolist()
    for plan in (PLAN, BENT, Schedule("linear")):
        assert check.schedule_delta(plan)["delta"] < 1e-13
        trace = way_in.forward(image, 60, plan, 3)
        assert check.forward_delta(trace, plan)["delta"] < 1e-13
        pixel = way_in.pixel_by_hand(0.5, -0.2, 60, plan)
        assert check.pixel_delta(pixel, plan)["delta"] < 1e-13
        hand = way_in.loss_by_hand([0.5, 1], [-0.2, 1], [0, 2], 60, plan)
        assert check.loss_delta(hand, plan)["delta"] < 1e-13
        assert check.pixel_delta(pixel | {"x_t": pixel["x_t"] + 0.01}, plan)["delta"] > 0.009
        assert check.forward_delta(trace | {"x_t": trace["x_t"] + 1}, plan)["delta"] > 0.1
        assert check.loss_delta(hand | {"loss": 0.5}, plan)["delta"] > 1e-3
