"""Encoder-decoders: cache, causality, padding, the loss."""

from dataclasses import replace

import numpy as np
import torch

from core.data import dates
from core.models.transformer import encoder_decoder
from core.models.transformer.encoder_decoder import Transformer
from core.models.transformer.translation import teacher_force
from tests.core.transformer.nets import NETS, SMALL, TEXT, batch, every, seeded


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
    looks = teacher_force(net, TEXT, "2026-11-20")["attention"]["decoder"]
    assert (np.triu(looks, 1).sum((-1, -2)) > 0).all()
    masked = teacher_force(NETS["transformer"], TEXT, "2026-11-20")["attention"]["decoder"]
    assert (np.triu(masked, 1) == 0).all()


def test_without_positions_the_letters_order_does_not_matter():
    said = torch.tensor([dates.encode_answer("2026-11-20")])
    letters = torch.tensor([dates.encode("2026년 11월 20일")])
    mixed = letters[:, [0, *reversed(range(1, letters.shape[1]))]]
    blind, seeing = NETS["no positions"], NETS["transformer"]
    torch.testing.assert_close(blind(letters, said), blind(mixed, said), atol=1e-12, rtol=0)
    assert (seeing(letters, said) - seeing(mixed, said)).abs().max() > 1e-3


@every
def test_the_loss_is_the_mean_over_symbols_whatever_the_groups(net):
    source, target = batch(7)
    logits = net(source, target[:, :-1])
    log_p = logits.log_softmax(-1).gather(-1, target[:, 1:, None])[..., 0]
    said = target[:, 1:] != 0
    for groups in (1, 2, 5):
        value = encoder_decoder.loss(net, source.byte(), target.byte(), groups)
        torch.testing.assert_close(value.double(), -log_p[said].mean(), atol=1e-6, rtol=0)
