"""The loop: what it computes, that it repeats and resumes."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from core.inputs import InputError
from core.training.checkpoint import Average, read_plan
from core.training.loop import fit
from core.training.plan import Plan
from tests.core.training.run_case import by_two, refuses_another_plan, same

PLAN = Plan(epochs=3, batch=8, rate=0.02, warm=4, clip=1.0, decay=0.01, ema=0.9, seed=5)


def net(seed: int = 0) -> nn.Module:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return nn.Sequential(nn.Linear(4, 6), nn.BatchNorm1d(6), nn.Tanh(), nn.Linear(6, 1))


def line(n: int = 50) -> tuple[torch.Tensor, torch.Tensor]:
    x = torch.randn(n, 4, generator=torch.Generator().manual_seed(1))
    return x, x @ torch.tensor([[1.0], [-2.0], [0.5], [0.0]])


def squares(model, batch, generator, step):
    del step
    x, y = batch
    noise = 0.1 * torch.randn(y.shape, generator=generator)
    value = ((model(x) - y - noise) ** 2).mean()
    return value, {"square": value}


def trained(plan: Plan = PLAN, stop: int | None = None, **options):
    model, steps = net(), []
    for step in fit(model, squares, line(), plan, **options):
        steps.append(step)
        if stop is not None and step.step == stop:
            break
    return model, steps


def test_it_learns_and_tells_where_it_stands():
    model, steps = trained(replace(PLAN, epochs=40))
    assert [s.step for s in steps] == list(range(40 * 6)) and steps[-1].epoch == 39
    assert all(s.steps == 240 and s.parts["square"] == s.loss for s in steps)
    assert steps[-1].loss < 0.2 * steps[0].loss
    assert not model.training
    assert [s.seconds for s in steps] == sorted(s.seconds for s in steps)


def test_the_rate_rises_and_falls_as_the_plan_says():
    _, steps = trained()
    assert [s.rate for s in steps] == [PLAN.rate_at(i, 18) for i in range(18)]
    assert PLAN.rate_at(0, 1000) == pytest.approx(0.02 / 4)
    assert PLAN.rate_at(500, 1000) == pytest.approx(0.01)
    assert PLAN.rate_at(999, 1000) == pytest.approx(0.0002)


def test_a_step_equals_adam_by_hand():
    """One step, without average: θ − η (ĝ / (|ĝ| + 1e-8) + λ θ), the first step of AdamW."""
    plan = Plan(epochs=1, batch=50, rate=0.1, warm=1, clip=1e9, decay=0.1)
    model, hand = nn.Linear(4, 1).double(), nn.Linear(4, 1).double()
    hand.load_state_dict(model.state_dict())
    x, y = (part.double() for part in line())

    def plain(model, batch, generator, step):
        return ((model(batch[0]) - batch[1]) ** 2).mean(), {}

    list(fit(model, plain, (x, y), plan))
    ((hand(x) - y) ** 2).mean().backward()
    for old, new in zip(hand.parameters(), model.parameters()):
        assert old.grad is not None
        g = old.grad
        moved = old * (1 - 0.1 * 0.1) - 0.1 * g / (g.abs() + 1e-8)
        assert (moved - new).abs().max() < 1e-9


def test_clipping_bounds_the_gradient():
    """Clipped far under Adam's 1e-8, a first step moves by less than rate · 1e-10 / 1e-8."""

    def moved(clip: float) -> float:
        plan = Plan(epochs=1, batch=50, rate=0.1, warm=1, clip=clip)
        model, old = net(), net()
        for _ in fit(model, squares, line(), plan):
            pass
        gaps = [(a - b).abs().max().item() for a, b in zip(model.parameters(), old.parameters())]
        return max(gaps)

    assert moved(1e-10) <= 0.1 * 1e-2 < 0.09 < moved(1e9)


def test_a_seed_fixes_the_run():
    assert same(trained()[0], trained()[0])
    assert not same(trained()[0], trained(replace(PLAN, seed=6))[0])


@pytest.mark.parametrize("ema", [0.9, 0.0])
def test_resumed_equals_uninterrupted(tmp_path, ema):
    plan = replace(PLAN, ema=ema)
    whole, steps = trained(plan)
    file = tmp_path / "a" / "run.safetensors"
    trained(plan, stop=14, checkpoint=file, every=0)  # in the third epoch: two are kept
    assert read_plan(file) == plan
    resumed, rest = trained(plan, checkpoint=file, every=0)
    assert same(whole, resumed)
    assert [s.loss for s in rest] == [s.loss for s in steps[12:]]
    assert rest[0].seconds > 0
    finished, none = trained(plan, checkpoint=file)
    assert none == [] and same(whole, finished)
    assert list(file.parent.iterdir()) == [file]  # no half file


def test_a_checkpoint_of_another_plan_is_refused(tmp_path):
    other = replace(PLAN, rate=0.5)
    refuses_another_plan(trained, PLAN, other, tmp_path / "run.safetensors")


def test_the_average_is_the_average():
    model = nn.Linear(1, 1, bias=False)
    with torch.no_grad():
        model.weight.fill_(0)
    average = Average(model, 0.5)
    by_hand = 0.0
    for step, value in enumerate([1.0, 3.0, -2.0]):
        with torch.no_grad():
            model.weight.fill_(value)
        average.update(model, step)
        d = min(0.5, (1 + step) / (10 + step))
        by_hand = d * by_hand + (1 - d) * value
    assert average.values["weight"].item() == pytest.approx(by_hand)


def test_bf16_trains_too_and_keeps_float32_weights():
    model, steps = trained(replace(PLAN, epochs=20, precision="bf16"))
    assert all(p.dtype == torch.float32 for p in model.parameters())
    assert steps[-1].loss < 0.5 * steps[0].loss


@pytest.mark.parametrize(
    "change", [{"epochs": 0}, {"ema": 1.5}, {"precision": "fp8"}, {"rate": float("nan")}], ids=str
)
def test_bad_plans_are_refused(change):
    with pytest.raises(InputError):
        Plan(**change)


def test_too_few_images_are_refused():
    with pytest.raises(InputError, match="batch is 64"):
        trained(replace(PLAN, batch=64))


def even():
    return *line(64), Plan(epochs=4, batch=16, rate=0.05, warm=2, ema=0.9)


def exact(model, batch, generator, step):
    return ((model(batch[0]) - batch[1]) ** 2).mean(), {}


def start(**options):
    """Return a linear net and its run."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = nn.Linear(4, 1)
    x, y, plan = even()
    return model, fit(model, exact, (x, y), plan, **options)


def test_two_processes_end_where_one_does(tmp_path):
    """A batch split over two processes: the same average gradient, up to float32's rounding."""
    kept = by_two(__name__, tmp_path, steps=16)
    model, run = start()
    assert len(list(run)) == 16
    for key, value in model.state_dict().items():
        assert (kept[f"average.{key}"] - value).abs().max() < 1e-5
