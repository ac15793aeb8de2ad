"""A Transformer's layers against torch's own, their cache, their muted heads, their positions."""

import numpy as np
import torch
from torch import nn

from core.models.transformer.layers import Attention, Block, causal, sines
from core.models.transformer.positions import sinusoidal
from tests.core.transformer.nets import NETS, draw, seeded


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
