"""The loop of two nets: whose turn it is, what a step computes, that it repeats and resumes."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from core.inputs import InputError
from core.training.checkpoint import read_plan
from core.training.journal import Journal
from core.training.loop import fit_pair
from core.training.plan import Duel
from tests.core.training.run_case import by_two, refuses_another_plan, same

PLAN = Duel(epochs=3, batch=8, rate=0.02, judge_rate=0.05, warm=4, ema=0.9, seed=5, critics=2)


class Pair(nn.Module):
    """A generator and a discriminator of points in the plane."""

    def __init__(self, normed: bool = True):
        super().__init__()
        inner = [nn.BatchNorm1d(6)] if normed else []
        self.generator = nn.Sequential(nn.Linear(2, 6), *inner, nn.Tanh(), nn.Linear(6, 2))
        self.discriminator = nn.Sequential(nn.Linear(2, 6), nn.Tanh(), nn.Linear(6, 1))


def pair(normed: bool = True) -> Pair:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return Pair(normed)


def points(n: int = 50) -> tuple[torch.Tensor]:
    return (torch.randn(n, 2, generator=torch.Generator().manual_seed(1)) + 3,)


def turns_of(model: Pair):
    def judge(batch, generator, step):
        del step
        with torch.no_grad():
            fake = model.generator(torch.randn(len(batch[0]), 2, generator=generator))
        real, made = model.discriminator(batch[0]), model.discriminator(fake)
        value = nn.functional.softplus(-real).mean() + nn.functional.softplus(made).mean()
        return value, {"D": value}

    def fool(batch, generator, step):
        del step
        made = model.generator(torch.randn(len(batch[0]), 2, generator=generator))
        value = nn.functional.softplus(-model.discriminator(made)).mean()
        return value, {"G": value}

    return judge, fool


def book() -> Journal:
    return Journal(
        lambda model: {
            "weight": model.generator[0].weight.detach().clone(),  # pyright: ignore
            "training": torch.tensor(model.training),
        }
    )


def trained(plan: Duel = PLAN, stop: int | None = None, **options):
    model, steps = pair(), []
    for step in fit_pair(model, turns_of(model), points(), plan, **options):
        steps.append(step)
        if stop is not None and step.step == stop:
            break
    return model, steps


def test_the_generator_comes_after_every_kth_step():
    model = pair()
    seen = [[p.clone() for p in model.parameters()]]
    run = fit_pair(model, turns_of(model), points(), replace(PLAN, epochs=1, critics=3))
    for _ in run:
        seen.append([p.detach().clone() for p in model.parameters()])
        if len(seen) == 7:
            break
    count = len(list(model.generator.parameters()))

    def moved(at: int, part: slice) -> bool:
        pairs = zip(seen[at][part], seen[at + 1][part])
        return any(not torch.equal(a, b) for a, b in pairs)

    assert [moved(i, slice(count)) for i in range(6)] == [False, False, True] * 2
    assert all(moved(i, slice(count, None)) for i in range(6))


def test_a_step_equals_adam_by_hand():
    """The first step of Adam moves every weight by its rate, against its gradient's sign."""
    plan = Duel(epochs=1, batch=50, rate=0.1, judge_rate=0.03, warm=1, clip=1e9)
    model, hand = pair(normed=False).double(), pair(normed=False).double()
    (x,) = points()
    chances: list[torch.Tensor] = []

    def told(turn):
        def value(batch, generator, step):
            chances.append(generator.get_state())
            return turn(batch, generator, step)

        return value

    with torch.random.fork_rng():
        torch.set_default_dtype(torch.float64)
        try:
            judge, fool = turns_of(model)
            list(fit_pair(model, (told(judge), told(fool)), (x.double(),), plan))
            for turn, net, rate, state in zip(
                turns_of(hand), (hand.discriminator, hand.generator), (0.03, 0.1), chances
            ):
                draw = torch.Generator()
                draw.set_state(state)
                value, _ = turn([x.double()], draw, 0)
                slopes = torch.autograd.grad(value, list(net.parameters()))
                with torch.no_grad():
                    for weight, g in zip(net.parameters(), slopes):
                        weight -= rate * g / (g.abs() + 1e-8)
        finally:
            torch.set_default_dtype(torch.float32)
    gaps = [(a - b).abs().max().item() for a, b in zip(model.parameters(), hand.parameters())]
    assert max(gaps) < 1e-9


def test_it_tells_where_it_stands_and_moves_points_to_the_data():
    model, steps = trained(replace(PLAN, epochs=40))
    assert [s.step for s in steps] == list(range(240)) and steps[-1].epoch == 39
    assert all(set(s.parts) <= {"D", "G"} and s.loss == s.parts["D"] for s in steps)
    assert [s.rate for s in steps] == [PLAN.rate_at(i, 240) for i in range(240)]
    assert not model.training
    z = torch.randn(500, 2, generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        away = [(net.eval().generator(z).mean(0) - 3).norm().item() for net in (pair(), model)]
    assert away[1] < away[0] / 2


def test_a_seed_fixes_the_run():
    assert same(trained()[0], trained()[0])
    assert not same(trained()[0], trained(replace(PLAN, seed=6))[0])


@pytest.mark.parametrize("ema", [0.9, 0.0])
def test_resumed_equals_uninterrupted(tmp_path, ema):
    """With critics that divide no epoch evenly, and with what the journal holds."""
    plan, file = replace(PLAN, ema=ema, critics=4), tmp_path / "run.safetensors"
    first = book()
    whole, steps = trained(plan, journal=first)
    trained(plan, stop=14, checkpoint=file, every=0, journal=book())
    assert read_plan(file, Duel) == plan
    again = book()
    resumed, rest = trained(plan, checkpoint=file, every=0, journal=again)
    assert same(whole, resumed)
    assert [s.loss for s in rest] == [s.loss for s in steps[12:]]
    ours, theirs = first.tensors(), again.tensors()
    assert ours.keys() == theirs.keys()
    assert all(torch.allclose(ours[k], theirs[k], 0, 0, equal_nan=True) for k in ours)
    finished = book()
    model, none = trained(plan, checkpoint=file, journal=finished)
    assert none == [] and same(whole, model)
    assert torch.equal(finished.tensors()["moments.step"], ours["moments.step"])


def test_a_checkpoint_of_another_plan_is_refused(tmp_path):
    other = replace(PLAN, critics=1)
    refuses_another_plan(trained, PLAN, other, tmp_path / "run.safetensors")


def test_the_journal_sees_the_averaged_generator_and_changes_nothing():
    journal = book()
    model, _ = trained(journal=journal)
    kept = journal.tensors()
    assert kept["moments.step"].tolist() == [0, 10, 11, 12, 13, 14, 15, 16, 17, 18]
    for at, net in ((0, pair()), (-1, model)):
        assert torch.equal(kept["moments.weight"][at], next(net.generator.parameters()))
    assert not kept["moments.training"].any()
    assert same(model, trained()[0])


def test_bf16_trains_too():
    model, _ = trained(replace(PLAN, precision="bf16"))
    assert all(p.dtype == torch.float32 and p.isfinite().all() for p in model.parameters())


@pytest.mark.parametrize(
    "change", [{"critics": 0}, {"beta1": 1.0}, {"judge_rate": float("nan")}, {"epochs": 0}], ids=str
)
def test_bad_plans_are_refused(change):
    with pytest.raises(InputError):
        Duel(**change)


def even():
    return points(64)[0], Duel(epochs=2, batch=16, rate=0.05, judge_rate=0.05, warm=2, ema=0.9)


def noiseless(model: Pair):
    """Turns whose codes are made of the batch: a split batch has the same ones."""

    def judge(batch, generator, step):
        fake = model.generator(batch[0] - 3).detach()
        value = (model.discriminator(fake) - model.discriminator(batch[0])).mean()
        return value, {"D": value}

    def fool(batch, generator, step):
        value = -model.discriminator(model.generator(batch[0] - 3)).mean()
        return value, {"G": value}

    return judge, fool


def start(**options):
    """Return two nets and their run."""
    model = pair(normed=False)
    x, plan = even()
    return model, fit_pair(model, noiseless(model), (x,), plan, **options)


@pytest.mark.slow
def test_two_processes_end_where_one_does(tmp_path):
    kept = by_two(__name__, tmp_path, steps=8)
    model, run = start()
    assert len(list(run)) == 8
    for key, value in model.generator.state_dict().items():
        assert (kept[f"average.{key}"] - value).abs().max() < 1e-5
