"""The attention tab: what its words claim against its numbers, refused inputs, every scene without
and with nets (untrained ones), and its figures against a second way to compute them.
"""

import json
import unicodedata
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch

from apps import attention as tab
from apps.lessons.attention import (
    answers,
    block,
    case,
    compare,
    hand,
    home,
    inputs,
    muting,
    variants,
    write,
)
from apps.lessons.shared import nets
from apps.stage.server import words
from apps.stage.server.boards import kept_board
from core import weights
from core.data import dates
from core.inputs import InputError
from core.models.gpt import decoder
from core.models.seq2seq import recurrent
from core.models.transformer import decoding, encoder_decoder, translation
from core.weights.card import cards
from tests.tab_case import TabCase, keys, refuse, widgets

torch.set_num_threads(1)

CASE = TabCase("attention")
TRAINED = ("places", "translate", "looks", "ablate", "compare", "write")
TEXT = "2026년 11월 20일 🎉"


def untrained_nets():
    """Return small nets of random weights by card."""
    small = encoder_decoder.Config(dim=16, heads=2, hidden=16)
    lacks = {
        answers.LOST: {"positions": "none"},
        answers.CHEAT: {"causal": False},
        answers.SHORT: {"layers": (1, 1)},
    }
    with torch.random.fork_rng():
        torch.manual_seed(0)
        found: dict[str, Any] = {
            name: encoder_decoder.Transformer(
                encoder_decoder.Config(**{"dim": 16, "heads": 2, "hidden": 16, **more})
            )
            for name, more in lacks.items()
        }
        for name in (inputs.TRANSFORMER, answers.WHOLE):
            found[name] = encoder_decoder.Transformer(small)
        for name, looks in ((inputs.PLAIN, False), (inputs.LOOKING, True)):
            found[name] = recurrent.Seq2Seq(recurrent.Config(dim=8, hidden=16, attention=looks))
        found[answers.GPT] = decoder.GPT(decoder.Config(dim=16, heads=2, layers=3, hidden=16))
    return {name: net.eval().requires_grad_(False) for name, net in found.items()}


def metric(name: str, which: str) -> float:
    """Return a figure of a net's card."""
    return float(cards()[name].metrics[which]["value"])


def forget():
    for function in (answers.answer, write.writing, muting.measure):
        function.cache_clear()
    kept_board.cache.clear()


@pytest.fixture
def untrained(monkeypatch):
    """Stand nets of random weights in for the trained ones."""
    found = untrained_nets()
    monkeypatch.setattr(weights, "load", lambda name: found[name])
    monkeypatch.setattr(nets, "cards", dict)
    monkeypatch.setattr(muting, "PAIRS", 12)
    forget()
    yield found
    forget()


# ---- by hand


def test_the_book_s_case_is_what_torch_computes():
    book = case.case_of(inputs.Inputs())
    x, wq, wk, wv = (torch.tensor(getattr(book, name)) for name in inputs.MATRICES)
    weights_ = ((x @ wq) @ (x @ wk).T / 2**0.5).softmax(-1)
    made = CASE.tables("hand")
    np.testing.assert_allclose(made["weights"], weights_, atol=1e-15)
    np.testing.assert_allclose(made["output"], weights_ @ (x @ wv), atol=1e-15)


@pytest.mark.parametrize("mask", ["none", "causal", "padding"])
@pytest.mark.parametrize(("tokens", "dim"), [(2, 2), (6, 8), (3, 5)])
def test_every_size_and_mask_is_checked_and_written_out(mask, tokens, dim):
    board = CASE.asked("hand", tokens=tokens, dim=dim, mask=mask, asks=2, seed=4)
    assert all(check["ok"] for check in board["checks"])
    assert len(board["frames"]) == 6 + (mask != "none") + 2 * (dim > 4)
    assert {len(one["rows"]) for one in board["turn"]["blanks"]} <= {tokens, dim, 2, tokens - 1}
    for blank in board["turn"]["blanks"]:
        assert all(isinstance(v, (int, float)) for row in blank["rows"] for v in row)


def test_what_was_typed_is_computed_with():
    x = [[2, 0], [0, 1], [1, 1]]
    board = CASE.asked("hand", x=x)
    assert board["values"]["x"] == x
    assert CASE.tables("hand", x=x)["q"][0].tolist() == [2, 2]


def test_a_wrong_output_would_turn_red(monkeypatch):
    right = hand.attention_step
    monkeypatch.setattr(
        hand,
        "attention_step",
        lambda *case, **more: (t := right(*case, **more)) | {"output": t["output"] + 1e-9},
    )
    assert not hand.hand(inputs.Inputs()).get("checks", [])[0]["ok"]


@pytest.mark.parametrize("count", [1, 2, 4])
@pytest.mark.parametrize("mask", ["none", "causal", "padding"])
def test_each_head_s_grid_has_what_the_trace_has(count, mask):
    board = CASE.asked("heads", heads=count, mask=mask)
    grids = list(widgets(board["frames"][0], "lookup"))
    assert len(grids) == count
    found = CASE.tables("heads", heads=count, mask=mask)["weights"]
    for grid, weights_ in zip(grids, found):
        shown = np.array([[v or 0 for v in row] for row in grid["weights"]])
        np.testing.assert_allclose(shown, weights_, atol=5e-4)


@pytest.mark.parametrize("order", inputs.ORDERS)
def test_any_order_is_followed(order):
    board = CASE.asked("order", order=order)
    assert all(check["ok"] for check in board["checks"])


# ---- positions


def test_pairs_add_up_to_the_dot_product():
    board = CASE.asked("places", width=8, length=16)
    last = next(iter(widgets(board["frames"][-1], "chart")))
    charts = [c for c in widgets(board["frames"][-1], "chart") if len(c["series"]) == 2]
    whole, upto = charts[-1]["series"]
    assert last and whole["y"] == pytest.approx(upto["y"])


def test_sines_and_rotation_know_the_distance_alone_and_a_table_does_not(untrained):
    found = CASE.tables("places", places="three")
    assert set(found) == {"sinusoidal", "learned", "rotary"}
    for name, table in found.items():
        spreads = [np.ptp(np.diagonal(table, n)) for n in range(-40, 41)]
        assert (max(spreads) < 1e-12) == (name != "learned")
    table = untrained[answers.GPT].position.weight[:48].double()
    expected = (table @ table.T).numpy()
    np.testing.assert_allclose(found["learned"], expected / np.abs(expected).max(), atol=1e-12)


# ---- the block


@pytest.mark.parametrize("residual", [True, False])
@pytest.mark.parametrize("norm", [True, False])
@pytest.mark.parametrize("asks", [1, 3])
def test_the_block_s_boxes_hold_its_numbers_as_they_are_computed(residual, norm, asks):
    change = {"residual": residual, "norm": norm, "asks": asks}
    board, made = CASE.asked("block", **change), CASE.tables("block", **change)
    assert len(board["frames"]) == len(block.STAGES) + 1
    assert all(one["ok"] for frame in board["frames"] for one in frame["checks"])
    last: Any = next(iter(widgets(board["frames"][5], "net")))
    shown = {node["id"]: node["values"] for node in last["nodes"]}
    names = {"x": "x", "n": "normed", "o": "attended", "m": "middle", "r": "middle_normed"}
    names |= {"h": "hidden", "f": "net", "y": "output"}
    for box, name in names.items():
        np.testing.assert_allclose(shown[box], made[name][asks - 1])
    np.testing.assert_allclose(shown["a"], made["weights"][0, asks - 1])
    thick = [link for link in last["links"] if link["thick"] > 2]
    assert len(thick) == 2 * residual
    first: Any = next(iter(widgets(board["frames"][0], "net")))
    states = {node["id"]: node["state"] for node in first["nodes"]}
    assert states["n"] == "now" and states["o"] == states["y"] == "later" and not states["x"]


def test_a_wrong_block_would_turn_red(monkeypatch):
    right = block.core.block_step
    monkeypatch.setattr(
        block.core,
        "block_step",
        lambda *case, **more: (t := right(*case, **more)) | {"output": t["output"] + 1e-9},
    )
    monkeypatch.setattr(block.core, "likeness", lambda x: 0.5)
    block.stacks.cache_clear()
    board: Any = block.block(inputs.Inputs(dim=4))
    assert not any(one["ok"] for frame in board["frames"] for one in frame["checks"])
    block.stacks.cache_clear()


def printed(value: Any, hidden: set[str]) -> list[float]:
    """Return the numbers that a frame prints while the answers of these keys are hidden."""
    if isinstance(value, list):
        return [n for one in value for n in printed(one, hidden)]
    if isinstance(value, dict):
        if value.get("key") in hidden or value.get("state") == "later":
            return []
        return [n for one in value.values() for n in printed(one, hidden)]
    return [value] if isinstance(value, float) else []


@pytest.mark.parametrize("view", ["hand", "order", "places", "block"])
def test_what_is_asked_is_not_printed_beside_it(view):
    for changes in ({}, {"kind": "sinusoidal", "asks": 2, "places": "three"}):
        board = CASE.asked(view, **changes)
        turn = board["turn"]
        hidden = {blank["key"] for blank in turn["blanks"]} - {""}
        seen = printed([board["frames"][turn["frame"]]["view"], board["facts"],
                        board["frames"][turn["frame"]]["facts"]], hidden)  # fmt: skip
        for blank in turn["blanks"]:
            asked = [v for row in blank["rows"] for v in row if abs(v) not in (0, 1)]
            assert any(not any(abs(v - n) < 5e-4 for n in seen) for v in asked), blank["label"]


# ---- with nets


@pytest.mark.parametrize("view", TRAINED)
def test_a_net_that_is_not_here_is_said_in_one_sentence(view, monkeypatch):
    monkeypatch.setattr(weights, "load", refuse)
    forget()
    board = CASE.asked(view, places="three")
    assert not kept_board.cache  # asked again, it looks again
    assert keys(board["frames"]) & {"absent_why", "absent_learned"}
    assert board["checks"] and all(check["ok"] for check in board["checks"])


CHANGES = [
    ("translate", {}),
    ("translate", {"method": "beam", "beams": 3}),
    ("translate", {"method": "sample", "temperature": 2, "seed": 5}),
    *(("translate", {"model": name}) for name in inputs.DATES[1:]),
    *(("translate", {"text": text}) for text in ("", " ", TEXT, "🎉" * 48, "한" * 48)),
    *(("looks", {"part": part}) for part in inputs.PARTS),
    ("looks", {"text": "", "layer": 2, "head": 2}),
    *(("ablate", {"look": look}) for look in inputs.LOOKS),
    *(("ablate", {"look": look, "text": ""}) for look in inputs.LOOKS),
    ("compare", {}),
    ("compare", {"text": ""}),
    ("write", {"count": 8}),
    ("write", {"count": 8, "prompt": "", "top_k": 3, "top_p": 0.5, "head": 1, "layer": 1}),
    ("write", {"count": 8, "prompt": "🎉 2026"}),
    ("places", {"places": "three", "seed": 3}),
]


@pytest.mark.parametrize(("view", "changes"), CHANGES, ids=str)
def test_every_board_is_checked_and_worded(untrained, view, changes):
    board = CASE.asked(view, **changes)
    assert board["checks"] and all(check["ok"] for check in board["checks"]), board["checks"]
    for key in keys(board):
        assert all(CASE.knows(language, key) for language in words.LANGUAGES), key
    parts = board.get("parts", {})
    for kind in ("ties", "lookup"):
        for widget in widgets(board["frames"], kind):
            rows = widget["weights"]
            rows = parts[rows]["rows"] if isinstance(rows, str) else rows
            assert len(rows) == len(widget["queries"])
            assert {len(row) for row in rows} == {len(widget["keys"])}
    assert json.dumps(CASE.tables(view, **changes), default=np.ndarray.tolist)


def test_the_mean_of_all_heads_is_what_the_lines_show(untrained):
    board = CASE.asked("translate", text=TEXT)
    made = translation.translate(untrained[inputs.TRANSFORMER], TEXT)
    shown = np.array(board["parts"]["looks"]["rows"])
    np.testing.assert_allclose(shown, made["attention"]["cross"].mean((0, 1)), atol=6e-4)
    assert len(board["frames"]) == len(made["symbols"])
    first = next(iter(widgets(board["frames"][0], "bars")))["items"]
    np.testing.assert_allclose(
        [one["v"] for one in first], [one["probability"] for one in made["steps"][0]["top"]]
    )
    assert [one["role"] for one in first].count("made") == 1
    assert "unknown_letters" in keys(board["facts"])


def test_a_year_that_it_never_learned_is_said_to_be_outside():
    for text in ("2100-01-01", "1592년 4월 13일", "음력 2026년 1월 1일"):
        made = tab.date_translate(text)
        assert made["verdict"] == "outside" and made["iso"] is None and made["probability"] > 0.9
        board = CASE.asked("translate", text=text)
        assert "verdict_outside" in keys(board["frames"][-1]) and "scope" in keys(board["facts"])
    inside = tab.date_translate("2026-11-20")
    assert (inside["iso"], inside["verdict"]) == ("2026-11-20", "date")


def test_letters_that_the_writer_does_not_know_are_said():
    prompt = "홉필드 네트워크는 "
    apart = unicodedata.normalize("NFD", prompt)
    board = CASE.asked("write", prompt=apart, count=8)
    assert board["frames"] == CASE.asked("write", prompt=prompt, count=8)["frames"]
    assert "unknown_letters" not in keys(board["facts"])
    assert "unknown_letters" in keys(CASE.asked("write", prompt="🎉", count=8)["facts"])


def test_greedy_stands_beside_the_beams(untrained):
    board = CASE.asked("translate", method="beam", beams=4)
    assert "greedy_says" in keys(board["facts"]) and board["without"] == ["seed"]
    kept = next(iter(widgets(board["frames"][-1], "bars")))["items"]
    assert 1 <= len(kept) <= 4 and sum(one["role"] == "made" for one in kept) >= 1
    assert all(0 <= one["v"] <= 1 for one in kept)


def test_a_wrong_probability_would_turn_red(untrained):
    made = translation.translate(untrained[inputs.TRANSFORMER], TEXT)
    check = partial(answers.answer_checks, inputs.TRANSFORMER)
    assert all(one["ok"] for one in check(made, 1.0))
    made["steps"][3]["probability"] += 0.01
    made["attention"]["cross"] = made["attention"]["cross"] * 0.99
    assert not any(one["ok"] for one in check(made, 1.0))


@pytest.mark.parametrize("part", inputs.PARTS)
def test_the_head_that_was_picked_is_shown(untrained, part):
    board = CASE.asked("looks", part=part, layer=2, head=1, text=TEXT)
    made = translation.translate(untrained[inputs.TRANSFORMER], TEXT)
    shown = np.array([[v or 0 for v in row] for row in board["parts"]["shown"]["rows"]])
    np.testing.assert_allclose(shown, made["attention"][part][1, 0], atol=6e-4)
    grid = next(iter(widgets(board["frames"], "heads")))["rows"]
    assert [[one["on"] for one in row] for row in grid] == [[False, False], [True, False]]
    assert grid[0][1]["picks"] == {"layer": 1, "head": 2}
    rows = board["parts"]["shown"]["rows"]
    if part == "decoder":  # above the diagonal nothing is allowed
        assert all(v is None for i, row in enumerate(rows) for v in row[i + 1 :])
    assert len(board["frames"]) == len(rows)


def test_right_all_at_once_is_right_symbol_by_symbol(untrained):
    """What the table of muted heads counts, counted by decoding."""
    net = untrained[inputs.TRANSFORMER]
    source, target = muting.held_out(12)
    # let half of the wanted answers be what the net says, so that some are right
    said = encoder_decoder.answers(net, source)
    gates = decoding.gates_of(net, [("cross", 1, 0)])
    wanted = [dates.encode_answer(one)[:12] for one in said[:6]]
    target = target.clone()
    for row, one in enumerate(wanted):
        target[row] = torch.tensor([*one, *[0] * (12 - len(one))])
    muting.held_out.cache_clear()
    read = net.encode(source)[0]

    def counted(muted):
        told = [dates.encode_answer(one) for one in encoder_decoder.answers(net, source, muted)]
        rows = [row[row != 0].tolist() for row in target]
        return float(np.mean([a[: len(b)] == b for a, b in zip(told, rows)]))

    for muted in (None, gates):
        state = net.encode(source, muted)[0] if muted else read
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(muting, "held_out", lambda count: (source, target))
            assert muting.share_right(net, state, muted) == pytest.approx(counted(muted))


def test_heads_that_change_an_answer_are_those_that_do(untrained):
    changed, same = muting.changed_answers(TEXT)
    net = untrained[inputs.TRANSFORMER]
    whole = translation.translate(net, TEXT)["symbols"]
    every = [
        (part, i, j) for part, (n, m) in net.heads().items() for i in range(n) for j in range(m)
    ]
    other = [
        one for one in every if translation.translate(net, TEXT, muted=[one])["symbols"] != whole
    ]
    assert len(every) - same == len(other)
    assert [one for one, _ in changed] == other[: muting.WRITTEN_OUT]


def test_only_without_a_mask_does_the_decoder_look_ahead(untrained):
    board = CASE.asked("ablate", look="cheat")
    ahead = {fact["label"]["k"]: fact["v"] for fact in board["facts"]}
    assert ahead["ahead.with"] == 0 < ahead["ahead.without"]


def test_the_bottleneck_s_curve_is_the_state_s_change(untrained):
    net = untrained[inputs.PLAIN]
    chart: Any = compare.memory("12월")
    curve = chart["series"][0]["y"]

    def state(indices):
        h, c = (net.encode(torch.tensor([indices]))[0][k] for k in ("h", "c"))
        return torch.cat([h, c], 1)[0]

    whole = dates.encode("12월")
    for place in range(1, 4):
        worse = [*whole[:place], dates.UNKNOWN, *whole[place + 1 :]]
        moved = (state(worse) - state(whole)).norm() / state(whole).norm()
        assert curve[place - 1] == pytest.approx(float(moved), rel=1e-4)


def test_what_is_asked_about_sizes_is_true(untrained):
    lstm = torch.nn.LSTM(48, 128, device="meta")
    assert sum(p.numel() for p in lstm.parameters()) == 4 * 128 * (48 + 128 + 2)
    config = encoder_decoder.Config()
    assert (config.dim, config.hidden) == (64, 128)
    layer = encoder_decoder.Transformer(config).encoder[0]
    asked_for = (variants.variants("").get("turn") or {}).get("blanks", [])[0]["rows"]
    assert asked_for == [[sum(p.numel() for p in layer.parameters())]]
    assert recurrent.Config().hidden == 128 and recurrent.Config().dim == 48
    assert dates.LONGEST == 48 and decoder.Config().context - 2 == 126


def test_writing_shows_what_each_letter_looked_back_at(untrained):
    board = CASE.asked(
        "write", prompt="RNN은 ", count=8, head=2, layer=2, seed=0, temperature=1.0, top_p=1.0
    )
    made = decoder.write(untrained[answers.GPT], "RNN은 ", 8)
    first = 1 + len("RNN은 ")
    for t, frame in enumerate(board["frames"]):
        strip = next(iter(widgets(frame, "strip")))
        row = made["attention"][1, 1, first + t - 1, : first + t]
        np.testing.assert_allclose(strip["shades"][: first + t], row, atol=6e-4)
        assert strip["now"] == first + t and not any(strip["shades"][first + t :])


# ---- bad inputs of the page

LONG = "2" * 10_000
BAD_INPUTS = [
    ("hand", {"tokens": 1}, "tokens"),
    ("hand", {"dim": 9}, "dim"),
    ("hand", {"x": [[1, 0]]}, "x"),
    ("hand", {"wq": [[1, "a"], [0, 1]]}, "wq"),
    ("hand", {"wv": [[1, 1e9], [0, 1]]}, "wv"),
    ("hand", {"mask": "future"}, "mask"),
    ("hand", {"asks": 0}, "asks"),
    ("hand", {"seed": -1}, "seed"),
    ("heads", {"heads": 3}, "heads"),
    ("heads", {"push": "far"}, "push"),
    ("order", {"kind": "rotary"}, "kind"),
    ("order", {"order": "111"}, "order"),
    ("places", {"width": 4}, "width"),
    ("places", {"length": 1000}, "length"),
    ("places", {"places": "four"}, "places"),
    ("places", {"places": "three", "seed": "x"}, "seed"),
    ("block", {"residual": 1}, "residual"),
    ("block", {"norm": "no"}, "norm"),
    ("block", {"asks": 7}, "asks"),
    ("block", {"x": [[1, 0]]}, "x"),
    ("translate", {"text": LONG}, "text"),
    ("translate", {"text": "2" * 49}, "text"),
    ("translate", {"text": None}, "text"),
    ("translate", {"text": ["2026"]}, "text"),
    ("translate", {"model": "gpt-chars"}, "model"),
    ("translate", {"method": "luck"}, "method"),
    ("translate", {"method": "sample", "temperature": 0}, "temperature"),
    ("translate", {"temperature": "hot"}, "temperature"),
    ("translate", {"method": "beam", "beams": 99}, "beams"),
    ("translate", {"method": "sample", "seed": 0.5}, "seed"),
    ("looks", {"part": "all"}, "part"),
    ("looks", {"layer": 0}, "layer"),
    ("looks", {"head": "x"}, "head"),
    ("looks", {"text": LONG}, "text"),
    ("ablate", {"look": "away"}, "look"),
    ("ablate", {"text": LONG}, "text"),
    ("compare", {"text": 3}, "text"),
    ("write", {"prompt": LONG}, "prompt"),
    ("write", {"prompt": None}, "prompt"),
    ("write", {"temperature": -1}, "temperature"),
    ("write", {"top_k": 1.5}, "top_k"),
    ("write", {"top_p": 0}, "top_p"),
    ("write", {"count": 0}, "count"),
    ("write", {"layer": 9}, "layer"),
    ("write", {"seed": None}, "seed"),
]


@pytest.mark.parametrize(("view", "changes", "field"), BAD_INPUTS, ids=lambda v: str(v)[:50])
def test_bad_inputs_of_the_page_name_the_field(untrained, view, changes, field):
    assert CASE.refused(view, **changes)["field"] == field


def test_the_limit_is_stated_before_it_is_met():
    for language in words.LANGUAGES:
        control = words.words(language, "attention")["words"]["control"]
        assert "48" in control["text"] and "126" in control["prompt"]


# ---- the API


def test_the_api_says_what_core_says(untrained):
    x = [[1, 0], [0, 1], [1, 1]]
    eye = [[1, 0], [0, 1]]
    out = tab.attention_step(x, eye, eye, eye, 1, [False, False, True])
    assert np.isneginf(out["masked"][0][:, 2]).all() and (out["weights"][0][:, 2] == 0).all()
    made = tab.date_translate(TEXT, inputs.LOOKING)
    net = untrained[inputs.LOOKING]
    theirs = translation.translate(net, TEXT)
    assert made["said"] == theirs["said"] and set(made["attention"]) == {"cross"}
    assert [len(top) for top in made["probabilities"]] == [10] * len(theirs["symbols"])
    with pytest.raises(InputError, match="model"):
        tab.date_translate(TEXT, "gpt-chars")


def test_on_the_home_page_who_stands_near_looks_alike():
    widget: Any = home.picture()
    rows = np.array(widget["weights"])
    assert widget["w"] == "ties" and rows.sum(1) == pytest.approx(1, abs=0.01)
    assert (rows.argmax(1) == np.arange(10)).all()  # alike is who stands near
