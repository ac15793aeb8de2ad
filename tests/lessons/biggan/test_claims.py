"""What the BigGAN lesson says, computed."""

import numpy as np
import pytest
import torch
from scipy import stats

from apps.lessons.biggan import chunks, condition, models, projection, psi, spectral, truncated
from apps.lessons.biggan.inputs import LABELS, NUMBERS, Inputs
from core.models.biggan import by_hand, layers
from core.models.biggan.by_hand import variance
from core.models.biggan.spectral import SpectralLinear
from core.models.gan.losses import discriminator_loss
from core.weights import cards
from tests.lessons.claims import SEEDS, claim
from tests.tab_case import TabCase

torch.set_num_threads(1)
CASE = TabCase("biggan")


# a normal distribution cut off


@claim("biggan", 1)
def test_redrawing_leaves_less_variance_than_scaling(said):
    psi = Inputs().psi
    said("0.5", psi)
    said("0.081", stats.truncnorm.var(-psi, psi))
    said("0.25", psi**2)
    said("1", stats.norm.var())
    assert psi**2 / variance(psi) == pytest.approx(3, abs=0.2)  # three times
    inside = 2 * stats.norm.cdf(psi) - 1
    formula = 1 - 2 * psi * stats.norm.pdf(psi) / (2 * stats.norm.cdf(psi) - 1)
    assert formula == pytest.approx(variance(psi))
    said("2.61", 1 / inside)
    said.named("0 2")


@claim("biggan", 1)
def test_what_is_scaled_has_no_bound(said):
    said("31.7 %", 100 * 2 * stats.norm.cdf(-1))
    for seed in SEEDS:
        trace = by_hand.draw_truncated(20_000, Inputs().psi, seed)
        beyond = np.abs(trace["scaled"]) > Inputs().psi
        assert 100 * beyond.mean() == pytest.approx(31.7, abs=1.5)
        assert (beyond == (np.abs(trace["first"]) > 1)).all()
        assert np.abs(trace["values"]).max() <= Inputs().psi
        assert 1 + trace["redrawn"].mean() == pytest.approx(2.61, abs=0.1)


@claim("biggan", 1)
def test_both_distributions_take_shape_with_more_draws(said):
    """The variances of more draws are nearer to their laws, over ten seeds."""
    ends = []
    for seed in SEEDS:
        _, *rows = CASE.tables("truncated", seed=seed)["variance"]
        assert [row[0] for row in rows] == list(truncated.COUNTS)
        ends.append([[abs(r[1] - variance(0.5)), abs(r[2] - 0.25)] for r in (rows[0], rows[-1])])
    first, last = np.mean(ends, 0)
    assert (last < first / 10).all()
    said.named("0.5")


# conditional batch norm


@claim("biggan", 3)
def test_without_the_one_next_to_nothing_is_passed_on(said):
    given = Inputs().a, Inputs().gain, Inputs().offset
    with_one, without = (by_hand.conditional_norm(*given, plus_one=p) for p in (True, False))
    said("0.977에서 0.029", with_one["out"].std(), without["out"].std())
    assert CASE.scene("condition")["tries"] == {"plus_one": False}
    assert np.abs(Inputs().gain).max() <= 0.05 and np.abs(Inputs().offset).max() <= 0.05
    assert len(set(condition.CLASSES)) == 2 and len(NUMBERS) == 6
    said("1", 1)
    said.named("0 54 200")


@claim("biggan", 3)
def test_the_gradient_on_its_way_back_is_as_small(said):
    for seed in SEEDS:
        draw = np.random.default_rng(seed)
        a, g = draw.normal(4, 2, 16), draw.normal(0, 0.03, 16)
        sizes = []
        for plus_one in (1.0, 0.0):
            x = torch.tensor(a, requires_grad=True)
            normal = torch.nn.functional.batch_norm(x[:, None], None, None, training=True)[:, 0]
            ((plus_one + torch.tensor(g)) * normal).backward(torch.tensor(draw.normal(size=16)))
            assert x.grad is not None
            sizes.append(x.grad.norm().item())
        assert sizes[1] < 0.15 * sizes[0]
    said.named("1")


@claim("biggan", 3)
def test_gain_and_offset_are_linear_in_the_class_s_vector_and_a_part_of_z(said):
    norm = layers.ConditionalNorm(5, 7).eval()
    s, t = torch.randn(2, 3, 7, generator=torch.Generator().manual_seed(0))
    for net in (norm.gain, norm.offset):
        assert torch.allclose(net(2 * s - t), 2 * net(s) - net(t), atol=1e-5)
    said.named("1")


# spectral norm


@claim("biggan", 5)
def test_no_pair_moves_further_apart(said):
    said("1,000", spectral.PAIRS)
    for seed in SEEDS:
        w = np.random.default_rng(seed).normal(size=(2, 2))
        sigma = by_hand.spectral(w, spectral.LONG, seed)["sigma"][-1]
        assert spectral.shorter(w / sigma, seed) == spectral.PAIRS
        assert spectral.shorter(1.1 * w / sigma, seed) < spectral.PAIRS


@claim("biggan", 5)
def test_the_error_falls_by_the_ratio_to_the_fourth(said):
    w = np.array(Inputs().matrix)
    large, small = np.linalg.svd(w, compute_uv=False)
    said("0.079", (small / large) ** 4)
    for seed in SEEDS:
        left = large - by_hand.spectral(w, 8, seed)["sigma"]
        assert (left >= -1e-12).all()  # from below
        assert left[5] / left[4] == pytest.approx((small / large) ** 4, rel=0.1)
    near = by_hand.spectral([[1.0, 0], [0, 0.99]], 8, 0)["sigma"]
    assert 1 - near[-1] > 1e-4  # it takes long


@claim("biggan", 5)
def test_the_circle_s_image_is_as_long_as_the_largest_singular_value(said):
    turns = np.linspace(0, 2 * np.pi, 100_001)
    image = np.stack([np.cos(turns), np.sin(turns)], 1) @ np.array(Inputs().matrix).T
    largest = np.linalg.svd(Inputs().matrix, compute_uv=False)[0]
    assert np.linalg.norm(image, axis=1).max() == pytest.approx(largest, rel=1e-8)
    said.named("1,000")


@claim("biggan", 5)
def test_one_round_a_step_follows_weights_that_change_little(said):
    for seed in SEEDS:
        torch.manual_seed(seed)
        layer = SpectralLinear(12, 16).train()
        with torch.no_grad():
            for _ in range(200):
                layer.weight.add_(0.002 * torch.randn(layer.weight.shape))
                layer(torch.ones(1, 12))
        found = torch.linalg.matrix_norm(layer.normalised().detach(), 2).item()
        assert found == pytest.approx(1, abs=0.05)
    said.named("0.079")


# projection


@claim("biggan", 6)
def test_the_label_changes_one_term_alone(said):
    trace = by_hand.projection(Inputs().h, Inputs().weight, projection.BIAS, Inputs().vectors)
    said("1", trace["plain"])
    said("y = 0", LABELS[0])
    said("2.35", trace["scores"][0])
    said("0.25", trace["scores"][1])
    assert CASE.scene("projection")["tries"] == {"label": 1}
    np.testing.assert_allclose(trace["scores"] - trace["match"], trace["plain"])
    far = torch.tensor([-9.0])  # a made image that D is sure of costs nothing
    costs = [discriminator_loss("hinge", torch.tensor([s]), far).item() for s in trace["scores"]]
    said("0", costs[0])
    said("0.75", costs[1])


# quality against variety


@claim("biggan", 2)
def test_a_smaller_psi_costs_variety(said):
    head, *rows = CASE.tables("psi")["figures"]
    found = {row[0]: dict(zip(head, row)) for row in rows}
    whole, half, quarter = found["none"], found[0.5], found[0.25]
    said("0.041", whole["Fréchet"])
    said("0.785", half["Fréchet"])
    said("1.099", quarter["Fréchet"])
    said("0.909에서 2.323", whole["density"], half["density"])
    said("0.915에서 0.446", whole["coverage"], half["coverage"])
    said("99.4 %", 100 * whole["label accuracy"])
    apart = dict(CASE.tables("psi")["apart"][1:])
    said("0.139에서 0.052", apart["none"], apart[0.5])
    said.named("0.25 2")
    assert (np.diff([row[1] for row in rows]) < 0).all()  # the distance falls as ψ grows
    accuracy = [row[4] for row in rows]
    assert accuracy == sorted(accuracy, reverse=True)  # clearer digits below
    card = cards()[models.NAME].metrics
    said("10,000장", card["Fréchet"]["samples"])
    said("2,000장", card["coverage"]["samples"])


@claim("biggan", 2)
def test_digits_of_a_class_get_alike_under_any_seed(said):
    labels = models.each_class(psi.ROWS)
    for seed in SEEDS:
        apart = [
            psi.apart(models.decode(models.codes(len(labels), seed, way), labels))
            for way in (*psi.PSI, None)
        ]
        assert (np.diff(apart) > 0).all() and apart[1] < apart[-1] / 2
    said.named("0.5")


# parts of the code


@claim("biggan", 4)
def test_the_first_part_decides_nearly_all(said):
    rows = CASE.tables("chunks")["moved"][1:]
    first, second, third, every = (row[1] for row in rows)
    said("0.132", first)
    said("0.017", second)
    said("0.029", third)
    said("0.136", every)
    said("300", chunks.CROWD)
    assert min(row[2] for row in rows) > 0.99
    said.named("99 %")
    config = models.biggan().config
    said("16", config.part)
    said("7×7", 7, 7)
    for seed in SEEDS:
        moved, read = zip(*chunks.measure(seed))
        assert moved[0] > 0.9 * moved[3] and max(moved[1:3]) < 0.3 * moved[0]
        assert min(read) > 0.98


@claim("biggan", 4)
def test_parts_enter_other_levels(said):
    """Without gradients: which maps change when one part does."""
    net = models.biggan().generator
    z = torch.tensor(models.codes(2, 0), dtype=torch.float32)
    e = net.embed(torch.zeros(1, dtype=torch.long))
    sizes = []
    hooks = [
        one.register_forward_hook(lambda _m, _given, out: sizes[-1].append(out.detach().clone()))
        for one in (net.start, *net.up)
    ]
    with torch.no_grad():
        for parts in ((), (0,), (1,), (2,)):
            sizes.append([])
            mixed = chunks.swapped(z[:1].numpy(), z[1:].numpy(), parts)
            net.draw(torch.tensor(mixed, dtype=torch.float32), e)
    for hook in hooks:
        hook.remove()
    same = [[torch.equal(a, b) for a, b in zip(sizes[0], one)] for one in sizes[1:]]
    assert same == [[False, False, False], [True, False, False], [True, True, False]]
    said("14×14", *sizes[0][1].shape[2:])
    said("28×28", *sizes[0][2].shape[2:])
