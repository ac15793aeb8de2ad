"""The Transformer, the LSTMs and the letter model: torch's own layers, cache, causality, beams."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from core.data import dates
from core.data.date_tensors import draw_pairs
from core.inputs import InputError
from core.models.gpt import decoder as gpt
from core.models.gpt.decoder import GPT
from core.models.seq2seq import recurrent
from core.models.seq2seq.recurrent import Seq2Seq
from core.models.transformer import check, encoder_decoder, translation
from core.models.transformer.encoder_decoder import Transformer, answers, speak
from core.models.transformer.layers import Attention, Block, causal, sines
from core.models.transformer.positions import sinusoidal
from core.models.transformer.translation import taught, translate

SMALL = encoder_decoder.Config(dim=16, heads=2, hidden=24)
TEXT = "2026년 11월 20일 🎉"


def seeded(build, config, double: bool = True):
    """Return an untrained net of a fixed seed; torch.nn draws from the global generator."""
    with torch.random.fork_rng():
        torch.manual_seed(1)
        net = build(config).eval().requires_grad_(False)
    return net.double() if double else net


def nets() -> dict:
    return {
        "transformer": seeded(Transformer, SMALL),
        "no positions": seeded(Transformer, replace(SMALL, positions="none")),
        "one layer": seeded(Transformer, replace(SMALL, layers=(1, 1))),
        "attention": seeded(Seq2Seq, recurrent.Config(dim=8, hidden=16)),
        "bottleneck": seeded(Seq2Seq, recurrent.Config(dim=8, hidden=16, attention=False)),
    }


NETS = nets()
every = pytest.mark.parametrize("net", NETS.values(), ids=list(NETS))


def batch(count: int = 6, seed: int = 0):
    letters, symbols, _ = draw_pairs(count, torch.Generator().manual_seed(seed))
    return letters.long(), symbols.long()


# ---- layers


def torch_block(block: Block, heads: int) -> nn.Module:
    """Return torch's own pre-norm layer with a block's weights."""
    dim, hidden = block.narrow.out_features, block.narrow.in_features
    kind = nn.TransformerDecoderLayer if block.cross else nn.TransformerEncoderLayer
    layer = kind(dim, heads, hidden, 0.0, "gelu", batch_first=True, norm_first=True).double().eval()
    pairs = [(layer.self_attn, block.own)]
    if block.cross:
        pairs.append((layer.multihead_attn, block.cross))  # pyright: ignore
        copy(layer.norm2, block.cross_norm)
        copy(layer.norm3, block.net_norm)  # pyright: ignore
    else:
        copy(layer.norm2, block.net_norm)
    copy(layer.norm1, block.norm)
    copy(layer.linear1, block.widen)
    copy(layer.linear2, block.narrow)
    for theirs, ours in pairs:
        three = (ours.query, ours.key, ours.value)
        with torch.no_grad():
            theirs.in_proj_weight.copy_(torch.cat([one.weight for one in three]))
            theirs.in_proj_bias.copy_(torch.cat([one.bias for one in three]))
        copy(theirs.out_proj, ours.out)
    return layer.requires_grad_(False)


def copy(theirs, ours) -> None:
    theirs.load_state_dict(ours.state_dict())


def draw(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed)).double()


def test_an_encoder_block_is_torch_s_with_padding():
    block = seeded(lambda shape: Block(*shape), (16, 4, 24))
    x, padding = draw(3, 7, 16), torch.arange(7) >= torch.tensor([[7], [4], [5]])
    ours, _, weights, looked = block(x, ~padding[:, None, None])
    theirs = torch_block(block, 4)(x, src_key_padding_mask=padding)
    torch.testing.assert_close(ours[~padding], theirs[~padding], atol=1e-12, rtol=0)
    assert looked is None and weights.shape == (3, 4, 7, 7)
    torch.testing.assert_close(weights.sum(-1), torch.ones(3, 4, 7).double())
    assert (weights.masked_select(padding[:, None, None].expand_as(weights)) == 0).all()


def test_a_decoder_block_is_torch_s_and_its_cache_is_exact():
    block = seeded(lambda shape: Block(*shape, crossed=True), (16, 4, 24))
    x, memory = draw(3, 6, 16), draw(3, 9, 16, seed=1)
    assert block.cross
    kept = block.cross.remember(memory)
    ours, *_ = block(x, causal(6), None, kept)
    theirs = torch_block(block, 4)(x, memory, tgt_mask=~causal(6))
    torch.testing.assert_close(ours, theirs, atol=1e-12, rtol=0)
    past, rows = None, []
    for t in range(6):
        row, past, *_ = block(x[:, t : t + 1], None, past, kept)
        rows.append(row)
    torch.testing.assert_close(torch.cat(rows, 1), ours, atol=1e-13, rtol=0)


def test_a_muted_head_gives_nothing_and_all_muted_only_the_bias():
    net = seeded(lambda shape: Attention(*shape), (16, 4))
    x = draw(2, 5, 16)
    kept = net.remember(x)
    whole, weights = net(x, kept)
    heads = weights @ kept[1]  # (2, 4, 5, 4)
    W = net.out.weight.view(16, 4, 4)
    for h in range(4):
        gate = torch.ones(4).double()
        gate[h] = 0
        without = whole - torch.einsum("btd,od->bto", heads[:, h], W[:, h])
        torch.testing.assert_close(net(x, kept, None, gate)[0], without, atol=1e-12, rtol=0)
    nothing = net(x, kept, None, torch.zeros(4).double())[0]
    torch.testing.assert_close(nothing, net.out.bias.expand_as(nothing), atol=1e-15, rtol=0)


def test_the_net_s_positions_are_those_of_the_lesson():
    np.testing.assert_allclose(sines(49, 64), sinusoidal(49, 64), atol=1e-7)
    net = NETS["transformer"]
    assert torch.equal(net.position.float(), sines(49, 16))
    assert (NETS["no positions"].position == 0).all()


# ---- encoder-decoders


@every
def test_cached_decoding_is_uncached_decoding(net):
    source, target = batch()
    whole = net(source, target[:, :-1])
    state, _ = net.encode(source)
    rows = []
    for t in range(target.shape[1] - 1):
        row, state, _ = net.step(target[:, t], state)
        rows.append(row)
    torch.testing.assert_close(torch.stack(rows, 1), whole, atol=1e-12, rtol=0)


@every
def test_a_later_symbol_never_changes_an_earlier_output(net):
    source, target = batch()
    before = net(source, target)
    for at in range(1, target.shape[1]):
        changed = target.clone()
        changed[:, at] = 3 + (changed[:, at] + 1) % 12
        after = net(source, changed)
        assert torch.equal(before[:, :at], after[:, :at])
        assert (before[:, at] != after[:, at]).any()


@every
def test_padding_changes_nothing(net):
    source, target = batch()
    for row, said in zip(source, target):
        n = int((row != 0).sum())
        alone = net(row[None, :n], said[None])
        torch.testing.assert_close(net(source, target)[0], net(source[:1], target[:1])[0])
        torch.testing.assert_close(net(row[None], said[None]), alone, atol=1e-12, rtol=0)


def test_without_the_mask_an_output_sees_the_answer():
    net = seeded(Transformer, replace(SMALL, causal=False))
    source, target = batch()
    before = net(source, target)
    changed = target.clone()
    changed[:, -1] = 7
    assert (before[:, 0] != net(source, changed)[:, 0]).any()
    looks = taught(net, TEXT, "2026-11-20")["attention"]["decoder"]
    assert (np.triu(looks, 1).sum((-1, -2)) > 0).all()
    masked = taught(NETS["transformer"], TEXT, "2026-11-20")["attention"]["decoder"]
    assert (np.triu(masked, 1) == 0).all()


def test_without_positions_the_letters_order_does_not_matter():
    said = torch.tensor([dates.encode_answer("2026-11-20")])
    letters = torch.tensor([dates.encode("2026년 11월 20일")])
    mixed = letters[:, [0, *reversed(range(1, letters.shape[1]))]]
    blind, seeing = NETS["no positions"], NETS["transformer"]
    torch.testing.assert_close(blind(letters, said), blind(mixed, said), atol=1e-12, rtol=0)
    assert (seeing(letters, said) - seeing(mixed, said)).abs().max() > 1e-3


def test_the_lstms_are_torch_s_cells():
    net = NETS["attention"]
    source, target = batch(1)
    source = source[:, : int((source != 0).sum())]
    h = c = torch.zeros(1, 16).double()
    states = []

    def cell(lstm, x, h):
        own = nn.functional.linear(x, lstm.weight_ih_l0, lstm.bias_ih_l0)
        return own + nn.functional.linear(h, lstm.weight_hh_l0, lstm.bias_hh_l0)

    def step(lstm, x, h, c):
        i, f, g, o = cell(lstm, x, h).chunk(4, -1)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        return o.sigmoid() * c.tanh(), c

    for x in net.source(source)[0]:
        h, c = step(net.encoder, x[None], h, c)
        states.append(h)
    memory = torch.cat(states)  # (S, 16)
    for t, x in enumerate(net.target(target)[0]):
        h, c = step(net.decoder, x[None], h, c)
        a = (h @ net.score(memory).T).softmax(-1)
        row = net.out(torch.tanh(net.combine(torch.cat([a @ memory, h], -1))))
        torch.testing.assert_close(net(source, target)[:, t], row, atol=1e-12, rtol=0)


@every
def test_the_loss_is_the_mean_over_symbols_whatever_the_groups(net):
    source, target = batch(7)
    logits = net(source, target[:, :-1])
    log_p = logits.log_softmax(-1).gather(-1, target[:, 1:, None])[..., 0]
    said = target[:, 1:] != 0
    for groups in (1, 2, 5):
        value = encoder_decoder.loss(net, source.byte(), target.byte(), groups)
        torch.testing.assert_close(value.double(), -log_p[said].mean(), atol=1e-6, rtol=0)


# ---- translation


@every
def test_a_translation_tells_what_it_did(net):
    made = translate(net, TEXT)
    assert made["tokens"] == ["[start]", *TEXT] and made["known"][-1] is False
    assert len(made["steps"]) == len(made["symbols"]) <= dates.WRITTEN
    assert made["said"] == "".join(s for s in made["symbols"] if s != "[end]")
    assert made["log_probability"] == pytest.approx(
        sum(math.log(step["probability"]) for step in made["steps"])
    )
    assert made["verdict"] == "unsure" and made["probability"] < 0.9  # it has learned nothing
    T, S = len(made["steps"]), len(made["tokens"])
    sizes = {"encoder": (S, S), "decoder": (T, T), "cross": (T, S)}
    assert made["attention"].keys() == net.heads().keys()
    for part, weights in made["attention"].items():
        assert weights.shape == (*net.heads()[part], *sizes[part])
        np.testing.assert_allclose(weights.sum(-1), 1, atol=1e-6)
        assert part != "decoder" or (np.triu(weights, 1) == 0).all()
    for step in made["steps"]:
        shares = [one["probability"] for one in step["top"]]
        assert len(shares) == 10 and shares == sorted(shares, reverse=True)
        assert step["symbol"] == step["top"][0]["symbol"] and 0 < sum(shares) <= 1 + 1e-9
        assert 0 <= step["entropy"] <= math.log2(13) + 1e-9
    assert same(translate(net, TEXT), made)
    assert [made["said"]] == answers(net, torch.tensor([dates.encode(TEXT)]))


@every
def test_many_answers_at_once_are_those_of_one_at_a_time(net):
    source, target = batch(9)
    said, odds = speak(net, source, batch=4)
    for row, words, log_p in zip(source, said, odds):
        alone = row[None, : int((row != 0).sum())]
        symbols = translation.wander(net, alone, 1.0, None, None)
        told = translation.retold(net, alone, symbols, 1.0, None)
        assert told["said"] == words and told["log_probability"] == pytest.approx(float(log_p))
    assert encoder_decoder.taught_right(net, source, target) == [
        words == "".join(net.config.symbols[i - 3] for i in row[1:].tolist() if i > 2)
        for words, row in zip(said, target)
    ]


@every
@pytest.mark.parametrize("method, temperature", [("greedy", 1.0), ("sample", 2.0)])
def test_a_translation_is_that_of_torch_s_layers(net, method, temperature):
    made = translate(net, TEXT, method, temperature)
    assert check.translation_delta(net, made, temperature)["delta"] < 1e-12
    assert check.translation_delta(net, made, temperature * 1.1)["delta"] > 1e-4
    made["steps"][-1]["probability"] += 1e-3
    assert check.translation_delta(net, made, temperature)["delta"] > 1e-4


def same(one: dict, other: dict) -> bool:
    arrays = [(one["attention"][k], v) for k, v in other["attention"].items()]
    rest = [{k: v for k, v in x.items() if k != "attention"} for x in (one, other)]
    return rest[0] == rest[1] and all((a == b).all() for a, b in arrays)


@every
@pytest.mark.parametrize("text", ["", "🎉🎉", "no date", "가" * 48, " \n\t", "\ud800"])
def test_what_is_no_date_is_answered_all_the_same(net, text):
    made = translate(net, text)
    assert made["verdict"] in ("unsure", "none") and len(made["tokens"]) == len(text) + 1


def test_a_beam_of_one_is_greedy_and_a_wide_one_finds_the_best():
    net = seeded(Transformer, replace(SMALL, symbols="01"))
    one = translate(net, "2026", "beam", beams=1)
    assert one["said"] == translate(net, "2026")["said"]
    texts = ["".join(s) for n in range(4) for s in itertools.product("01", repeat=n)]
    scores = {text: along(net, "2026", text) for text in texts}
    wide = translate(net, "2026", "beam", beams=10)
    ended = [b for b in wide["beams"][-1] if b["symbol"] == "[end]"]
    assert ended and wide["log_probability"] == max(b["log_probability"] for b in ended)
    for found in ended:
        if len(found["said"]) < 4:
            assert found["log_probability"] == pytest.approx(scores[found["said"]], abs=1e-9)
    assert wide["log_probability"] >= max(scores.values()) - 1e-9
    for before, after in itertools.pairwise(wide["beams"]):
        for branch in after:
            parent = before[branch["parent"]]
            assert branch["said"].startswith(parent["said"])
            assert branch["log_probability"] <= parent["log_probability"] + 1e-12
    orders = [[b["log_probability"] for b in step] for step in wide["beams"]]
    assert all(row == sorted(row, reverse=True) for row in orders)


def along(net, text: str, said: str) -> float:
    """Return log p of an answer, with all of its symbols at once."""
    whole = dates.encode_answer(said, net.config.symbols)
    logits = net(torch.tensor([dates.encode(text)]), torch.tensor([whole[:-1]]))
    log_p = translation.likely(logits, 1.0)[0]
    return sum(float(log_p[t, v]) for t, v in enumerate(whole[1:]))


def test_temperature_and_samples():
    net = NETS["transformer"]
    made = translate(net, TEXT, temperature=2.0)
    assert made["said"] == translate(net, TEXT)["said"]
    logits = net(torch.tensor([dates.encode(TEXT)]), torch.tensor([[dates.START]]))[0, 0]
    logits[[0, 1]] = -math.inf
    p = torch.distributions.Categorical(logits=logits / 2.0)
    assert made["steps"][0]["probability"] == pytest.approx(float(p.probs.max()))
    assert made["steps"][0]["entropy"] == pytest.approx(float(p.entropy()) / math.log(2))
    said = {translate(net, TEXT, "sample", seed=s)["said"] for s in range(6)}
    assert len(said) > 3
    one, two = (translate(net, TEXT, "sample", seed=3) for _ in range(2))
    assert same(one, two)


def test_muted_heads_change_the_answer_s_probabilities_and_are_checked():
    net = NETS["transformer"]
    before = translate(net, TEXT)["probability"]
    for part, (layers, heads) in net.heads().items():
        for layer, head in itertools.product(range(layers), range(heads)):
            assert translate(net, TEXT, muted=[(part, layer, head)])["probability"] != before
    for wrong in ([("middle", 0, 0)], [("cross", 2, 0)], [("cross", 0, 2)], ["cross"], [(1,)]):
        with pytest.raises(InputError):
            translate(net, TEXT, muted=wrong)  # pyright: ignore
    with pytest.raises(InputError):
        translate(NETS["bottleneck"], TEXT, muted=[("cross", 0, 0)])


@pytest.mark.parametrize(
    "change",
    [
        {"text": None},
        {"text": "1" * 10_000},
        {"method": "best"},
        {"temperature": 0},
        {"temperature": math.nan},
        {"temperature": "hot"},
        {"beams": 0},
        {"beams": 11},
        {"seed": -1},
        {"seed": 0.5},
    ],
)
def test_a_translation_that_is_refused(change):
    with pytest.raises(InputError) as caught:
        translate(NETS["transformer"], **{"text": TEXT, **change})
    assert caught.value.parts["field"] in change
    with pytest.raises(InputError):
        taught(NETS["transformer"], TEXT, "2026-02-30")


def test_taught_is_what_was_said_when_that_is_taught():
    net = seeded(Transformer, SMALL)
    made = taught(net, TEXT, "?")
    assert made["symbols"] == ["?", "[end]"]
    assert made["log_probability"] == pytest.approx(along(net, TEXT, "?"), abs=1e-9)


# ---- letters


LETTERS = GPT(gpt.Config()).config.letters
WRITER = seeded(GPT, gpt.Config(dim=16, heads=2, layers=2, hidden=24, context=24))


def test_a_letter_model_s_cache_is_exact_and_causal():
    letters = torch.tensor([gpt.encode("어텐션은 값을 섞습니다.", LETTERS)])
    whole, _, looks = WRITER.go_on(letters)
    past, rows = None, []
    for t in range(letters.shape[1]):
        row, past, _ = WRITER.go_on(letters[:, t : t + 1], past)
        rows.append(row)
    torch.testing.assert_close(torch.cat(rows, 1), whole, atol=1e-12, rtol=0)
    assert (looks.triu(1) == 0).all()
    for at in range(1, letters.shape[1]):
        changed = letters.clone()
        changed[:, at] = (changed[:, at] + 1) % 100
        after = WRITER(changed)
        assert torch.equal(after[:, :at], whole[:, :at])
        assert not torch.equal(after[:, at:], whole[:, at:])


def brute(logits: torch.Tensor, temperature: float, k: int, p: float) -> list[float]:
    """Filter with sorted lists."""
    shares = torch.softmax(logits.double() / temperature, -1).tolist()
    order = sorted(range(len(shares)), key=lambda i: -shares[i])[: k or None]
    total = sum(shares[i] for i in order)
    kept, mass = [], 0.0
    for i in order:
        kept.append(i)
        mass += shares[i] / total
        if mass >= p:
            break
    total = sum(shares[i] for i in kept)
    return [shares[i] / total if i in kept else 0.0 for i in range(len(shares))]


@pytest.mark.parametrize("k, p", [(0, 1.0), (3, 1.0), (0, 0.6), (5, 0.5), (1, 1.0), (0, 1e-6)])
@pytest.mark.parametrize("temperature", [0.3, 1.0, 2.5])
def test_filters_keep_what_sorting_keeps(k, p, temperature):
    for seed in range(20):
        logits = draw(12, seed=seed) * 2
        found = gpt.filtered(logits, temperature, k, p)
        assert found.tolist() == pytest.approx(brute(logits, temperature, k, p), abs=1e-12)


def test_writing_tells_what_it_did():
    made = gpt.write(WRITER, "왜 é", 10, seed=4)
    assert made["text"] == "왜 é" + made["written"] and len(made["written"]) == 10
    assert made["tokens"] == ["[start]", *made["text"]] and not made["full"]
    assert made["known"] == [True, True, True, False, *[True] * 10]
    n = len(made["tokens"]) - 1
    assert made["attention"].shape == (2, 2, n, n)
    np.testing.assert_allclose(made["attention"].sum(-1), 1, atol=1e-6)
    assert (np.triu(made["attention"], 1) == 0).all()
    again = gpt.write(WRITER, "왜 é", 10, seed=4)
    assert again["steps"] == made["steps"] and (again["attention"] == made["attention"]).all()
    assert gpt.write(WRITER, "왜 é", 10, seed=5)["text"] != made["text"]
    greedy = gpt.write(WRITER, "왜", 6, top_k=1)
    assert all(
        s["probability"] == 1 and s["kept"] == 1 and s["entropy"] == 0 for s in greedy["steps"]
    )
    assert all(s["symbol"] == s["top"][0]["symbol"] for s in greedy["steps"])
    for trace in (made, greedy):
        assert check.writing_delta(WRITER, trace)["delta"] < 1e-12
    made["steps"][3]["bare"] += 1e-3
    assert check.writing_delta(WRITER, made)["delta"] > 1e-4
    full = gpt.write(WRITER, "", 23)
    assert full["full"] and len(full["tokens"]) == 24


def test_many_texts_fill_the_context_and_follow_their_generator():
    texts = [gpt.write_many(WRITER, 3, 1.0, torch.Generator().manual_seed(s)) for s in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]
    assert all(len(text) == 23 and set(text) <= set(LETTERS) for text in texts[0])


@pytest.mark.parametrize(
    "change",
    [
        {"prompt": None},
        {"prompt": "가" * 23},
        {"count": 0},
        {"count": 24},
        {"temperature": 0},
        {"top_k": -1},
        {"top_k": 1e6},
        {"top_p": 0},
        {"top_p": 1.5},
        {"seed": 2**31},
    ],
)
def test_writing_that_is_refused(change):
    with pytest.raises(InputError) as caught:
        gpt.write(WRITER, **{"count": 5, **change})
    assert caught.value.parts["field"] in change
