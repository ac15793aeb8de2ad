"""Training of the plain cell, against backpropagation step by step and torch's Adam."""

from typing import Any

import numpy as np
import pytest
import torch

from core.inputs import InputError
from core.models.rnn import bptt, check, learning, presets, vanishing
from core.models.rnn.rnn_traces import Film

torch.set_num_threads(1)
TASKS = {"hello": learning.hello_task, "copy": learning.copy_task}


@pytest.mark.parametrize("name", TASKS)
@pytest.mark.parametrize("truncate", [None, 1, 3])
def test_gradients_of_a_batch_are_the_mean_of_its_sequences(name, truncate):
    task = TASKS[name]()
    params = learning.first_params(task, 5, 3, 1.5)
    loss, grads, y = learning.gradients(params, task, truncate)
    B = task["xs"].shape[1]
    alone = []
    for s in range(B):
        targets = [None if one is None else one[s] for one in task["targets"]]
        alone.append(
            bptt.backward("rnn", params, task["xs"][:, s], None, targets, truncate=truncate)
        )
    assert loss == pytest.approx(np.mean([one["loss"] for one in alone]), abs=1e-12)
    for key, grad in grads.items():
        wanted = np.mean([one["grads"][key] for one in alone], axis=0)
        np.testing.assert_allclose(grad, wanted, atol=1e-12)
    np.testing.assert_allclose(y.sum(axis=2), 1, atol=1e-12)


@pytest.mark.parametrize("truncate", [None, 4])
def test_a_training_is_torch_s(truncate):
    """Every parameter after 40 updates, by torch.nn.RNN and torch.optim.Adam."""
    task = learning.copy_task()
    params = learning.first_params(task, 6, 1, learning.SPREAD)
    film = learning.train(task, params, 40, 0.03, truncate, moments=2)
    net: Any = torch.nn.RNN(4, 6, dtype=torch.float64)
    out = torch.nn.Linear(6, 4, dtype=torch.float64)
    names = {"U": net.weight_ih_l0, "W": net.weight_hh_l0, "b": net.bias_ih_l0,
             "V": out.weight, "c": out.bias}  # fmt: skip
    with torch.no_grad():
        net.bias_hh_l0.zero_()
        for name, leaf in names.items():
            leaf.copy_(torch.tensor(params[name]))
    adam = torch.optim.Adam(names.values(), lr=0.03)
    xs = torch.tensor(task["xs"])
    for _ in range(40):
        h = None
        for piece in xs.split(truncate or len(xs)):
            states, h = net(piece, None if h is None else h.detach())
        loss = torch.nn.functional.cross_entropy(out(states[-1]), torch.tensor([1, 2, 3]))
        adam.zero_grad()
        loss.backward()
        adam.step()
    for name, leaf in names.items():
        np.testing.assert_allclose(film["params"][-1][name], leaf.detach(), atol=1e-9)


def test_a_film_keeps_its_ends_and_is_checked():
    task = learning.hello_task()
    params = learning.first_params(task, 3, 0, 1.0)
    film = learning.train(task, params, 30, 0.05, moments=4)
    assert film["at"].tolist() == [0, 10, 20, 30] and len(film["losses"]) == 31
    assert film["losses"][-1] < film["losses"][0]
    assert all(np.array_equal(film["params"][0][k], params[k]) for k in params)
    assert check.training_delta(task, film, 0.05, None, 99)["delta"] < 1e-12
    wrong: Film = {**film, "losses": film["losses"] + 1e-3}
    assert check.training_delta(task, wrong, 0.05, None, 99)["delta"] > 1e-4


def test_the_tasks_are_those_of_the_presets():
    hello, copy = presets.hello(), presets.copy_task()
    assert np.array_equal(learning.hello_task()["xs"][:, 0], hello["xs"])
    assert [one[0] for one in learning.hello_task()["targets"] if one] == hello["targets"]
    task, target = learning.copy_task(), copy["targets"][-1]
    assert np.array_equal(task["xs"][:, target - 1], copy["xs"])
    assert task["targets"][:-1] == copy["targets"][:-1]
    assert task["targets"][-1] == [1, 2, 3] and target in (1, 2, 3)


def test_speaking_feeds_each_output_back():
    swap = {"U": np.eye(2) * 9, "W": np.zeros((2, 2)), "b": np.zeros(2),
            "V": np.array([[0.0, 1.0], [1.0, 0.0]]), "c": np.zeros(2)}  # fmt: skip
    assert learning.speak(swap, 0, 4) == [1, 0, 1, 0]


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"updates": 0}, "updates"), ({"updates": 501}, "updates"), ({"rate": 0.5}, "rate"),
     ({"rate": "fast"}, "rate"), ({"truncate": 9}, "truncate")],
)  # fmt: skip
def test_a_bad_training_is_refused(changes, field):
    task = learning.copy_task()
    with pytest.raises(InputError) as refused:
        learning.train(task, learning.first_params(task, 2, 0, 1.0), **changes)
    assert refused.value.parts["field"] == field


@pytest.mark.parametrize("most", [None, 0.1])
@pytest.mark.parametrize("rho", [0.2, 1.0])
def test_a_gradient_s_length_is_autograd_s(rho, most):
    lengths = vanishing.gradient_lengths([rho], 30, 8, 1, most)
    params, xs = vanishing.length_case(rho, 30, 8, 1)
    found = (float(lengths["before"][0]), float(lengths["after"][0]))
    assert check.length_delta(params, xs, most, found)["delta"] < 1e-12
    assert check.length_delta(params, xs, most, (found[0], found[1] + 0.1))["delta"] > 0.01
