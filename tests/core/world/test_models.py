"""V, M and C untrained: densities, cells, draws, players, evolution."""

import itertools
import math

import pytest
import torch
from torch import distributions as d

from core.data import gap, gap_filter, gap_values
from core.models.world.check import density_delta, score_delta
from core.models.world.controller import Controller
from core.models.world.evolution import by_candidate, evolve, many
from core.models.world.floor import belief_along, exact_forecast
from core.models.world.memory import Memory, memory_loss, one_hot
from core.models.world.rollouts import Now, dream_futures, play_futures
from core.models.world.sizes import Config
from core.models.world.survival import Seat, dream, exact, learned_player, play
from core.models.world.vision import Vision, vision_loss

SMALL = Config(latent=3, channels=2, hidden=8, state=5, mixtures=4)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture(autouse=True)
def nets():
    """Return V, M and C with random weights; torch.nn takes no generator."""
    with torch.random.fork_rng():
        torch.manual_seed(3)
        return Vision(SMALL).eval(), Memory(SMALL).eval(), Controller(SMALL).eval()


# ---- V


def test_the_loss_of_v_is_the_bound(nets):
    x, eps = gap.frames(gap.start(20, generator())), torch.randn(20, 3, generator=generator(1))
    loss, parts = vision_loss(nets[0], x, eps, 0.5)
    mu, logvar = nets[0].encode(x)
    q = d.Normal(mu, (0.5 * logvar).exp())
    kl = d.kl_divergence(q, d.Normal(torch.zeros(3), 1.0)).sum(1).mean()
    p = d.Bernoulli(nets[0].decode(mu + eps * q.scale))
    miss = -p.log_prob(x).sum((1, 2, 3)).mean()
    assert parts["kl"].item() == pytest.approx(kl.item(), rel=1e-5)
    assert loss.item() == pytest.approx((miss + 0.5 * kl).item(), rel=1e-5)


# ---- M


def forecast_of(nets, n=50):
    z = torch.randn(n, 3, generator=generator(1))
    h = nets[1].remember(z, None, nets[1].begin(n))
    return nets[1].forecast(h, torch.arange(n) % 3 - 1)


def test_the_density_is_that_of_torch_distributions(nets):
    seen, z = forecast_of(nets), torch.randn(50, 3, generator=generator(2))
    assert density_delta(seen, z, seen.log_density(z).detach())["delta"] < 1e-5


def test_memory_step_by_step_is_torchs_cell_and_the_whole_game(nets):
    memory, (B, T) = nets[1], (4, 6)
    z = torch.randn(B, T, 3, generator=generator(4))
    action = torch.randint(3, (B, T), generator=generator(5)) - 1
    cell = torch.nn.GRUCell(8, 5)
    cell.load_state_dict({k: memory.cell.state_dict()[f"{k}_l0"] for k in cell.state_dict()})
    whole = memory(z, action, torch.ones(B, T, dtype=torch.bool))
    h = other = memory.begin(B)
    for t in range(T):
        before = action[:, t - 1] if t else None
        h = memory.remember(z[:, t], before, h)
        other = cell(memory.read(torch.cat([z[:, t], one_hot(before, B)], 1)), other)
        assert torch.allclose(h, other, atol=1e-6)
        seen = memory.forecast(h, action[:, t])
        assert torch.allclose(seen.mu, whole.mu.view(B, T, 4, 3)[:, t], atol=1e-5)
        assert torch.allclose(seen.death, whole.death.view(B, T)[:, t], atol=1e-5)


def test_the_loss_of_m_leaves_out_what_was_not_played(nets):
    memory, z = nets[1], torch.randn(2, 4, 3, generator=generator(6))
    action = torch.zeros(2, 3, dtype=torch.long)
    real = torch.tensor([[True, True, True], [True, False, False]])
    alive = torch.tensor([[True, True, True], [False, True, True]])
    loss, parts = memory_loss(memory, z, action, alive, real)
    lone, _ = memory_loss(memory, z[:1], action[:1], alive[:1], real[:1])
    seen = memory(z[:, :-1], action, torch.ones(2, 3, dtype=torch.bool))
    nats = -seen.log_density(z[:, 1:].flatten(0, 1)).view(2, 3)
    death = d.Bernoulli(logits=seen.death.view(2, 3)).log_prob((~alive).float())
    assert parts["nll"].item() == pytest.approx(nats[0].mean().item(), rel=1e-5)
    assert parts["death"].item() == pytest.approx(-death[real].mean().item(), rel=1e-5)
    assert loss.item() != pytest.approx(lone.item(), rel=1e-4)  # that game's death counts


def test_draws_follow_the_forecast(nets):
    one = forecast_of(nets, 1)
    n = 40_000
    many_of = type(one)(*(v.expand(n, *v.shape[1:]) for v in vars(one).values()))
    z, dies = many_of.draw(1.0, generator(7))
    pi, mu = one.log_pi[0].exp(), one.mu[0]
    mean = (pi[:, None] * mu).sum(0)
    var = (pi[:, None] * (torch.exp(2 * one.log_sigma[0]) + mu**2)).sum(0) - mean**2
    assert torch.allclose(z.mean(0), mean, atol=0.03)
    assert torch.allclose(z.var(0), var, rtol=0.05)
    assert dies.float().mean().item() == pytest.approx(one.death.sigmoid().item(), abs=0.01)


def test_cold_draws_are_the_likeliest_centre(nets):
    seen = forecast_of(nets)
    z, dies = seen.draw(1e-6, generator(8))
    best = seen.log_pi.argmax(1)
    assert torch.allclose(z, seen.mu[torch.arange(50), best], atol=1e-2)
    assert torch.equal(dies, seen.death > 0)


# ---- the floor


def test_the_exact_forecast_is_the_chance_of_each_frame(nets):
    """Play one step many times: each of the 21 frames comes as often as the forecast says."""
    state, action, n = gap.state_of([2, 0, -1, 4, -1], 2, 1, 3), torch.tensor([0]), 30_000
    belief = torch.tensor([[0.0, 0.0, 1.0]], dtype=torch.float64)
    seen = exact_forecast(nets[0], belief, state, action)
    many_of = gap.State(*(v.expand(n, *v.shape[1:]) for v in vars(state).values()))
    after, alive = gap.step(many_of, action.expand(n), generator(9))
    assert 1 - alive.float().mean().item() == pytest.approx(seen.death.sigmoid().item(), abs=0.01)
    shares = {}
    for number in gap.number_of(after[alive]).tolist():
        shares[number] = shares.get(number, 0) + 1 / int(alive.sum())
    for (k, top), log_pi in zip(itertools.product(gap.WINDS, range(-1, 6)), seen.log_pi[0]):
        chance = gap.Chance(torch.tensor([k]), torch.tensor([top]))
        number = int(gap.number_of(gap.move(state, action, chance)[0]))
        assert shares.get(number, 0) == pytest.approx(log_pi.exp().item(), abs=0.01)


def test_no_belief_beats_the_exact_one(nets):
    """Gibbs: over many games the exact filter's forecast has the fewest nats."""
    states, draw = [gap.start(3000, generator(10))], generator(11)
    for _ in range(3):
        states.append(gap.step(states[-1], torch.zeros(3000, dtype=torch.long), draw)[0])
    belief = belief_along(states[:3])[-1]
    mu, logvar = nets[0].encode(gap.frames(states[3]))
    z = mu + (0.5 * logvar).exp() * torch.randn(mu.shape, generator=draw)
    still = torch.zeros(3000, dtype=torch.long)
    even = gap_filter.first_belief(3000)
    nats = [-exact_forecast(nets[0], b, states[2], still).log_density(z) for b in (belief, even)]
    assert (nats[0].mean() < nats[1].mean()).item()


# ---- players


@pytest.mark.parametrize("player", gap_values.PLAYERS)
def test_players_score_their_exact_values(player):
    draw = generator(12)
    scores = play(exact(player, draw), 3000, draw)
    assert abs(scores.mean - gap_values.start_value(player)) < 4 * scores.error
    assert score_delta(scores.length[:50], 0.99, scores.score[:50].numpy())["delta"] < 1e-12


def test_the_same_seed_plays_the_same_games(nets):
    vision, memory, controller = nets
    one, other = (
        play(learned_player(controller, vision, memory), 40, generator(5)) for _ in range(2)
    )
    assert torch.equal(one.length, other.length)
    assert not torch.equal(
        one.length, play(learned_player(controller, vision, memory), 40, generator(6)).length
    )


def test_dreams_of_two_visitors_stay_apart(nets):
    vision, memory, controller = nets
    seat, first = learned_player(controller, vision, memory), torch.zeros(30, 3)
    alone = dream(seat, first, 1.0, generator(1), most=20).length
    mine, yours = generator(1), generator(2)
    dream(seat, first, 1.0, yours, most=20)
    assert torch.equal(dream(seat, first, 1.0, mine, most=20).length, alone)


def test_a_player_is_asked_only_for_games_that_run(nets):
    vision, memory, _ = nets
    seen = []

    def act(state, z, h, games):
        assert len(state) == len(z) == len(h) == len(games)
        seen.append(games.tolist())
        return torch.zeros(len(games), dtype=torch.long)

    seat = Seat(act, lambda state: vision.encode(gap.frames(state))[0], memory)
    scores = play(seat, 20, generator(2))
    for before, after in itertools.pairwise(seen):
        assert set(after) <= set(before)
    for game in range(20):
        steps = sum(game in games for games in seen)
        assert steps == scores.length[game] + 1  # the last step is the one that ends it


# ---- futures


def test_the_game_s_futures_are_its_own(nets):
    """A hole above the player's column, the wind known: who lives after a step is exact."""
    vision, memory, controller = nets
    state = gap.state_of([2, -1, -1, -1, -1], 2, 0, 3)
    belief = torch.tensor([[0.0, 0.0, 1.0]], dtype=torch.float64)
    now = Now(state, belief, memory.begin(1))
    found = play_futures(vision, memory, controller, now, 4000, 3, generator(1))
    exact_ones = 1 - gap_filter.death_chance(belief, state)[0]
    assert torch.allclose(found.alive[:, 1], exact_ones, atol=0.04)
    assert (found.alive[:, 0] == 1).all() and (found.alive.diff(dim=1) <= 0).all()
    gamma = torch.tensor([1, 0.99, 0.9801], dtype=torch.float64)
    assert torch.allclose(found.worth, found.alive[:, 1:] @ gamma)


def test_a_dream_s_futures_die_as_m_says_and_come_of_a_seed(nets):
    _, memory, controller = nets
    h = memory.remember(torch.zeros(1, 3), None, memory.begin(1))
    now = Now(gap.start(1, generator()), gap_filter.first_belief(1), h)
    found = dream_futures(memory, controller, now, 4000, 2, generator(1))
    wanted = [1 - memory.forecast(h, torch.tensor([a])).death.sigmoid().item() for a in gap.ACTIONS]
    assert found.alive[:, 1].tolist() == pytest.approx(wanted, abs=0.04)
    again = dream_futures(memory, controller, now, 4000, 2, generator(1))
    assert torch.equal(found.codes, again.codes) and torch.equal(found.alive, again.alive)
    assert found.codes.shape == (2, 3, 3) and found.lives.shape == (2, 3)


# ---- evolution


def test_candidates_play_as_controllers_do(nets):
    vision, memory, controller = nets
    genes = controller.genes()[None]
    see = learned_player(controller, vision, memory).vision
    assert see
    seat = many(controller, genes.repeat(2, 1), memory, see, 15)
    scores = play(seat, 30, generator(4))
    wanted = play(learned_player(controller, vision, memory), 30, generator(4))
    assert torch.equal(scores.length, wanted.length)
    assert by_candidate(scores, 2)[1].item() == pytest.approx(wanted.score[15:].mean().item())
    copy = Controller(SMALL).fill(genes[0])
    assert torch.equal(copy.layer.weight, controller.layer.weight)
    assert torch.equal(copy.layer.bias, controller.layer.bias)


@pytest.mark.parametrize("wide", [0, 7])
def test_hidden_layers_stand_before_the_last(nets, wide):
    deep = Controller(Config(latent=3, state=5, units=4, wide=wide))
    z, h = torch.randn(6, 3, generator=generator()), torch.randn(6, 5, generator=generator(1))
    seen = torch.cat([z, h], 1)
    if deep.first:
        seen = torch.tanh(seen @ deep.first.weight.T + deep.first.bias)
        assert seen.shape == (6, wide)
    seen = torch.tanh(seen @ deep.hidden.weight.T + deep.hidden.bias)  # type: ignore
    wanted = (seen @ deep.layer.weight.T + deep.layer.bias).argmax(1) - 1
    assert torch.equal(deep(z, h), wanted) and len(deep.genes()) == 3 * 5


def test_evolution_climbs_a_known_hill_from_a_seed():
    best = torch.linspace(-1, 1, 6, dtype=torch.float64)

    def judge(genes, generation):
        return -((genes - best) ** 2).sum(1)

    runs = [list(evolve(torch.zeros(6), judge, 8, 60, seed=4)) for _ in range(2)]
    assert torch.equal(runs[0][-1].mean, runs[1][-1].mean)
    assert torch.allclose(runs[0][-1].mean, best, atol=0.01)
    assert runs[0][-1].scores.max() > runs[0][0].scores.max()


def test_discounting():
    scores = play(exact("random", generator(1)), 10, generator(2), most=3)
    assert scores.length.max() <= 3
    assert scores.score[scores.length == 3].unique().tolist() == pytest.approx([1 + 0.99 + 0.9801])
    assert math.isfinite(scores.error)
