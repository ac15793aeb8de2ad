"""Dates said symbol by symbol: against torch's layers, beams, temperature, muted heads."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from core.data import dates
from core.inputs import InputError
from core.models.transformer import check_nets, decoding, encoder_decoder, translation
from core.models.transformer.encoder_decoder import Transformer, answers, speak
from core.models.transformer.translation import Translation, teacher_force, translate
from tests.core.transformer.nets import NETS, SMALL, TEXT, batch, every, seeded


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
        symbols = decoding.decode_stepwise(net, alone, 1.0, None, None)
        told, _ = translation.replay(net, alone, symbols, 1.0, None)
        assert told["said"] == words and told["log_probability"] == pytest.approx(float(log_p))
    assert encoder_decoder.taught_right(net, source, target) == [
        words == "".join(net.config.symbols[i - 3] for i in row[1:].tolist() if i > 2)
        for words, row in zip(said, target)
    ]


@every
@pytest.mark.parametrize("method, temperature", [("greedy", 1.0), ("sample", 2.0)])
def test_a_translation_is_that_of_torch_s_layers(net, method, temperature):
    made = translate(net, TEXT, method, temperature)
    assert check_nets.translation_delta(net, made, temperature)["delta"] < 1e-12
    assert check_nets.translation_delta(net, made, temperature * 1.1)["delta"] > 1e-4
    made["steps"][-1]["probability"] += 1e-3
    assert check_nets.translation_delta(net, made, temperature)["delta"] > 1e-4


def same(one: Translation, other: Translation) -> bool:
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
    tree = wide.get("beams", [])
    ended = [b for b in tree[-1] if b["symbol"] == "[end]"]
    assert ended and wide["log_probability"] == max(b["log_probability"] for b in ended)
    for found in ended:
        if len(found["said"]) < 4:
            assert found["log_probability"] == pytest.approx(scores[found["said"]], abs=1e-9)
    assert wide["log_probability"] >= max(scores.values()) - 1e-9
    for before, after in itertools.pairwise(tree):
        for branch in after:
            parent = before[branch["parent"]]
            assert branch["said"].startswith(parent["said"])
            assert branch["log_probability"] <= parent["log_probability"] + 1e-12
    orders = [[b["log_probability"] for b in step] for step in tree]
    assert all(row == sorted(row, reverse=True) for row in orders)


def along(net, text: str, said: str) -> float:
    """Return log p of an answer, with all of its symbols at once."""
    whole = dates.encode_answer(said, net.config.symbols)
    logits = net(torch.tensor([dates.encode(text)]), torch.tensor([whole[:-1]]))
    log_p = decoding.log_probabilities(logits, 1.0)[0]
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
            made = translate(net, TEXT, muted=[(part, layer, head)])
            assert made["probability"] != before
            # without the columns of W_O that it feeds torch's layers say the same
            same = check_nets.translation_delta(net, made, muted=[(part, layer, head)])
            other = check_nets.translation_delta(net, made)
            assert same["delta"] < 1e-12 < 1e-5 < other["delta"]
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
        teacher_force(NETS["transformer"], TEXT, "2026-02-30")


def test_an_answer_that_is_fed_in_is_that_of_torch_s_layers_with_and_without_a_mask():
    for causal in (True, False):
        net = seeded(Transformer, replace(SMALL, causal=causal))
        made = teacher_force(net, TEXT, "2026-11-20")
        assert check_nets.translation_delta(net, made, causal=causal)["delta"] < 1e-12
        assert check_nets.translation_delta(net, made, causal=not causal)["delta"] > 1e-5


def test_an_answer_that_is_fed_in_is_the_one_that_is_told_of():
    net = seeded(Transformer, SMALL)
    made = teacher_force(net, TEXT, "?")
    assert made["symbols"] == ["?", "[end]"]
    assert made["log_probability"] == pytest.approx(along(net, TEXT, "?"), abs=1e-9)
