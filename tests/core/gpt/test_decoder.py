"""The letter model: cache, causality, top-k and top-p, and what it tells of its writing."""

import unicodedata

import numpy as np
import pytest
import torch

from core.inputs import InputError
from core.models.gpt import decoder as gpt
from core.models.gpt.decoder import GPT
from core.models.transformer import check_nets
from tests.core.transformer.nets import draw, seeded

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
        found = gpt.truncated_probabilities(logits, temperature, k, p)
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
        assert check_nets.writing_delta(WRITER, trace)["delta"] < 1e-12
    made["steps"][3]["bare"] += 1e-3
    assert check_nets.writing_delta(WRITER, made)["delta"] > 1e-4
    full = gpt.write(WRITER, "", 23)
    assert full["full"] and len(full["tokens"]) == 24


def test_many_texts_fill_the_context_and_follow_their_generator():
    texts = [gpt.write_many(WRITER, 3, 1.0, torch.Generator().manual_seed(s)) for s in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]
    assert all(len(text) == 23 and set(text) <= set(LETTERS) for text in texts[0])


@pytest.mark.parametrize("prompt", ["가나다", "각 늘", "é"])
def test_a_prompt_is_read_in_composed_form(prompt):
    apart = unicodedata.normalize("NFD", prompt)
    assert apart != prompt
    one, other = gpt.write(WRITER, apart, 5), gpt.write(WRITER, prompt, 5)
    assert one["text"] == other["text"] and one["known"] == other["known"]
    gpt.write(WRITER, unicodedata.normalize("NFD", "각" * 22), 1)  # 66 signs, 22 letters
    with pytest.raises(InputError, match="23 characters"):
        gpt.write(WRITER, unicodedata.normalize("NFD", "각" * 23), 1)


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
