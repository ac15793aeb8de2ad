"""Attention and positions by hand, against torch and by their laws."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.inputs import InputError
from core.models.transformer import check, positions
from core.models.transformer.attention import attention_step

SIZES = [(2, 2, 1), (3, 4, 2), (6, 8, 4), (6, 8, 8), (1, 3, 3), (16, 16, 2)]


def case(T: int, d: int, seed: int = 0) -> Any:
    draw = np.random.default_rng(seed).normal
    return [draw(size=(T, d)), *(draw(size=(d, d)) for _ in range(4))]


def masks(T: int) -> list:
    padding = [False] * T
    return ["none", "causal", padding, [*padding[1:], T > 1], [T > 1, *padding[1:]]]


@pytest.mark.parametrize("T, d, heads", SIZES)
def test_attention_is_torch_s_with_every_mask(T, d, heads):
    x, wq, wk, wv, wo = case(T, d, T)
    for mask in masks(T):
        for out in (None, wo):
            trace = attention_step(x, wq, wk, wv, heads, mask, out)
            assert check.step_delta(trace, mask)["delta"] < 1e-12


@pytest.mark.parametrize("name", ["output", "weights", "contexts"])
def test_a_wrong_trace_is_found(name):
    trace = attention_step(*case(4, 4)[:4], heads=2, mask="causal")
    trace[name] = trace[name] * 1.001
    assert check.step_delta(trace, "causal")["delta"] > 1e-5
    right = attention_step(*case(4, 4)[:4], heads=2)
    assert check.step_delta(right, "causal")["delta"] > 1e-3  # of another mask


def test_two_tokens_with_numbers():
    eye = [[1, 0], [0, 1]]
    trace = attention_step([[1, 0], [0, 1]], eye, eye, eye)
    share = 1 / (1 + math.exp(-1 / math.sqrt(2)))
    assert trace["scores"].tolist() == [[[1, 0], [0, 1]]]
    assert trace["scaled"][0, 0].tolist() == [pytest.approx(1 / math.sqrt(2)), 0]
    assert trace["output"][0].tolist() == [pytest.approx(share), pytest.approx(1 - share)]
    rounded = attention_step([[1, 0], [0, 1]], eye, eye, eye, decimals=2)
    assert rounded["exp"].tolist() == [[[1, 0.49], [0.49, 1]]]
    assert rounded["weights"].tolist() == [[[0.67, 0.33], [0.33, 0.67]]]


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 7), st.sampled_from([2, 4, 6]), st.integers(0, 10_000))
def test_rows_are_shares_and_nobody_sees_what_is_masked(T, d, seed):
    x, wq, wk, wv, _ = case(T, d, seed)
    for mask in masks(T):
        trace = attention_step(x, wq, wk, wv, 2, mask)
        np.testing.assert_allclose(trace["weights"].sum(-1), 1, atol=1e-12)
        assert (trace["weights"][:, trace["allowed"] == 0] == 0).all()
        assert np.isneginf(trace["masked"][:, trace["allowed"] == 0]).all()
        low, high = trace["head_v"].min(1), trace["head_v"].max(1)  # a mean stays between them
        assert (trace["contexts"] >= low[:, None] - 1e-12).all()
        assert (trace["contexts"] <= high[:, None] + 1e-12).all()


@pytest.mark.parametrize("at", range(1, 6))
def test_a_later_token_changes_no_earlier_output(at):
    x, wq, wk, wv, _ = case(6, 4)
    before = attention_step(x, wq, wk, wv, 2, "causal")["output"]
    x[at] += 5
    after = attention_step(x, wq, wk, wv, 2, "causal")["output"]
    assert (before[:at] == after[:at]).all() and (before[at:] != after[at:]).any(1).all()
    padded = [i == at for i in range(6)]
    one = attention_step(x, wq, wk, wv, 2, padded)["output"]
    x[at] -= 50
    two = attention_step(x, wq, wk, wv, 2, padded)["output"]
    assert (np.delete(one, at, 0) == np.delete(two, at, 0)).all()  # padding is never looked at


GOOD = dict(zip(("x", "wq", "wk", "wv"), [a.tolist() for a in case(3, 4)[:4]]))
BAD = [
    ({"x": []}, "x"),
    ({"x": [[1, 2], [3]]}, "x"),
    ({"x": [[math.nan] * 4]}, "x"),
    ({"x": [[1e9] * 4]}, "x"),
    ({"x": "words"}, "x"),
    ({"x": [[0.0] * 4] * 17}, "x"),
    ({"wq": [[1, 2]]}, "wq"),
    ({"wv": None}, "wv"),
    ({"heads": 3}, "heads"),
    ({"heads": 0}, "heads"),
    ({"heads": True}, "heads"),
    ({"mask": "future"}, "mask"),
    ({"mask": [True, True, True]}, "mask"),
    ({"mask": [False, False]}, "mask"),
    ({"mask": [0, 0, 1]}, "mask[0]"),
    ({"mask": None}, "mask"),
    ({"mask": {"0": True}}, "mask"),
    ({"wo": [[1]]}, "wo"),
    ({"decimals": 13}, "decimals"),
]


@pytest.mark.parametrize("change, field", BAD)
def test_what_is_refused_is_named(change, field):
    with pytest.raises(InputError) as caught:
        attention_step(**{**GOOD, **change})
    assert caught.value.parts["field"].startswith(field)


# ---- positions


@pytest.mark.parametrize("T, d", [(2, 2), (50, 64), (200, 16)])
def test_sinusoidal_positions_are_powers_of_complex_numbers(T, d):
    table = positions.sinusoidal(T, d)
    assert table.shape == (T, d)
    assert check.sinusoidal_delta(table)["delta"] < 1e-12
    assert check.sinusoidal_delta(table * 1.01)["delta"] > 1e-3
    np.testing.assert_allclose((table**2).sum(1), d / 2)  # all are equally long


def test_sinusoidal_products_tell_the_distance_alone():
    found = positions.against_distance(positions.dots(positions.sinusoidal(40, 16)))
    np.testing.assert_allclose(found["low"], found["high"], atol=1e-12)
    w = positions.frequencies(16)
    closed = np.cos(np.outer(found["distance"], w)).sum(1)
    np.testing.assert_allclose(found["mean"], closed, atol=1e-12)
    table = np.random.default_rng(0).normal(size=(40, 16))
    learned = positions.against_distance(positions.dots(table))
    assert (learned["high"] - learned["low"] > 1)[:30].all()


def test_wavelengths_are_periods():
    waves = positions.wavelengths(8)
    assert waves[0] == pytest.approx(2 * math.pi) and (np.diff(waves) > 0).all()
    w = positions.frequencies(8)
    np.testing.assert_allclose(np.sin(w * (3 + waves)), np.sin(w * 3), atol=1e-12)


@pytest.mark.parametrize("T", [1, 3])
def test_a_mask_of_padding_alone_is_explained(T):
    x, wq, wk, wv = case(T, 2)[:4]
    with pytest.raises(InputError) as caught:
        attention_step(x, wq, wk, wv, mask=[True] * T)
    assert caught.value.rule == "list" and "a false among them" in str(caught.value)
    with pytest.raises(
        InputError, match="order .* must be a list of the numbers 0 to 1, each once"
    ):
        x, wq, wk, wv = case(2, 2)[:4]
        positions.permute(x, wq, wk, wv, [1, 1])


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 20), st.integers(0, 1000), st.integers(-50, 50))
def test_rotary_keeps_lengths_and_tells_the_distance_alone(T, seed, shift):
    draw = np.random.default_rng(seed).normal
    x = draw(size=(T, 8))
    turned = positions.rotate(x)
    assert check.rotary_delta(x, turned)["delta"] < 1e-12
    np.testing.assert_allclose((turned**2).sum(1), (x**2).sum(1))
    q, k = draw(size=8), draw(size=8)
    products = positions.rotary_dots(q, k, T)
    found = positions.against_distance(products)
    np.testing.assert_allclose(found["low"], found["high"], atol=1e-10)
    moved = np.arange(T) + shift
    again = (
        positions.rotate(np.tile(q, (T, 1)), moved) @ positions.rotate(np.tile(k, (T, 1)), moved).T
    )
    np.testing.assert_allclose(again, products, atol=1e-10)


@pytest.mark.parametrize("seed", range(5))
def test_words_in_another_order_give_the_same_until_positions_are_added(seed):
    x, wq, wk, wv, _ = case(5, 6, seed)
    order = np.random.default_rng(seed).permutation(5)
    made = positions.permute(x, wq, wk, wv, order.tolist())
    assert made["largest"] < 1e-13
    assert check.permute_delta(made)["delta"] < 1e-12
    table = np.random.default_rng(seed).normal(size=(9, 6))
    same = (order == np.arange(5)).all()
    for kind in ("sinusoidal", "learned"):
        made = positions.permute(x, wq, wk, wv, order.tolist(), kind, table)
        assert check.permute_delta(made)["delta"] < 1e-12
        assert same or made["largest"] > 1e-2


@pytest.mark.parametrize(
    "call, field",
    [
        (lambda: positions.sinusoidal(4, 3), "d"),
        (lambda: positions.sinusoidal(0, 4), "count"),
        (lambda: positions.sinusoidal(1e9, 4), "count"),
        (lambda: positions.rotate([[1, 2, 3]]), "d"),
        (lambda: positions.rotate([[1, 2]], [0, 1]), "positions"),
        (lambda: positions.rotary_dots([1, 2], [1, 2, 3, 4], 3), "k"),
        (lambda: positions.add_positions([[1, 2]], "where"), "kind"),
        (lambda: positions.add_positions([[1, 2]], "learned"), "table"),
        (lambda: positions.permute(*case(3, 4)[:4], order=[0, 0, 1]), "order"),
        (lambda: positions.permute(*case(3, 4)[:4], order="210"), "order"),
        (lambda: positions.permute(*case(3, 4)[:4], order=[0, 1]), "order"),
    ],
)
def test_positions_that_are_refused(call, field):
    with pytest.raises(InputError) as caught:
        call()
    assert caught.value.parts["field"].startswith(field)
