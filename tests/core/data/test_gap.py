"""The game *gap*: its rules against a second, plain writing of them, its values and its filter."""

import itertools
import random

import numpy as np
import pytest
import torch

from core.data import gap, gap_filter, gap_values
from core.inputs import InputError

HELD = {"random": 10.70, "memoryless": 14.49, "optimum": 29.63, "oracle": 43.46}


# ---- the rules once more, a game at a time, with Python's own draws


def plain_step(rows, x, k, a):
    """Return (rows without a top, x, alive) of one step; rows as sets of open columns or None."""
    x = min(5, max(0, x + a))
    rows = [None if row is None else {(c + k) % 6 for c in row} for row in rows]
    return rows[1:], x, rows[0] is None or x in rows[0]


def opened(rows):
    return [None if g == gap.EMPTY else {g, (g + 1) % 6} for g in rows]


def plain_wind(w, draw):
    return w if draw.random() < 0.9 else draw.choice([k for k in (-1, 0, 1) if k != w])


def plain_game(choose, sees_wind, draw):
    """Return Σ γ^t of one game; `choose(rows, x, wind)` gives the action."""
    rows, x, w = [gap.EMPTY] * 5, draw.randrange(6), draw.choice([-1, 0, 1])
    score = 0.0
    for t in itertools.count():
        k = plain_wind(w, draw)
        a = choose(rows, x, k if sees_wind else w)
        _, x, lives = plain_step(opened(rows), x, k, a)
        if not lives or t > 1000:
            return score
        score += 0.99**t
        top = draw.randrange(6) if draw.random() < 0.2 else gap.EMPTY
        rows = [g if g == gap.EMPTY else (g + k) % 6 for g in rows[1:]] + [top]
        w = k


def number(rows):
    return sum((g + 1) * 7**i for i, g in enumerate(rows))


def chooser(player, draw):
    if player == "random":
        return lambda rows, x, w: draw.choice([-1, 0, 1])
    table = gap_values.plan(player)
    if player == "memoryless":
        return lambda rows, x, w: int(table[number(rows), x]) - 1
    return lambda rows, x, w: int(table[number(rows), x, w + 1]) - 1


# ---- rules


def test_a_step_is_the_plain_one_in_every_way_it_can_go():
    states = gap.of_number(torch.randint(gap.FRAMES, (400,), generator=generator(1)))
    for k, a in itertools.product((-1, 0, 1), repeat=2):
        chance = gap.Chance(torch.full((400,), k), torch.arange(400) % 7 - 1)
        after, alive = gap.move(states, torch.full((400,), a), chance)
        for i in range(400):
            rows, x, lives = plain_step(opened(states.rows[i].tolist()), int(states.x[i]), k, a)
            assert opened(after.rows[i].tolist()) == [*rows, *opened([i % 7 - 1])]
            assert (int(after.x[i]), bool(alive[i])) == (x, lives)
            assert int(after.dust[i]) == (int(states.dust[i]) + k) % 6
            assert int(after.wind[i]) == k


def test_chances_are_as_stated():
    n = 60_000
    states = gap.start(n, generator(0))
    assert torch.bincount(states.x).float().div(n).sub(1 / 6).abs().max() < 0.01
    chance = gap.draw(states, generator(1))
    for w, k in itertools.product((-1, 0, 1), repeat=2):
        share = (chance.wind[states.wind == w] == k).float().mean().item()
        assert share == pytest.approx(0.9 if w == k else 0.05, abs=0.01)
    tops = torch.bincount(chance.top + 1).float() / n
    assert tops.numpy() == pytest.approx([0.8, *[0.2 / 6] * 6], abs=0.01)


def test_the_same_seed_gives_the_same_games():
    states = gap.start(50, generator(3))
    assert torch.equal(gap.number_of(states), gap.number_of(gap.start(50, generator(3))))
    still = torch.zeros(50, dtype=torch.long)
    one, other = (gap.step(states, still, generator(4))[0] for _ in range(2))
    assert torch.equal(gap.number_of(one), gap.number_of(other))


# ---- frames


def test_a_frame_shows_all_but_the_wind():
    numbers = torch.randint(gap.FRAMES, (3000,), generator=generator(2))
    states = gap.of_number(numbers)
    images = gap.frames(states)
    assert images.shape == (3000, 1, 16, 16) and set(images.unique().tolist()) == {0.0, 1.0}
    assert torch.equal(gap.number_of(gap.read(images)), numbers)
    windy = gap.State(states.rows, states.x, torch.ones_like(states.x), states.dust)
    assert torch.equal(gap.frames(windy), images)


def test_a_frame_pixel_by_pixel():
    image = gap.frames(gap.state_of([-1, 5, -1, -1, 2], 3, 0, 1))[0, 0].numpy().astype(int)
    wanted = np.zeros((16, 16), dtype=int)
    wanted[1, 4] = 1  # dust over column 1
    wanted[2:4, 2:6] = wanted[2:4, 10:14] = 1  # the top row's gap: columns 2 and 3
    wanted[8:10, 4:12] = 1  # the second lowest's: columns 5 and 0
    wanted[12:14, 8:10] = 1  # the player in column 3
    assert (image == wanted).all()


# ---- values


@pytest.mark.parametrize("player", gap_values.PLAYERS)
def test_values_are_those_held(player):
    assert gap_values.start_value(player) == pytest.approx(HELD[player], abs=0.02)


@pytest.mark.parametrize("player", gap_values.PLAYERS)
def test_values_by_an_independent_monte_carlo(player):
    draw = random.Random(5)
    choose = chooser(player, draw)
    scores = np.array([plain_game(choose, player == "oracle", draw) for _ in range(1500)])
    error = scores.std(ddof=1) / len(scores) ** 0.5
    assert abs(scores.mean() - gap_values.start_value(player)) < 3.5 * error


@pytest.mark.parametrize("player", gap_values.PLAYERS)
def test_values_satisfy_their_equation_state_by_state(player):
    """Bellman's equation of 60 states, every wind, top row and action written out."""
    V, draw = gap_values.values(player), random.Random(6)
    for _ in range(60):
        rows = [draw.choice([-1, -1, 0, 1, 2, 3, 4, 5]) for _ in range(5)]
        x, w = draw.randrange(6), draw.choice([-1, 0, 1])
        q = np.array([[_q(V, rows, x, a, k) for k in (-1, 0, 1)] for a in (-1, 0, 1)])
        p = np.where(np.array([-1, 0, 1]) == w, 0.9, 0.05)
        wanted = {
            "random": (q @ p).mean(),
            "memoryless": (q @ p)[gap_values.plan("memoryless")[number(rows), x]],
            "optimum": (q @ p).max(),
            "oracle": q.max(0) @ p,
        }[player]
        assert V[number(rows), x, w + 1] == pytest.approx(wanted, abs=1e-5)


def _q(V, rows, x, a, k):
    x = min(5, max(0, x + a))
    moved = [g if g == -1 else (g + k) % 6 for g in rows]
    if moved[0] != -1 and x not in (moved[0], (moved[0] + 1) % 6):
        return 0.0
    tops = [(0.8, -1), *((0.2 / 6, g) for g in range(6))]
    return 1 + 0.99 * sum(p * V[number([*moved[1:], g]), x, k + 1] for p, g in tops)


def test_knowing_more_is_worth_more_in_every_state():
    order = [gap_values.values(p) for p in ("random", "optimum", "oracle")]
    assert (order[0] <= order[1] + 1e-6).all() and (order[1] <= order[2] + 1e-6).all()
    assert (gap_values.values("memoryless") <= order[1] + 1e-6).all()


# ---- the filter


@pytest.mark.parametrize("dust", [True, False])
def test_the_filter_against_every_history_of_winds(dust):
    """P(last wind | frames) by adding up all 3^5 histories that lead to the same frames."""
    for seed in range(12):
        seen, actions = played(seed, steps=4)
        belief = gap_filter.first_belief(1)
        for before, after in itertools.pairwise(seen):
            belief = gap_filter.update(belief, before, after, dust)
        assert belief[0].numpy() == pytest.approx(by_enumeration(seen, actions, dust), abs=1e-12)


def played(seed, steps):
    """Return the states of a game that stays alive, and its actions."""
    draw = generator(seed)
    while True:
        states, actions = [gap.of_number(torch.randint(gap.FRAMES, (1,), generator=draw))], []
        for _ in range(steps):
            action = torch.randint(3, (1,), generator=draw) - 1
            after, alive = gap.step(states[-1], action, draw)
            if not alive:
                break
            states, actions = [*states, after], [*actions, int(action)]
        if len(actions) == steps:
            return states, actions


def by_enumeration(seen, actions, dust):
    weight = {-1: 0.0, 0: 0.0, 1: 0.0}
    for winds in itertools.product((-1, 0, 1), repeat=len(actions) + 1):
        p = 1 / 3
        for w, k in itertools.pairwise(winds):
            p *= 0.9 if w == k else 0.05
        for t, (a, k) in enumerate(zip(actions, winds[1:])):
            rows, x, lives = plain_step(opened(seen[t].rows[0].tolist()), int(seen[t].x), k, a)
            p *= lives and x == int(seen[t + 1].x)
            p *= rows == opened(seen[t + 1].rows[0].tolist())[:-1]
            if dust:
                p *= (int(seen[t].dust) + k) % 6 == int(seen[t + 1].dust)
        weight[winds[-1]] += p
    total = sum(weight.values())
    return [weight[k] / total for k in (-1, 0, 1)]


def test_two_frames_show_the_wind():
    for seed in range(10):
        (before, after), _ = played(seed, steps=1)
        belief = gap_filter.update(gap_filter.first_belief(1), before, after)[0]
        assert belief.tolist() == [float(k == int(after.wind)) for k in (-1, 0, 1)]
        ahead = gap_filter.forecast(belief[None])[0]
        assert ahead[int(after.wind) + 1].item() == pytest.approx(0.9)


def test_deaths_are_as_frequent_as_the_filter_says():
    state = gap.state_of([2, -1, -1, -1, -1], 1, 1)
    many = gap.State(*(part.expand(20_000, *part.shape[1:]) for part in vars(state).values()))
    belief = torch.tensor([[0.0, 0.0, 1.0]], dtype=torch.float64)
    wanted = gap_filter.death_chance(belief, state)[0]
    # the gap, columns 2 and 3, goes right with 0.9; x - 1 = 0 is never in it, x = 1 only if it
    # goes left, x + 1 = 2 if it goes left or stays
    assert wanted.numpy() == pytest.approx([1.0, 0.95, 0.9], abs=1e-12)
    for a in (-1, 0, 1):
        _, alive = gap.step(many, torch.full((20_000,), a), generator(a + 9))
        assert 1 - alive.double().mean().item() == pytest.approx(wanted[a + 1].item(), abs=0.01)


def test_frames_that_cannot_follow_are_refused():
    one, other = gap.state_of([-1] * 5, 0, 0), gap.state_of([3, -1, -1, -1, -1], 0, 0)
    with pytest.raises(ValueError, match="no wind"):
        gap_filter.update(gap_filter.first_belief(1), one, other)


# ---- what a page calls


def test_a_state_comes_back_as_it_was_given():
    given = {"rows": [None, 5, None, 0, 2], "x": 3, "wind": -1, "dust": 4}
    assert gap.plain(gap.validate(given)) == given


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"rows": [None] * 4}, "state.rows"),
        ({"rows": "wall"}, "state.rows"),
        ({"rows": [6, None, None, None, None]}, r"state.rows\[0\]"),
        ({"x": 6}, "state.x"),
        ({"wind": 2}, "state.wind"),
        ({"dust": -1}, "state.dust"),
        ({"x": None}, "state.x"),
        ({"y": 1}, "state.y"),
    ],
)
def test_a_wrong_state_is_refused_by_its_field(change, field):
    good = {"rows": [None] * 5, "x": 3, "wind": 0}
    with pytest.raises(InputError, match=field):
        gap.validate({**good, **change})


def generator(seed):
    return torch.Generator().manual_seed(seed)
