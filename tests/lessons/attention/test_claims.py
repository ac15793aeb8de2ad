"""What the attention lesson says, computed: by torch where the lesson has code of its own."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from apps.lessons.attention import answers, block, case, inputs, muting, saturation, write
from apps.stage.server import words
from core.data import dates
from core.data.date_tensors import draw_pairs
from core.models.gpt import decoder
from core.models.transformer import translation
from core.models.transformer.check_nets import translation_delta
from core.models.transformer.encoder_decoder import answers as greedy_answers
from core.models.transformer.encoder_decoder import speak
from core.weights import load
from core.weights.card import cards
from tests.lessons.claims import SEEDS, claim
from tests.tab_case import TabCase, labels

torch.set_num_threads(1)

CASE = TabCase("attention")
START = float("-inf")


def matrices(seed: int, tokens: int, dim: int) -> list[torch.Tensor]:
    """Return X, W_Q, W_K, W_V of a case of the lesson."""
    found = case.case_of(inputs.Inputs(seed=seed, tokens=tokens, dim=dim))
    return [torch.tensor(getattr(found, name)) for name in inputs.MATRICES]


def attended(given: Sequence[Any], heads: int = 1, causal: bool = False) -> torch.Tensor:
    """Return the joined outputs of X, W_Q, W_K, W_V by torch's own attention."""
    x, wq, wk, wv = given
    q, k, v = ((x @ w).unflatten(-1, (heads, -1)).transpose(0, 1) for w in (wq, wk, wv))
    out = F.scaled_dot_product_attention(q, k, v, is_causal=causal)
    return out.transpose(0, 1).flatten(1)


def figure(name: str, which: str) -> float:
    """Return what a card's recipe measured."""
    return float(cards()[name].metrics[which]["value"])


# ---- 1: a head by hand


@claim("attention", 1)
def test_a_key_of_zero_leaves_a_weight(said):
    x, wq, wk, wv = matrices(0, 3, 2)
    q, k, v = x @ wq, x @ wk, x @ wv
    first = (q @ k.T / 2**0.5).softmax(-1)[0]
    assert first.argmax() == 2
    k[2] = 0
    scores = q @ k.T / 2**0.5
    said("k₃ = 0", float(scores[0, 2]))
    said("0.673에서 0.108", float(first[2]), float(scores.softmax(-1)[0, 2]))
    changed = v.clone()
    changed[2] += 1
    assert (scores.softmax(-1)[0] @ changed - scores.softmax(-1)[0] @ v).abs().min() > 0.1


@claim("attention", 1)
def test_a_better_fit_weighs_more_and_only_a_mask_weighs_nothing(said):
    for seed in SEEDS:
        x, wq, wk, wv = matrices(seed, 4, 4)
        scores = (x @ wq) @ (x @ wk).T / 2
        weights = scores.softmax(-1)
        assert (weights > 0).all()
        for s, w in zip(scores, weights):
            assert ((s[:, None] > s) == (w[:, None] > w)).all()
        masked = scores.clone()
        masked[0, 1:] = START
        said("가중치를 정확히 0으로", float(masked.softmax(-1)[0, 1:].abs().max()))


def test_what_the_board_says_of_the_variance_and_the_saturation_is_true():
    """Entries of mean 0 and variance 1 that are no normal ones, and another generator's draws."""
    for seed in SEEDS:
        g = torch.Generator().manual_seed(seed)
        q, k = ((torch.rand(4000, 64, generator=g) - 0.5) * 12**0.5 for _ in range(2))
        assert (q * k).sum(1).var().item() == pytest.approx(64, rel=0.1)
        shifted = ((q + 1) * (k + 1)).sum(1).var().item()  # mean 1: the condition is needed
        assert shifted == pytest.approx(3 * 64, rel=0.1)
    bare, scaled = saturation.largest_weights()
    g = torch.Generator().manual_seed(1)
    for d, one, two in zip(saturation.DIMS, bare, scaled):
        q, k = torch.randn(2000, 1, d, generator=g), torch.randn(2000, 8, d, generator=g)
        scores = (q * k).sum(-1)
        assert scores.softmax(1).amax(1).mean().item() == pytest.approx(one, abs=0.03)
        assert (scores / d**0.5).softmax(1).amax(1).mean().item() == pytest.approx(two, abs=0.03)
    assert (np.diff(bare) > 0).all() and bare[-1] > 0.9 and max(scaled) < 0.4


# ---- 2: masks


@claim("attention", 2)
def test_what_comes_later_changes_nothing_before(said):
    assert CASE.scene("heads").get("start") == 3  # the opening frame changes x3
    for seed in SEEDS:
        given = matrices(seed, 4, 4)
        pushed = [given[0].clone(), *given[1:]]
        pushed[0][2] += 1
        for heads in (1, 2, 4):
            far = (attended(given, heads, True) - attended(pushed, heads, True)).abs().amax(1)
            assert (far[:2] == 0).all() and far[2] > 0
        moved = CASE.tables("heads", seed=seed)["change"][3][1:]
        assert moved[:2] == [0, 0]
    preset = matrices(1, 4, 4)
    pushed = [preset[0].clone(), *preset[1:]]
    pushed[0][2] += 1
    moves = {
        c: (attended(preset, 2, c) - attended(pushed, 2, c)).abs().amax(1) for c in (False, True)
    }
    assert (moves[True] > 0).tolist() == [False, False, True, True]
    assert (moves[False] > 1e-6).all()  # without the mask all four


# ---- 3: order


@claim("attention", 3)
def test_words_in_another_order_tell_nothing_without_positions(said):
    rng_of = np.random.default_rng
    place = torch.tensor([[math.sin(t), math.cos(t), math.sin(t / 100), math.cos(t / 100)]
                          for t in range(3)]).double()  # fmt: skip
    moved = []
    for seed in [CASE.scene("order")["inputs"]["seed"], *SEEDS]:
        draw = rng_of(seed).integers
        x, *w = (torch.tensor(draw(-3, 4, s) / 2) for s in ((3, 4), (4, 4), (4, 4), (4, 4)))
        for order in inputs.ORDERS.values():
            plain, turned = attended([x, *w]), attended([x[order], *w])
            torch.testing.assert_close(turned, plain[order], atol=1e-12, rtol=0)
        with_p = attended([x + place, *w])[[1, 0, 2]] - attended([x[[1, 0, 2]] + place, *w])
        moved.append(with_p.abs().amax(1).min().item())
    assert moved[0] > 0.01 and min(moved) > 1e-6  # all three words, in the preset by far
    for language, text in (("ko", "안 먹고 잤다"), ("en", "only I slept")):
        w = words.words(language, "attention")["words"]["said"]
        assert f"{w['w1']} {w['w2']} {w['w3']}" == text
        scene = said.of[language]["say"].lower()
        assert text.lower() in scene and f"{w['w2'].lower()} {w['w1']} {w['w3']}" in scene


# ---- 4: positions


@claim("attention", 4)
def test_sines_and_rotation_know_the_distance_alone(said):
    said.named("d/2")
    for d in inputs.WIDTHS:
        w = 10_000.0 ** (-np.arange(0, d, 2) / d)
        assert (np.diff(2 * np.pi / w) > 0).all()  # each pair is longer than the one before
        angles = np.outer(np.arange(64), w)
        p = np.stack([np.sin(angles), np.cos(angles)], -1).reshape(64, d)
        products = p @ p.T
        by_distance = products[0]
        for s in range(64):
            np.testing.assert_allclose(products[s], by_distance[abs(np.arange(64) - s)], atol=1e-9)
        said("차이가 0일 때", float(by_distance.argmax()))
        assert by_distance[0] == pytest.approx(d / 2) and by_distance[1:].max() < d / 2
        assert (np.diff(by_distance) > 0).any()  # it does not always fall
    np.testing.assert_allclose(CASE.tables("places")["positions"], sines(64, 32), atol=1e-12)
    for seed in SEEDS:
        q, k = np.random.default_rng(seed).normal(size=(2, 16)).view(complex)
        turn = np.exp(1j * np.outer(np.arange(20), 10_000.0 ** (-np.arange(8) / 8)))
        dots = (np.conj(turn * q) @ (turn * k).T).real
        for n in range(-19, 20):
            assert np.ptp(np.diagonal(dots, n)) < 1e-9


def sines(count: int, d: int) -> np.ndarray:
    """Return sinusoidal positions, entry by entry."""
    return np.array([
        [(math.sin if i % 2 == 0 else math.cos)(t / 10_000 ** (i // 2 * 2 / d)) for i in range(d)]
        for t in range(count)
    ])  # fmt: skip


@claim("attention", 4)
def test_the_learned_table_knows_no_distance_and_ends(said):
    table = load(answers.GPT).state_dict()["position.weight"].double().numpy()
    dots = table[:48] @ table[:48].T
    spreads = [np.ptp(np.diagonal(dots / np.abs(dots).max(), n)) for n in range(40)]
    assert min(spreads) > 0.05  # at every distance
    assert len(table) == 128


# ---- 5: the block


def torch_stack(seed: int, residual: bool, norm: bool, depth: int = 12) -> list[torch.Tensor]:
    """Return tokens after each of random blocks: torch's functions, torch's generator."""
    g = torch.Generator().manual_seed(seed)

    def draw(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=g, dtype=torch.float64)

    x = draw(8, 32)
    out = [x]
    for _ in range(depth):
        wq, wk, wv, wo = (draw(32, 32) / 32**0.5 for _ in range(4))
        w1, w2 = draw(32, 64) * (2 / 32) ** 0.5, draw(64, 32) / 64**0.5
        n = F.layer_norm(x, (32,)) if norm else x
        o = attended([n, wq, wk, wv], 4) @ wo
        x = x + o if residual else o
        n = F.layer_norm(x, (32,)) if norm else x
        f = F.relu(n @ w1) @ w2
        x = x + f if residual else f
        out.append(x)
    return out


def cosine(x: torch.Tensor) -> float:
    """Return the mean cosine between two different tokens."""
    every = F.cosine_similarity(x[:, None], x[None], dim=-1)
    return float((every.sum() - len(x)) / (len(x) * (len(x) - 1)))


@claim("attention", 5)
def test_without_residual_connections_tokens_grow_alike(said):
    said("12개", block.DEPTH)
    said.named("4개만")
    ours = [block.stacks(seed)[0] for seed in SEEDS]
    bare = [one["likeness, no residual"][4] for one in ours]
    whole = [one["likeness, whole"][12] for one in ours]
    bare += [cosine(torch_stack(seed, False, True)[4]) for seed in SEEDS]
    whole += [cosine(torch_stack(seed, True, True)[12]) for seed in SEEDS]
    said.named("0.99를 넘어")
    assert min(bare) > 0.99
    said("0.7쯤", float(np.mean(whole)))
    assert max(whole) < 0.95  # and none of them alike


@claim("attention", 5)
def test_without_norms_numbers_grow(said):
    ours = [block.stacks(seed)[0]["size, no norm"] for seed in SEEDS]
    grown = [one[-1] / one[0] for one in ours]
    for seed in SEEDS:
        x = torch_stack(seed, True, False)
        grown.append(float(x[-1].norm() / x[0].norm()))
    said.named("100배 넘게")
    assert min(grown) > 100
    normed = [one[0]["size, whole"] for one in map(block.stacks, SEEDS)]
    assert max(one[-1] / one[0] for one in normed) < 20


@claim("attention", 5)
def test_a_block_adds_and_only_attention_mixes_tokens(said):
    assert CASE.scene("block").get("start") == block.STAGES.index("add2")
    table = CASE.tables("block")
    np.testing.assert_allclose(table["output"], table["x"] + table["attended"] + table["net"])
    x = table["x"].copy()
    x[2, 0] += 1
    other = CASE.tables("block", x=x.tolist())
    assert np.array_equal(table["normed"][:2], other["normed"][:2])
    assert (np.abs(table["attended"] - other["attended"])[:2].max(1) > 1e-3).all()
    made = np.maximum(0, table["middle_normed"] @ weights_of_net()[0]) @ weights_of_net()[1]
    np.testing.assert_allclose(table["net"], made)  # of each token's own row


def weights_of_net() -> tuple[np.ndarray, np.ndarray]:
    """Return W₁ and W₂ of the block that opens the scene."""
    given = inputs.Inputs(**{k: CASE.scene("block")["inputs"][k] for k in ("dim", "seed")})
    found = block.weights_of(case.case_of(given), given.seed)
    return found.w1, found.w2


# ---- 6, 7: the net that rewrites dates


def held_to_torch(name: str, text: str, **how) -> translation.Translation:
    """Return a net's answer whose probabilities torch's own layers confirm."""
    made = translation.translate(load(name), text, **how)
    assert translation_delta(load(name), made)["delta"] < 1e-4
    return made


@claim("attention", 6)
def test_the_likelier_answer_is_the_wrong_one(said):
    text = "11-May-1909"
    said.named("11-May-1909")
    assert text in inputs.EXAMPLES and all(text in one["ask"] for one in said.of.values())
    greedy = held_to_torch(inputs.TRANSFORMER, text)
    said("(확률 0.397)", greedy["probability"])
    assert greedy["said"] == "1909-05-11"
    said.named("1909-05-11")
    for beams in range(2, 11):
        beam = held_to_torch(inputs.TRANSFORMER, text, method="beam", beams=beams)
        assert beam["said"] == "?"
        said("(0.476)", beam["probability"])
    first = {one["symbol"]: one["probability"] for one in greedy["steps"][0]["top"]}
    assert first["1"] == max(first.values()) > first["?"]
    said.named("1이 앞서지만")
    assert beam["probability"] > greedy["probability"]


@claim("attention", 6)
def test_how_sure_it_is_of_wrong_answers(said):
    said("64 %", 100 * figure(inputs.TRANSFORMER, "wrong yet sure"))
    said("0.9 이상", translation.SURE)
    # the recipe's figure once more, on other dates
    letters, _, pairs = draw_pairs(400, torch.Generator().manual_seed(9), "unseen")
    told, odds = speak(load(inputs.TRANSFORMER), letters)
    sure = [p >= math.log(0.9) for a, p, pair in zip(told, odds, pairs) if a != pair.iso]
    assert abs(np.mean(sure) - 0.64) < 0.12 and len(sure) > 100


@claim("attention", 6)
def test_what_it_reads_is_stated(said):
    said("1900~2099년", *dates.YEARS)
    said("48자까지", dates.LONGEST)
    said.named("ISO 8601")
    preset = CASE.scene("translate")["inputs"]["text"]
    made = held_to_torch(inputs.TRANSFORMER, preset)
    assert made["said"] == "2026-11-20"
    # it looks where it needs to: each digit of day, month and year's end at its own letters
    looks = made["attention"]["cross"].mean((0, 1))
    place = [i for i, c in enumerate(made["tokens"]) if c.isdigit()]
    digits = [t for t, s in enumerate(made["symbols"]) if s.isdigit()]
    most = [int(looks[t].argmax()) for t in digits]
    assert sum(at in place for at in most) >= 6 and len(set(most)) >= 5


@claim("attention", 7)
def test_where_the_heads_look(said):
    preset = CASE.scene("looks")["inputs"]
    assert (preset["part"], preset["layer"], preset["head"]) == ("cross", 2, 1)
    said.named("2층 헤드 1")
    made = held_to_torch(inputs.TRANSFORMER, preset["text"])
    rows = made["attention"]["cross"][1, 0]
    dashes = [t for t, symbol in enumerate(made["symbols"]) if symbol == "-"]
    assert len(dashes) == 2 and "-" not in preset["text"]
    said.named("98 % 넘게")
    assert (rows[dashes, 0] > 0.98).all() and made["tokens"][0] == "[start]"
    said("행의 합은 늘 1", float(rows.sum(1).mean()))
    np.testing.assert_allclose(rows.sum(1), 1, atol=1e-5)
    said.named("6을")
    said("95 %", 100 * float(rows[made["symbols"].index("6"), made["tokens"].index("육")]))
    own = made["attention"]["decoder"]
    assert (np.triu(own, 1) == 0).all()
    for part in inputs.PARTS:  # any two heads look elsewhere
        flat = made["attention"][part].reshape(-1, *made["attention"][part].shape[2:])
        for i in range(len(flat)):
            for j in range(i):
                apart = np.abs(flat[i] - flat[j]).sum(1).mean() / 2  # share of the weight
                assert apart > 0.1, (part, i, j, apart)


# ---- 8: taken away


@claim("attention", 8)
def test_one_head_costs_most(said):
    full, table, pairs = muting.head_table()
    assert (full, pairs) == (1, 2000)
    said("헤드 24개", sum(v.size for v in table.values()))
    said.named("2층 헤드 3")
    worst = min((v.min(), part) for part, v in table.items())
    assert worst[1] == "decoder" and table["decoder"].argmin() == 4 + 2
    said("29 %", 100 * (1 - worst[0]))
    said("14개", sum(int((full - v < 0.01).sum()) for v in table.values()))
    said.named("1 %도")
    named = muting.answer(inputs.TRANSFORMER, CASE.scene("ablate")["inputs"]["text"],
                          muted=(("decoder", 1, 2),))  # fmt: skip
    assert named["said"] == "2026-1-202"
    said.named("2026-1-202")


@claim("attention", 8)
def test_the_worst_head_is_the_worst_on_other_dates(said):
    """Muted and decoded symbol by symbol on fresh held-out dates: the recipe's finding holds."""
    net: Any = load(inputs.TRANSFORMER)
    letters, _, pairs = draw_pairs(150, torch.Generator().manual_seed(5), "held")
    wanted = [pair.iso for pair in pairs]

    def wrong(part: str, layer: int, head: int) -> float:
        gates = {k: torch.ones(shape) for k, shape in net.heads().items()}
        gates[part][layer, head] = 0
        return float(np.mean([a != b for a, b in zip(greedy_answers(net, letters, gates), wanted)]))

    worst = wrong("decoder", 1, 2)
    assert 0.15 < worst < 0.45
    assert max(wrong("encoder", 1, 3), wrong("encoder", 0, 3), wrong("cross", 1, 2)) < worst


@claim("attention", 8)
def test_a_net_without_a_mask_learned_to_copy(said):
    said("보일 때 100 %", 100 * figure(answers.CHEAT, "taught"))
    said("혼자서는 0 %", 100 * figure(answers.CHEAT, "exact match"))
    made = translation.teacher_force(load(answers.CHEAT), "2026년 11월 20일", "2026-11-20")
    assert [one["symbol"] for one in made["steps"][:10]] == list("2026-11-20")
    assert min(one["probability"] for one in made["steps"]) > 0.9
    own = made["attention"]["decoder"]
    most = np.diagonal(own, 1, 2, 3).mean(-1).max()
    assert most > 0.5  # a head that looks at the next place
    epochs = {str(cards()[name].training.get("epochs")) for name in answers.VARIANTS}
    assert epochs == {"5"}  # "only so many epochs each" on the board


# ---- 9: the bottleneck


@claim("attention", 9)
def test_the_bottleneck(said):
    said("10자 이하에서 89.6 %", 10, 100 * figure(inputs.PLAIN, "1 to 10 letters"))
    said("26자 이상에서 95.6 %", 26, 100 * figure(inputs.PLAIN, "26 to 48 letters"))
    net: Any = load(inputs.PLAIN)
    state = net.encode(torch.tensor([[1, 5]]))[0]
    said("256개", state["h"].shape[1] + state["c"].shape[1])
    wrong = {n: 100 * (1 - figure(n, "exact match")) for n in inputs.DATES}
    said("6.7 %", wrong[inputs.PLAIN])
    said("0.2 %", wrong[inputs.LOOKING])
    said.named("0.1 %도")
    assert wrong[inputs.TRANSFORMER] < 0.1
    epochs = {name: cards()[name].training.get("epochs") for name in inputs.DATES}
    said("LSTM 둘은 30에폭", epochs[inputs.PLAIN])
    said("30에폭", epochs[inputs.LOOKING])
    said("60에폭", epochs[inputs.TRANSFORMER])


@claim("attention", 9)
def test_on_other_dates_the_order_is_the_same_and_long_texts_are_of_other_formats(said):
    letters, _, pairs = draw_pairs(400, torch.Generator().manual_seed(6), "held")
    wrong = {
        name: sum(a != p.iso for a, p in zip(greedy_answers(load(name), letters), pairs))
        for name in inputs.DATES
    }
    assert wrong[inputs.PLAIN] >= 12 > 4 >= max(wrong[inputs.LOOKING], wrong[inputs.TRANSFORMER])
    _, _, many = draw_pairs(4000, torch.Generator().manual_seed(7), "held")
    short = [p.format for p in many if len(p.text) <= 10]
    long = [p.format for p in many if len(p.text) >= 26]
    both = set(short) & set(long)
    assert sum(one in both for one in short) / len(short) < 0.1, both


# ---- 10: writing


def fisher(a: int, n: int, c: int, m: int) -> float:
    """Return the two-sided p of Fisher's exact test of a of n against c of m."""

    def p(k: int) -> float:
        return math.comb(n, k) * math.comb(m, a + c - k) / math.comb(n + m, a + c)

    return sum(p(k) for k in range(a + c + 1) if p(k) <= p(a) * (1 + 1e-9))


@claim("attention", 10)
def test_temperature_and_grammar(said):
    right = {t: 100 * figure(answers.GPT, f"grammatical at {t}") for t in (0.5, 1.0, 1.5)}
    said("99.6 %", right[0.5])
    said("83.6 %", right[1.0])
    said("16.2 %", right[1.5])
    said.named("0.5에서는, 1에서는, 1.5에서는")
    metrics = cards()[answers.GPT].metrics
    count = {t: int(metrics[f"new at {t}"].get("samples", 0)) for t in right}
    new = {t: count[t] * figure(answers.GPT, f"new at {t}") for t in count}
    said("244개 가운데 4개", count[0.5], new[0.5])
    said("269개 가운데 11개", count[1.0], new[1.0])
    said("271개 가운데 0개", count[1.5], new[1.5])
    p = fisher(round(new[0.5]), count[0.5], round(new[1.0]), count[1.0])
    said("p = 0.12", p)
    assert p > 0.05


def test_what_the_board_says_of_the_cache_is_counted():
    """The scores that each attention of the net computes, step by step, and without a cache."""
    net: Any = load(answers.GPT)
    sizes: list[int] = []
    hooks = [
        one.own.register_forward_hook(lambda _, __, out: sizes.append(out[1][0, 0].numel()))
        for one in net.blocks
    ]
    try:
        decoder.write(net, "RNN은 ", 6)
        steps = np.reshape(sizes, (6, len(net.blocks)))
        sizes.clear()
        net(torch.tensor([decoder.encode("RNN은 앞 단", net.config.letters)]))
        whole = sizes[0]
    finally:
        for hook in hooks:
            hook.remove()
    frames = CASE.asked("write", prompt="RNN은 ", count=8)["frames"]
    told = [next(w for w in labels(frame["view"]) if "square" in w) for frame in frames]
    assert [w["k"] for w in told] == ["say_prompt"] + ["say_cache"] * 7
    tokens = 1 + len("RNN은 ")
    assert (steps[0] == tokens**2).all() and told[0]["square"] == str(tokens**2)
    for step, word in zip(steps[1:], told[1:]):
        assert (step == int(word["T"])).all()
        assert int(word["square"].replace(",", "")) == int(word["T"]) ** 2
    assert whole == (1 + len("RNN은 앞 단")) ** 2


@claim("attention", 10)
def test_greedy_writing_repeats_itself_and_the_tail_is_cut(said):
    preset = CASE.scene("write")["inputs"]
    assert (preset["temperature"], preset["top_p"]) == (0.7, 0.9)
    given = {name: preset[name] for name in ("prompt", "seed")}
    said.named("top-k를 1로")
    said.named("120자")
    greedy = write.writing(**given, count=120, temperature=1.0, top_k=1, top_p=1.0)["written"]
    sentences = [one.strip() for one in greedy.split(".") if one.strip()]
    assert len(set(sentences)) < len(sentences)
    net: Any = load(answers.GPT)
    said("126자까지", net.config.context - 2)
    said.named("헤드 0은")
    for seed in SEEDS:  # the tail: what is left out is the least likely, and all before is kept
        made = write.writing(preset["prompt"], 24, 1.0, 0, 0.9, seed)
        for step in made["steps"]:
            kept = [one["bare"] for one in step["top"] if one["probability"] > 0]
            left = [one["bare"] for one in step["top"] if one["probability"] == 0]
            assert not left or min(kept) >= max(left)
    names = ("prompt", "count", "temperature", "top_k", "top_p", "seed")
    opening = write.writing(**{name: preset[name] for name in names})
    facts = write.sentences(opening["text"])[0]["v"]
    assert facts["n"] == facts["right"]  # what the opening frame's text shows is grammatical
