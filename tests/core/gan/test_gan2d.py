"""The GAN in the plane: steps against torch's modules and optimizers, and a run as a value."""

import threading
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from core.inputs import InputError
from core.models.flat import nets as flat_nets
from core.models.flat import packing
from core.models.flat.optimizers import MOMENTS, OPTIMIZERS, update
from core.models.flat.settings import target
from core.models.gan import gan2d, gan2d_state
from core.models.gan.gan2d_picture import describe, measure
from core.models.gan.gan2d_settings import FIELDS, TARGETS, Settings
from core.models.gan.losses import KINDS

torch.set_num_threads(1)
SMALL: dict[str, Any] = {"batch": 16, "g_width": 6, "d_width": 5}
DRAWN = ((0.0, 0.0), (1.0, 0.5), (-1.0, 2.0))


def same(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[k], other[k]) for k in one)


def module(flat, sizes):
    """The same net in torch's own layers."""
    layers = []
    for inputs, outputs in zip(sizes, sizes[1:]):
        layers += [nn.Linear(inputs, outputs), nn.LeakyReLU(0.2)]
    net = nn.Sequential(*layers[:-1])
    nn.utils.vector_to_parameters(flat.clone(), net.parameters())
    return net


OPTIMS = {
    "sgd": lambda p, rate: torch.optim.SGD(p, rate),
    "momentum": lambda p, rate: torch.optim.SGD(p, rate, momentum=0.7),
    "rmsprop": lambda p, rate: torch.optim.RMSprop(p, rate),
    "adam": lambda p, rate: torch.optim.Adam(p, rate, betas=(0.7, 0.999)),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_update_equals_torch_optim(name):
    weights = torch.randn(7, generator=torch.Generator().manual_seed(0))
    theirs = nn.Parameter(weights.clone())
    optim = OPTIMS[name]([theirs], 0.05)
    moments = {m: torch.zeros(7) for m in MOMENTS[name]}
    for count in range(1, 21):
        grad = torch.sin(weights * 3) + 0.1 * count
        theirs.grad = grad.clone()
        optim.step()
        weights, moments = update(name, weights, grad, moments, count, 0.05, 0.7)
        assert torch.allclose(weights, theirs.detach(), atol=1e-6)


@pytest.mark.parametrize("net", ["g", "d"])
def test_a_flat_net_equals_torchs_layers(net):
    s = Settings(g_depth=3, d_depth=2, pack=2, **SMALL)
    flat = gan2d.begin(s)[net]
    sizes = s.sizes(net)
    assert len(flat) == flat_nets.size(sizes)
    x = torch.randn(9, sizes[0])
    ours = flat_nets.forward(flat_nets.unfold(flat, sizes), x)
    assert torch.allclose(ours, module(flat, sizes)(x), atol=1e-6)


def bce(logits, label):
    return nn.functional.binary_cross_entropy_with_logits(logits, torch.full_like(logits, label))


THEIRS = {  # of D on real and generated, and of G: written out again
    "minimax": (lambda a, b: bce(a, 1.0) + bce(b, 0.0), lambda b: -bce(b, 0.0)),
    "non-saturating": (lambda a, b: bce(a, 1.0) + bce(b, 0.0), lambda b: bce(b, 1.0)),
    "least-squares": (
        lambda a, b: ((a - 1) ** 2).mean() / 2 + (b**2).mean() / 2,
        lambda b: ((b - 1) ** 2).mean() / 2,
    ),
    "wasserstein": (lambda a, b: b.mean() - a.mean(), lambda b: -b.mean()),
    "hinge": (
        lambda a, b: (1 - a).clamp_min(0).mean() + (1 + b).clamp_min(0).mean(),
        lambda b: -b.mean(),
    ),
}


@pytest.mark.parametrize("loss", THEIRS)
def test_a_step_equals_modules_and_optimizers(loss):
    """Steps with torch's own layers, losses, clipping and Adam, on the same draws."""
    s = Settings(loss=loss, d_steps=2, pack=2, noise=0.1, momentum=0.7, clip=0.3, **SMALL)
    state = gan2d.begin(s)
    nets = {k: module(state[k], s.sizes(k)) for k in "gd"}
    G, D = nets["g"], nets["d"]
    optim = {k: torch.optim.Adam(nets[k].parameters(), 0.002, betas=(0.7, 0.999)) for k in "gd"}
    for step in (1, 2, 3):
        rng = gan2d.draws(s, step)
        for _ in range(2):
            real = target(s).sample(16, rng).float()
            fake = G(torch.randn(16, 2, generator=rng)).detach()
            real = real + 0.1 * torch.randn(16, 2, generator=rng)
            fake = fake + 0.1 * torch.randn(16, 2, generator=rng)
            value = THEIRS[loss][0](D(real.reshape(8, 4)), D(fake.reshape(8, 4)))
            optim["d"].zero_grad()
            value.backward()
            optim["d"].step()
            if loss == "wasserstein":
                with torch.no_grad():
                    for p in D.parameters():
                        p.clamp_(-0.3, 0.3)
        made = G(torch.randn(16, 2, generator=rng))
        made = made + 0.1 * torch.randn(16, 2, generator=rng)
        lost = THEIRS[loss][1](D(made.reshape(8, 4)))
        optim["g"].zero_grad()
        lost.backward()
        optim["g"].step()
        state, (seen,) = gan2d.advance(state, s)
        assert seen["d_loss"] == pytest.approx(value.item(), abs=1e-5)
        assert seen["g_loss"] == pytest.approx(lost.item(), abs=1e-5)
    for k in "gd":
        theirs = nn.utils.parameters_to_vector(nets[k].parameters())
        assert torch.allclose(state[k], theirs, atol=1e-5)


def test_the_penalty_counts():
    """With λ the loss of D is higher by λ E(‖∇D‖ − 1)², which a small first D makes nearly λ."""
    losses = {}
    for penalty in (0.0, 10.0):
        s = Settings(loss="wgan-gp", penalty=penalty, **SMALL)
        losses[penalty] = gan2d.advance(gan2d.begin(s), s)[1][0]["d_loss"]
    assert 3 < losses[10.0] - losses[0.0] < 10


@pytest.mark.parametrize("loss", KINDS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_same_seed_is_the_same_run(loss, optimizer):
    s = Settings(loss=loss, optimizer=optimizer, **SMALL)
    first = gan2d.begin(s)
    kept = {name: value.clone() for name, value in first.items()}
    whole, seen = gan2d.advance(first, s, 6)
    half, early = gan2d.advance(first, s, 2)
    rest, late = gan2d.advance(
        gan2d_state.check(packing.unpack(packing.pack(half, None))[0], s), s, 4
    )
    assert same(whole, rest) and seen == early + late
    assert same(first, kept)  # the earlier moment is as it was
    other, _ = gan2d.advance(gan2d.begin(replace(s, seed=1)), replace(s, seed=1), 6)
    assert not same(whole, other)
    assert [row["step"] for row in seen] == [1, 2, 3, 4, 5, 6]


def test_two_runs_at_once_do_not_touch():
    settings = [Settings(seed=k, loss=loss, **SMALL) for k, loss in enumerate(KINDS[:4])]
    alone = [gan2d.advance(gan2d.begin(s), s, 20)[0] for s in settings]
    found, together = {}, threading.Barrier(len(settings))

    def train(k):
        torch.set_num_threads(1)
        state = gan2d.begin(settings[k])
        together.wait()
        for _ in range(10):
            state, _ = gan2d.advance(state, settings[k], 2)
        found[k] = state

    threads = [threading.Thread(target=train, args=(k,)) for k in range(len(settings))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(same(found[k], alone[k]) for k in range(len(settings)))


def test_nothing_is_drawn_from_the_global_generator():
    before = torch.get_rng_state()
    s = Settings(noise=0.1, loss="wgan-gp", **SMALL)
    state, _ = gan2d.advance(gan2d.begin(s), s, 2)
    describe(state, s)
    measure(state, s, 256)
    assert torch.equal(before, torch.get_rng_state())


def test_one_net_alone():
    s = Settings(d_steps=3, **SMALL)
    first = gan2d.begin(s)
    only_d, (seen,) = gan2d.advance(first, s, 1, "d")
    assert torch.equal(only_d["g"], first["g"]) and not torch.equal(only_d["d"], first["d"])
    assert only_d["counts"].tolist() == [1, 3, 0]
    assert seen["g_loss"] is seen["push"] is None and (seen["d_loss"] or 0) > 0
    only_g, (seen,) = gan2d.advance(first, s, 1, "g")
    assert torch.equal(only_g["d"], first["d"]) and not torch.equal(only_g["g"], first["g"])
    assert only_g["counts"].tolist() == [1, 0, 1]
    assert seen["d_loss"] is None and (seen["push"] or 0) > 0


def test_push_is_what_an_arrow_shows():
    for loss in KINDS:
        for pack in (1, 2):
            s = Settings(loss=loss, pack=pack, **SMALL)
            state, _ = gan2d.advance(gan2d.begin(s), s, 3)
            picture = describe(state, s)
            D = module(state["d"], s.sizes("d"))
            x = torch.tensor(picture["fake"]).requires_grad_()
            out = D(x.reshape(-1, 2 * pack))[:, 0]
            (steep,) = torch.autograd.grad(out.sum(), x, retain_graph=True)
            lost = {"wgan-gp": THEIRS["wasserstein"], **THEIRS}[loss][1](out) * len(out)
            (down,) = torch.autograd.grad(lost, x)
            np.testing.assert_allclose(picture["push"], -down[:60].numpy(), atol=1e-6)
            np.testing.assert_allclose(picture["slope"], steep.norm(dim=1)[:60].numpy(), atol=1e-6)


def test_a_run_that_overflows_stops_before_it():
    s = Settings(optimizer="sgd", loss="least-squares", d_rate=1.0, g_rate=1.0, d_width=64)
    state, seen = gan2d.advance(gan2d.begin(s), s, 200)
    assert len(seen) < 200
    assert all(torch.isfinite(value).all() for value in state.values())
    assert state["counts"][0] == len(seen)


# ---- changes in mid-training


@pytest.mark.parametrize(
    ("changed", "anew"),
    [
        ({"g_width": 7}, "g"),
        ({"g_depth": 1}, "g"),
        ({"latent": 1}, "g"),
        ({"d_width": 9}, "d"),
        ({"d_depth": 4}, "d"),
        ({"pack": 2}, "d"),
        ({"loss": "hinge"}, ""),
        ({"target": "spiral"}, ""),
        ({"prior": "uniform"}, ""),
        ({"batch": 32}, ""),
        ({"g_rate": 0.1}, ""),
        ({"d_steps": 4}, ""),
        ({"seed": 9}, ""),
    ],
)
def test_a_change_starts_one_net_anew_or_none(changed, anew):
    old = Settings(**SMALL)
    new = replace(old, **changed)
    state, _ = gan2d.advance(gan2d.begin(old), old, 3)
    adapted = gan2d_state.check(gan2d.adapt(state, old, new), new)
    for net in "gd":
        kept = [torch.equal(adapted[k], state[k]) for k in (net, f"{net}.m", f"{net}.v")]
        assert all(kept) if net != anew else not any(kept)
    assert adapted["counts"][0] == 3
    after, seen = gan2d.advance(adapted, new, 2)
    assert [row["step"] for row in seen] == [4, 5]
    gan2d_state.check(after, new)


@pytest.mark.parametrize("optimizer", OPTIMIZERS[:3])
def test_a_changed_optimizer_starts_its_moments_anew(optimizer):
    old = Settings(**SMALL)
    new = replace(old, optimizer=optimizer)
    state, _ = gan2d.advance(gan2d.begin(old), old, 3)
    adapted = gan2d_state.check(gan2d.adapt(state, old, new), new)
    assert torch.equal(adapted["g"], state["g"]) and torch.equal(adapted["d"], state["d"])
    assert not any(adapted[k].any() for k in adapted if "." in k)
    assert adapted["counts"].tolist() == [3, 0, 0]
    back = gan2d_state.check(gan2d.adapt(adapted, new, old), old)
    assert not back["d.v"].any()


# ---- what a page sees


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("latent", [1, 2])
def test_a_picture_has_its_shapes(name, latent):
    s = Settings(target=name, points=DRAWN if name == "drawn" else (), latent=latent, **SMALL)
    state = gan2d.begin(s)
    shown = describe(state, s, n=64, side=10, arrows=20)
    shapes = {k: v.shape for k, v in shown.items() if isinstance(v, np.ndarray)}
    assert shapes == {
        "z": (64, latent),
        "fake": (64, 2),
        "real": (64, 2),
        "surface": (10, 10),
        "warp": (22, 41, 2) if latent == 2 else (1, 328, 2),
        "at": (20, 2),
        "push": (20, 2),
        "slope": (20,),
    }
    assert all(shown[k].dtype == np.float32 for k in shapes)
    found = measure(state, s, 256)
    assert (found["modes"] is None) == (name not in ("ring", "grid", "clusters"))


@pytest.mark.parametrize("loss", KINDS)
def test_the_surface_says_what_it_is(loss):
    s = Settings(loss=loss, **SMALL)
    state, _ = gan2d.advance(gan2d.begin(s), s, 2)
    shown = describe(state, s, side=8)
    corner = torch.tensor([[-3 + 6 / 16, 3 - 6 / 16]])  # the middle of the upper left cell
    raw = module(state["d"], s.sizes("d"))(corner).item()
    if loss in ("minimax", "non-saturating"):
        assert shown["surface_is"] == "probability"
        raw = 1 / (1 + np.exp(-raw))
    else:
        assert shown["surface_is"] == "score"
    assert shown["surface"][0, 0] == pytest.approx(raw, abs=1e-5)


def test_points_keep_their_latents():
    s = Settings(**SMALL)
    state = gan2d.begin(s)
    later, _ = gan2d.advance(state, s, 2)
    one, two = describe(state, s), describe(later, s)
    np.testing.assert_array_equal(one["z"], two["z"])
    np.testing.assert_array_equal(one["real"], two["real"])
    assert 0 < np.abs(one["fake"] - two["fake"]).max() < 0.5


# ---- bad input


BAD = [
    ({"target": "pinwheel"}, "target"),
    ({"target": "drawn"}, "points"),
    ({"target": "drawn", "points": ((0, 0), (1, 1))}, "points"),
    ({"target": "drawn", "points": ((0, 0), (1, 1), (9, 0))}, "points"),
    ({"target": "drawn", "points": "abc"}, "points"),
    ({"sigma": 0}, "sigma"),
    ({"batch": 7}, "batch"),
    ({"batch": 513}, "batch"),
    ({"batch": True}, "batch"),
    ({"latent": 3}, "latent"),
    ({"prior": "cauchy"}, "prior"),
    ({"g_width": 65}, "g_width"),
    ({"d_depth": 0}, "d_depth"),
    ({"optimizer": "lbfgs"}, "optimizer"),
    ({"momentum": 1}, "momentum"),
    ({"g_rate": float("nan")}, "g_rate"),
    ({"d_rate": -1}, "d_rate"),
    ({"d_steps": 11}, "d_steps"),
    ({"loss": "other"}, "loss"),
    ({"clip": 0}, "clip"),
    ({"penalty": 101}, "penalty"),
    ({"pack": 3}, "pack"),
    ({"noise": "much"}, "noise"),
    ({"seed": 2**31}, "seed"),
]


@pytest.mark.parametrize(("changed", "field"), BAD)
def test_bad_settings_name_their_field(changed, field):
    with pytest.raises(InputError, match=rf"^{field}\b"):
        Settings(**changed)


def test_settings_come_back_from_a_page():
    s = Settings(target="drawn", points=[[0, 0], [1, 0.5], [-1, 2]], batch=64.0)  # pyright: ignore
    assert s.batch == 64 and s.points[1] == (1.0, 0.5)
    assert Settings(**asdict(s)) == s and hash(s) == hash(Settings(**asdict(s)))
    assert set(asdict(s)) == set(FIELDS)


@pytest.mark.parametrize("steps", [0, 501, 1.5, None])
def test_bad_steps_are_refused(steps):
    s = Settings(**SMALL)
    with pytest.raises(InputError, match="^steps"):
        gan2d.advance(gan2d.begin(s), s, steps)


def test_a_state_from_elsewhere_is_checked():
    s = Settings(**SMALL)
    good = gan2d.begin(s)
    assert same(gan2d_state.check(good, s), good)
    size = len(good["g"])
    wrong = [
        ({"g": good["g"][:-1]}, r"state\.g"),
        ({"g": good["g"].double()}, r"state\.g"),
        ({"g": good["g"].tolist()}, r"state\.g"),
        ({"d": torch.full_like(good["d"], float("nan"))}, r"state\.d"),
        ({"d": torch.full_like(good["d"], float("inf"))}, r"state\.d"),
        ({"g.v": -torch.ones(size)}, r"state\.g\.v"),
        ({"counts": torch.tensor([1, 2])}, r"state\.counts"),
        ({"counts": torch.tensor([-1, 0, 0])}, r"state\.counts"),
        ({"g.m": None}, r"state\.g\.m"),
        ({"h": good["g"]}, r"state\.h"),
    ]
    for changed, field in wrong:
        with pytest.raises(InputError, match=rf"^{field}\b"):
            gan2d_state.check({**good, **changed}, s)
    for state in (None, [], "abc"):
        with pytest.raises(InputError, match="^state"):
            gan2d_state.check(state, s)
    with pytest.raises(InputError, match=r"^state\.g"):
        gan2d_state.check(good, replace(s, g_width=7))
