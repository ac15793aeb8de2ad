"""What the RNN lesson says, computed."""

import numpy as np

from core.models.rnn import presets
from tests.lessons.claims import claim


@claim("rnn", 1)
def test_w_does_nothing_at_the_first_step(said):
    case = presets.slide()
    W, U = (np.array(case["params"][name]) for name in "WU")
    (x,), h0 = np.array(case["xs"]), np.array(case["h0"])
    said("h₀ = 0", np.abs(h0).max())
    h1 = np.tanh(W @ h0 + U @ x)
    assert np.array_equal(h1, np.tanh(U @ x)) and np.abs(W @ h1).min() > 0
    assert np.abs(h1).max() < 1
    said.named("−1과 1 사이")
