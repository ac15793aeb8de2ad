"""The recipes of the dates and of the letters in seconds: files, cards, measuring again."""

import pytest
import torch

from core.measure.heads import read_heads
from core.models.gpt.decoder import GPT
from core.models.transformer.translation import translate
from core.training.plan import Plan
from core.weights.card import cards
from tests.weights.test_recipes import flags
from weights.recipes import chars, dates, heads
from weights.recipes.command import load_shipped, run


@pytest.mark.parametrize("name", ["transformer-dates", "seq2seq-attention-dates"])
def test_a_translator_is_trained_and_measured_again(tmp_path, name):
    card = run("dates", dates.JOBS, flags(tmp_path, name))
    assert card and card.dtype == "float16" and card.bytes < 1e6 and card.dataset["name"] == "dates"
    assert {"exact match", "exact match, clean", "no date", "unseen formats"} <= card.metrics.keys()
    assert all(0 <= m["value"] <= 1 for m in card.metrics.values())
    assert run("dates", dates.JOBS, flags(tmp_path, name, "--measure")) == card
    model = load_shipped(name, tmp_path / "out")
    assert translate(model, "2026년 11월 20일")["verdict"] == "unsure"
    if name[0] == "s":  # one is enough: the seed fixes the file
        again = run("dates", dates.JOBS, flags(tmp_path, name))
        assert again and again.sha256 == card.sha256


def test_each_head_is_muted_and_each_net_timed(tmp_path):
    run("dates", dates.JOBS, flags(tmp_path, "transformer-dates"))
    heads.main(["--smoke", "--out", str(tmp_path / "out"), "--threads", "1"])
    found = read_heads(tmp_path / "out" / "dates-heads.json")
    assert found["sha256"] == cards(tmp_path / "out")["transformer-dates"].sha256
    assert {part: (len(v), len(v[0])) for part, v in found["muted"].items()} == (
        dates.Transformer(dates.WHOLE).heads()
    )
    assert all(0 <= v <= 1 for layers in found["muted"].values() for row in layers for v in row)
    assert found["seconds"]["transformer-dates"] > 0


def test_the_measured_heads_are_of_the_weights_that_ship():
    found = read_heads()
    assert found["sha256"] == cards()[found["card"]].sha256
    assert found["whole"] > 0.99
    shares = [v for layers in found["muted"].values() for row in layers for v in row]
    assert min(shares) < found["whole"]


def test_a_writer_is_trained_and_measured_again(tmp_path):
    card = run("chars", chars.JOBS, flags(tmp_path, "gpt-chars"))
    assert card and card.bytes < 1e6
    assert card.metrics["bits/letter"]["value"] < 8.4  # of 320 letters: a little was learned
    assert run("chars", chars.JOBS, flags(tmp_path, "gpt-chars", "--measure")) == card
    assert isinstance(load_shipped("gpt-chars", tmp_path / "out"), GPT)


def test_a_perfect_answer_is_a_share_of_one():
    pairs = dates.held_out_pairs(30)

    class Oracle(torch.nn.Module):
        config = dates.WHOLE

        def encode(self, source, gates=None):
            return {"row": torch.arange(len(source)), "t": torch.zeros(len(source))}, {}

        def step(self, symbol, state, gates=None):
            t = int(state["t"][0])
            said = [f"{pair.iso}"[t : t + 1] for pair in pairs]
            wanted = [self.config.symbols.index(c) + 3 if c else 2 for c in said]
            logits = torch.nn.functional.one_hot(torch.tensor(wanted), 15).float()
            return logits, {**state, "t": state["t"] + 1}, {}

    assert dates.share(dates.right(Oracle(), pairs)) == 1.0
    assert dates.share([]) == 0.0


def test_every_job_draws_fresh_pairs_in_a_plan_of_its_kind():
    for job in {**dates.JOBS, **chars.JOBS}.values():
        assert isinstance(job.plan, Plan) and len(job.load("").images) >= job.plan.batch  # pyright: ignore
        net = job.build(job.config)
        assert sum(p.numel() for p in net.parameters()) < 350_000
    first, second = (dates.of_format("iso", 5, part) for part in ("held", "train"))
    assert first != second and first == dates.of_format("iso", 5, "held")
