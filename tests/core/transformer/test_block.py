"""The block by hand: torch's own layer, its parts, and what residual connections and norms do."""

import numpy as np
import pytest

from core.models.transformer import block, check


def drawn(seed, T=5, d=8, hidden=16):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(T, d)), block.draw_weights(rng, d, hidden)


@pytest.mark.parametrize("heads", [1, 2, 4])
@pytest.mark.parametrize("residual", [True, False])
@pytest.mark.parametrize("norm", [True, False])
def test_a_block_is_torch_s(heads, residual, norm):
    for seed in range(3):
        x, given = drawn(seed)
        made = block.block_step(x, given, heads, residual, norm)
        found = check.block_delta(made, given, heads, residual, norm)
        assert found["delta"] < 1e-13
        assert ("EncoderLayer" in found["against"]) == (residual and norm)


@pytest.mark.parametrize("name", ["normed", "attended", "middle", "net", "output"])
def test_a_wrong_block_is_found(name):
    x, given = drawn(0)
    made = block.block_step(x, given)
    made[name] = made[name] + 1e-6
    assert check.block_delta(made, given)["delta"] > 1e-8


def test_the_norm_of_a_row_by_hand():
    # 1, 0, -1, 2: mean 0.5, variance (0.25 + 0.25 + 2.25 + 2.25) / 4 = 1.25
    np.testing.assert_allclose(
        block.layer_norm(np.array([[1.0, 0, -1, 2]])),
        [[0.4472, -0.4472, -1.3416, 1.3416]],
        atol=1e-4,
    )
    assert np.allclose(block.layer_norm(np.ones((1, 4))), 0)


def test_only_attention_lets_tokens_see_each_other():
    x, given = drawn(1)
    other = x.copy()
    other[3, 0] += 1
    first, second = block.block_step(x, given), block.block_step(other, given)
    assert np.array_equal(first["normed"][:3], second["normed"][:3])
    assert (np.abs(first["attended"] - second["attended"]).max(1) > 1e-6).all()
    deaf = block.Weights(given.wq, given.wk, 0 * given.wv, given.wo, given.w1, given.w2)
    first, second = block.block_step(x, deaf), block.block_step(other, deaf)
    assert np.array_equal(first["output"][:3], second["output"][:3])


@pytest.mark.parametrize(("residual", "norm"), [(True, True), (False, True), (True, False)])
def test_a_stack_s_curves_are_torch_s(residual, norm):
    rng = np.random.default_rng(3)
    x, blocks = rng.normal(size=(5, 8)), [block.draw_weights(rng, 8, 16) for _ in range(6)]
    after = block.stack(x, blocks, 2, residual, norm)
    alike, sizes = list(map(block.likeness, after)), list(map(block.size, after))
    given = (x, blocks, 2, residual, norm)
    assert check.stack_delta((alike, sizes), *given)["delta"] < 1e-11
    assert check.stack_delta((alike[::-1], sizes), *given)["delta"] > 1e-3
    assert check.stack_delta((alike, [v + 1e-6 for v in sizes]), *given)["delta"] > 1e-10


def test_likeness_and_size_of_tokens_by_hand():
    assert block.likeness(np.array([[1.0, 0], [0, 2.0]])) == pytest.approx(0)
    assert block.likeness(np.array([[1.0, 1], [3, 3]])) == pytest.approx(1)
    assert block.size(np.array([[3.0, 4], [0, 0]])) == pytest.approx(2.5)
    x, given = drawn(2)
    out = block.stack(x, [given, given], 2)
    assert len(out) == 3 and np.array_equal(out[1], block.block_step(x, given, 2)["output"])
