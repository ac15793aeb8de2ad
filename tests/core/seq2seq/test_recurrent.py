"""The LSTMs against a cell that is written out."""

import torch
from torch import nn

from tests.core.transformer.nets import NETS, batch


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
