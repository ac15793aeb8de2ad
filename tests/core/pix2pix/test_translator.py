"""The nets: shapes, faces, skips that are cut, fields by gradient, losses, an independent run."""

import math

import pytest
import torch
import torch.nn.functional as F

from core.inputs import InputError
from core.models.pix2pix import check
from core.models.pix2pix.field import follow
from core.models.pix2pix.translator import SKIPS, Config, Pix2Pix, d_loss, g_loss

SMALL = Config(channels=4, patch_channels=4)
TWO = Config(channels=4, patch_channels=4, faces=2)


def built(config: Config = SMALL, seed: int = 0) -> Pix2Pix:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return Pix2Pix(config).eval()


def pictures(n: int, seed: int = 1) -> torch.Tensor:
    return torch.rand(n, 1, 64, 64, generator=torch.Generator().manual_seed(seed))


def test_images_and_verdicts_have_their_shapes_and_range():
    model = built(TWO)
    made = model.translate(pictures(2), torch.tensor([0, 1]))
    assert made.shape == (2, 1, 64, 64) and 0 <= made.min() and made.max() <= 1
    assert model.verdicts(pictures(2), made).shape == (2, 14, 14)


def test_a_whole_net_has_the_paper_s_levels():
    sizes = [one.shape[1:] for one in built().generator.levels(pictures(1))]
    down = [(4, 32), (8, 16), (16, 8), (16, 4), (16, 2)]
    up = [(16, 4), (16, 8), (8, 16), (4, 32), (1, 64)]
    assert [tuple(one[:2]) for one in sizes] == down + up


def test_the_same_drawing_gives_the_same_type_alone_or_in_a_batch():
    model, x = built(), pictures(3)
    assert torch.equal(model.translate(x), model.translate(x))
    alone = torch.cat([model.translate(one[None]) for one in x])
    assert torch.allclose(model.translate(x), alone, atol=1e-5)


def test_the_face_changes_the_type_and_none_is_the_first():
    model, x = built(TWO), pictures(1)
    first, second = (model.translate(x, torch.tensor([f])) for f in (0, 1))
    assert torch.equal(model.translate(x), first) and not torch.allclose(first, second)


@pytest.mark.parametrize("level", range(SKIPS))
def test_a_skip_that_is_cut_gives_exact_zeros(level):
    model, x = built(), pictures(1)
    seen: list[torch.Tensor] = []
    up = model.generator.up[SKIPS - level]
    up.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    skips = tuple(i != level for i in range(SKIPS))
    model.translate(x, skips=skips)
    half = seen[0].shape[1] // 2
    assert (seen[0][:, half:] == 0).all() and (seen[0][:, :half] != 0).any()


def test_with_every_skip_cut_all_goes_through_the_narrow_end():
    model = built()
    narrow = model.generator.down[-1]
    narrow.register_forward_hook(lambda _, given, out: out * 0 + 1)
    a, b = (model.translate(pictures(1, seed), skips=(False,) * SKIPS) for seed in (1, 2))
    assert torch.equal(a, b)
    assert not torch.equal(model.translate(pictures(1, 1)), model.translate(pictures(1, 2)))


@pytest.mark.parametrize("cut", [(), (0,), (1, 3), (0, 1, 2, 3)])
def test_the_generator_equals_sums_in_float64(cut):
    model, x = built(TWO).double(), pictures(2).double()
    asked = model.ask(2 * x - 1, torch.tensor([0, 1]))
    ours = model.generator(asked, tuple(i not in cut for i in range(SKIPS)))
    assert torch.allclose(
        ours, check.generate(model.generator.state_dict(), asked, cut), atol=1e-10
    )


def test_the_discriminator_equals_sums_in_float64():
    model, x = built(TWO).double(), pictures(2).double()
    told = torch.cat([x, model.ask(x, None)], 1)
    ours = check.judge(model.discriminator.state_dict(), told)
    assert torch.allclose(model.judge(x, x, None), ours, atol=1e-10)


def test_one_verdict_depends_on_as_many_pixels_as_the_formula_says():
    model = built().double()
    for norm in (m for m in model.discriminator.modules() if isinstance(m, torch.nn.GroupNorm)):
        norm.forward = lambda input: (
            input
        )  # its mean is over the whole map: it reaches further, a little
    x = pictures(1).double().requires_grad_()
    out = model.judge(x, x, None)[0, 0]
    (slope,) = torch.autograd.grad(out[7, 7], x)
    reached = torch.nonzero(slope[0, 0])
    wide = (reached.amax(0) - reached.amin(0) + 1).tolist()
    last = follow(64, [2, 2, 1, 1])[-1]
    assert wide == [last.field] * 2 and len(out) == last.size


def test_a_blind_discriminator_gives_every_source_the_same_verdict():
    blind, seeing = built(Config(channels=4, patch_channels=4, sees=False)), built()
    y = pictures(1)
    for model, same in ((blind, True), (seeing, False)):
        a, b = (model.verdicts(pictures(1, seed), y) for seed in (2, 3))
        assert torch.equal(a, b) is same


def test_losses_equal_binary_cross_entropy_and_its_parts():
    model, x, y = built(), 2 * pictures(2) - 1, 2 * pictures(2, 2) - 1
    made = model.generator(x)
    real, fake = model.judge(x, y, None), model.judge(x, made, None)
    ones, zeros = torch.ones_like(real), torch.zeros_like(real)
    bce = F.binary_cross_entropy_with_logits
    wanted = (bce(real, ones) + bce(fake, zeros)) / 2
    assert torch.allclose(d_loss(model, x, y, made, None), wanted, atol=1e-6)
    loss, parts = g_loss(model, x, y, made, None)
    assert torch.allclose(parts["L1"], F.l1_loss(made, y))
    assert torch.allclose(loss, bce(fake, ones) + 100 * F.l1_loss(made, y), atol=1e-4)


def test_d_s_loss_sends_no_gradient_to_g_and_infinite_lambda_asks_no_d():
    model, x = built(), 2 * pictures(1) - 1
    made = model.generator(x)
    d_loss(model, x, x, made, None).backward()
    assert all(p.grad is None for p in model.generator.parameters())
    alone = built(Config(channels=4, patch_channels=4, adversarial=0.0))
    loss, parts = g_loss(alone, x, x, alone.generator(x), None)
    loss.backward()
    assert list(parts) == ["L1"] and math.isclose(
        loss.item(), 100 * parts["L1"].item(), rel_tol=1e-6
    )
    assert all(p.grad is None for p in alone.discriminator.parameters())


@pytest.mark.parametrize(
    ("field", "call"),
    [
        ("x", lambda: built().translate(torch.zeros(1, 1, 28, 28))),
        ("x", lambda: built().translate(torch.zeros(64, 64))),
        ("faces", lambda: built(TWO).translate(pictures(1), torch.tensor([2]))),
        ("faces", lambda: built(TWO).translate(pictures(2), torch.tensor([0]))),
        ("channels", lambda: Config(channels=2)),
        ("l1", lambda: Config(l1=-1)),
    ],
)
def test_bad_input_names_its_field(field, call):
    with pytest.raises(InputError) as error:
        call()
    assert error.value.parts["field"] == field
