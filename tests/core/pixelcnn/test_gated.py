"""The laws of an exact likelihood: mass, causality, reach; and sampling that keeps its units."""

import math
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from scipy.stats import chisquare
from torch.utils.flop_counter import FlopCounterMode

from core.inputs import InputError
from core.models.pixelcnn.check import log_prob_delta
from core.models.pixelcnn.gated import Config, PixelCNN, class_odds, loss
from core.models.pixelcnn.layers import gate
from core.models.pixelcnn.sampling import Cache, Passes, multiplications, rows_of
from tests.core.pixelcnn.cases import (
    LEAKY,
    SMALL,
    TINY,
    TOLD,
    all_images,
    built,
    first_leak,
    generator,
    images,
)

# ---- probabilities


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_all_512_images_of_a_3x3_model_have_mass_one(seed):
    model = built(TINY, seed).double()
    p = model.log_prob(all_images(3).double()).exp()
    assert p.sum().item() == pytest.approx(1, abs=1e-12)
    assert p.max() > 5 * p.min()  # not all alike


def test_a_leaky_model_s_images_have_another_mass():
    model = built(Config(**{**vars(TINY), "mask": "B"})).double()
    p = model.log_prob(all_images(3).double()).exp()
    assert abs(p.sum().item() - 1) > 0.05


def test_told_the_class_every_class_has_mass_one():
    model = built(Config(side=3, width=4, first=1, dilations=(1,), n_classes=3)).double()
    x = all_images(3).double()
    for c in range(3):
        p = model.log_prob(x, torch.full((512,), c)).exp()
        assert p.sum().item() == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("config", [SMALL, TOLD, LEAKY], ids=str)
def test_log_prob_equals_square_masked_kernels(config):
    model, x = built(config).double(), images(3, config.side).double()
    labels = torch.tensor([0, 2, 1]) if config.n_classes else None
    ours = model.log_prob(x, labels)
    assert log_prob_delta(model, x.numpy(), ours, labels)["delta"] < 1e-12
    assert log_prob_delta(model, x.numpy(), ours + 1e-6, labels)["delta"] > 1e-10


def test_nats_conditionals_and_loss_say_the_same():
    model, x = built(SMALL), images(4)
    p = model.conditional(x)
    own = torch.where(x == 1, p, 1 - p).log()
    assert torch.allclose(model.pixel_log_prob(x), own, atol=1e-5)
    assert torch.allclose(model.log_prob(x), own.sum((1, 2, 3)), rtol=1e-5)
    assert loss(model, x).item() == pytest.approx(-model.log_prob(x).mean().item(), rel=1e-6)


def test_odds_of_classes_are_bayes():
    model, x = built(TOLD), images(2, 5)
    odds = class_odds(model, x)
    each = [model.log_prob(x, torch.full((2,), c)).double().exp() for c in range(3)]
    wanted = torch.stack(each, 1) / torch.stack(each, 1).sum(1, keepdim=True)
    assert (odds - wanted).abs().max() < 1e-5 and odds.std() > 0.01


# ---- causality and reach


def test_no_flip_of_a_later_pixel_changes_an_earlier_conditional_bit_for_bit():
    assert first_leak(built(SMALL), images(1)) is None


def test_the_same_test_catches_mask_b_in_the_first_layer():
    assert first_leak(built(LEAKY), images(1)) == 0


def gradient(model: PixelCNN, row: int, column: int) -> torch.Tensor:
    """Return where the logit's gradient is not 0, (S, S)."""
    x = torch.rand(1, 1, 28, 28, generator=generator(), dtype=torch.float64).requires_grad_()
    (found,) = torch.autograd.grad(model.double()(x)[0, 0, row, column], x)
    return found[0, 0] != 0


@pytest.mark.parametrize("dilations", [(), (1, 1), (1, 2, 1), (1, 2, 4)])
def test_autograd_s_receptive_field_is_the_formula_s(dilations):
    model = built(Config(width=4, first=3, dilations=dilations))
    reach = 3 + sum(dilations)
    for row, column in ((14, 14), (27, 0), (0, 27), (3, 25)):
        seen = model.seen(row, column)
        assert torch.equal(seen, gradient(model, row, column)), (row, column)
    assert model.seen(14, 14).sum() == 2 * reach * (reach + 1)  # all of them: no blind spot
    leaky = built(Config(width=4, first=3, dilations=dilations, mask="B"))
    assert leaky.seen(14, 14).sum() == 2 * reach * (reach + 1) + 1
    assert torch.equal(leaky.seen(14, 14), gradient(leaky, 14, 14))


# ---- sampling


def by_passes(model: PixelCNN, u: torch.Tensor, **options: Any) -> torch.Tensor:
    *_, last = rows_of(model, u, way=Passes, **options)
    return last["x"]


@pytest.mark.parametrize("config", [SMALL, TOLD, TINY], ids=str)
@pytest.mark.parametrize("temperature", [1.0, 0.5])
def test_kept_units_draw_what_pass_after_pass_draws(config, temperature):
    model, side = built(config, 1), config.side
    u = torch.rand(3, 1, side, side, generator=generator(4))
    labels = torch.tensor([2, 0, 1]) if config.n_classes else None
    slow = by_passes(model, u, labels=labels, temperature=temperature)
    moments = list(rows_of(model, u, labels, temperature))
    assert [m["row"] for m in moments] == list(range(side))
    fast = moments[-1]
    assert torch.equal(fast["x"], slow) and 0.05 < slow.mean() < 0.95
    p = torch.sigmoid(model(fast["x"], labels) / temperature)
    assert (fast["p"] - p).abs().max() < 1e-5
    assert (moments[1]["x"][:, :, 2:] == 0).all()  # what is still to come
    assert torch.equal(moments[1]["x"][:, :, :2], slow[:, :, :2])


def test_a_begun_image_is_finished_by_either_way():
    model, begun = built(SMALL), images(2)
    u, start = torch.rand(2, 1, 28, 28, generator=generator(4)), 14 * 28 + 5
    slow = by_passes(model, u, given=begun, start=start)
    moments = list(rows_of(model, u, given=begun, start=start))
    assert torch.equal(moments[-1]["x"], slow) and moments[0]["row"] == 14
    assert torch.equal(slow.flatten(1)[:, :start], begun.flatten(1)[:, :start])
    own = by_passes(model, u)
    again = by_passes(model, u, given=own, start=start)
    assert torch.equal(own, again)  # stopped and gone on


def test_a_generator_fixes_the_samples():
    model = built(TOLD)
    first = model.sample(4, generator=generator(3))
    assert torch.equal(first, model.sample(4, generator=generator(3)))
    assert not torch.equal(first, model.sample(4, generator=generator(5)))
    assert set(first.unique().tolist()) <= {0.0, 1.0}
    *_, last = model.sampling(4, generator=generator(3))
    assert torch.equal(last["x"], first)


def test_at_temperature_0_the_likelier_value_is_drawn_always():
    model = built(SMALL)
    a, b = (model.sample(1, generator=generator(s), temperature=0) for s in (0, 1))
    assert torch.equal(a, b) and torch.equal(a, (model.conditional(a) > 0.5).float())


def test_samples_of_the_3x3_model_fit_its_probabilities():
    model = built(TINY, 1)
    p = model.double().log_prob(all_images(3).double()).exp()
    made = model.float().sample(20_000, generator=generator(9)).flatten(1)
    seen = torch.bincount((made.long() << torch.arange(9)).sum(1), minlength=512)
    wanted = p * len(made)
    assert wanted.min() > 5  # χ² needs as many of each
    assert chisquare(seen.numpy(), wanted.numpy()).pvalue > 1e-3


# ---- files and refusals


def test_a_saved_net_comes_back(tmp_path):
    model = built(TOLD)
    save_file(model.state_dict(), tmp_path / "net.safetensors")
    twin = PixelCNN(TOLD)
    twin.load_state_dict(load_file(tmp_path / "net.safetensors"))
    x, labels = images(2, 5), torch.tensor([0, 1])
    assert torch.equal(twin.log_prob(x, labels), model.log_prob(x, labels))


def test_muon_is_given_matrices_and_kernels_of_the_blocks_alone():
    model = built(TOLD)
    names = {id(p): name for name, p in model.named_parameters()}
    found = {names[id(p)] for p in model.hidden()}
    kinds = ("vertical", "horizontal", "down", "out")
    wanted = {f"blocks.{k}.{kind}.weight" for k in range(2) for kind in kinds}
    assert found == wanted | {"mix.weight"}


@pytest.mark.parametrize(
    "given",
    [
        {"width": 0},
        {"side": 0},
        {"first": 0},
        {"dilations": (0,)},
        {"first": 1, "dilations": (2,)},
        {"dilations": (1, 8)},
        {"n_classes": -1},
        {"mask": "C"},
    ],
    ids=str,
)
def test_configs_that_are_refused(given):
    with pytest.raises(InputError):
        Config(**given)


def test_inputs_that_are_refused():
    plain, told = built(TINY), built(TOLD)
    x = images(2, 5)
    for labels in (None, torch.tensor([0]), torch.tensor([0.0, 1.0]), torch.tensor([0, 3])):
        with pytest.raises(InputError, match="labels"):
            told.log_prob(x, labels)
    with pytest.raises(InputError, match="labels"):
        plain.log_prob(images(2, 3), torch.tensor([0, 1]))
    for options in (
        {"temperature": -1},
        {"start": 3},
        {"given": images(2, 3), "start": 3},
        {"given": images(1, 3) * 0.5 + 0.1, "start": 9},
        {"given": images(1, 3), "start": 10},
    ):
        with pytest.raises(InputError):
            plain.sample(1, generator=generator(), **options)
    with pytest.raises(InputError, match="n is 0"):
        plain.sample(0)


def test_gate_is_twice_tanh_times_sigmoid_of_the_double():
    x = torch.randn(5, 8, 2, 2, generator=generator(), dtype=torch.float64)
    a, b = x[:, :4], x[:, 4:]
    assert torch.allclose(gate(x), 2 * torch.tanh(a) / (1 + torch.exp(-2 * b)), atol=1e-14)
    assert math.isclose(gate(torch.zeros(1, 2, 1, 1)).item(), 0.0)


def test_a_pass_multiplies_as_often_as_torch_counts():
    """Torch counts the borders that the first layer drops, too: one row and one column of it."""
    config = Config(side=10, width=6, first=2, dilations=(1, 2))
    model, x = PixelCNN(config), torch.zeros(1, 1, 10, 10)
    with FlopCounterMode(display=False) as counted, torch.no_grad():
        model(x)
    dropped = 10 * 6 * (2 * 5) + 10 * 6 * 2  # a row of `above`, a column of `left`
    assert counted.get_total_flops() // 2 == multiplications(config) + dropped


def test_the_caller_s_mode_is_untouched_between_rows():
    model = PixelCNN(Config(side=4, width=2, first=1, dilations=(1,)))
    u = torch.rand(1, 1, 4, 4, generator=generator(0))
    for way in (Cache, Passes):
        next(rows_of(model, u, way=way))
        assert torch.is_grad_enabled() and not torch.is_inference_mode_enabled()
