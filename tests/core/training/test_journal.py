"""The record of a training: when it looks, what it averages, that it goes on."""

import pytest
import torch
from torch import nn

from core.inputs import InputError
from core.training.journal import Journal, read_journal, spread


def journal() -> Journal:
    return Journal(lambda model: {"weight": model.weight.detach().clone().double()})  # pyright: ignore


def filled(steps: int, stop: int | None = None, start: Journal | None = None, at: int = 0):
    """Return a journal of a run whose only weight is the number of steps it has taken."""
    book, model = start or journal(), nn.Linear(1, 1, bias=False)
    book.open(steps)
    for step in range(at, steps if stop is None else stop):
        with torch.no_grad():
            model.weight.fill_(step)
        if step == 0 and book.due(0):
            book.see(0, model)
        book.note(step, {"D": float(step), "G": -2.0 * step})
        with torch.no_grad():
            model.weight.fill_(step + 1)
        if book.due(step + 1):
            book.see(step + 1, model)
    return book


@pytest.mark.parametrize("steps", [1, 2, 9, 10, 11, 500, 15_000])
def test_moments_run_from_the_first_step_to_the_last(steps):
    found = spread(steps)
    assert found[0] == 0 and found[-1] == steps and found == sorted(set(found))
    assert len(found) <= 18


def test_moments_are_geometric():
    found = spread(15_000)
    assert len(found) >= 14
    ratios = [b / a for a, b in zip(found[1:], found[2:])]
    assert max(ratios) / min(ratios) < 1.15


def test_even_moments_are_equally_far_apart():
    assert spread(1000, 5, even=True) == [0, 250, 500, 750, 1000]
    assert spread(3, 24, even=True) == [0, 1, 2, 3]  # there are no more
    journal = Journal(lambda model: {}, 5, even=True)
    journal.open(1000)
    assert [at for at in range(1001) if journal.due(at)] == [0, 250, 500, 750, 1000]


def test_curves_are_means_over_stretches():
    book = filled(1000)
    kept = book.tensors()
    assert kept["curves.step"].tolist() == list(range(5, 1001, 5))
    assert torch.equal(kept["curves.D"], torch.arange(2.0, 1000, 5))  # the mean of five numbers
    assert torch.equal(kept["curves.G"], -2 * kept["curves.D"])
    assert kept["moments.step"].tolist() == spread(1000)
    assert kept["moments.weight"].flatten().tolist() == spread(1000)
    assert kept["moments.weight"].dtype == torch.float32


def test_stopped_in_a_stretch_and_resumed_equals_uninterrupted():
    whole = filled(1000).tensors()
    half = filled(1000, stop=503)
    again = journal()
    again.restore(half.tensors())
    rest = filled(1000, start=again, at=503).tensors()
    assert whole.keys() == rest.keys()
    assert all(torch.equal(whole[k], rest[k]) for k in whole)


def test_a_second_run_counts_on():
    book = filled(100)
    book.open(50, before=100)
    book.note(0, {"D": 1.0, "G": 1.0})
    assert book.tensors()["curves.step"].tolist() == [*range(1, 101), 101]
    assert not book.due(0) and book.due(50)


def test_a_part_that_comes_seldom_keeps_its_last_value():
    book = journal()
    book.open(5)
    for step in range(5):
        book.note(step, {"D": 1.0} | ({"G": float(step)} if step in (1, 3) else {}))
    kept = book.tensors()
    assert kept["curves.G"][1:].tolist() == [1, 1, 3, 3] and kept["curves.G"][0].isnan()
    assert len(kept["curves.D"]) == len(kept["curves.step"]) == 5


def test_the_file_holds_it(tmp_path):
    book = filled(40)
    book.write(tmp_path / "a.safetensors", sha256="abc")
    kept = read_journal(tmp_path / "a.safetensors")
    assert kept.keys() == book.tensors().keys()
    assert all(torch.equal(kept[k], v) for k, v in book.tensors().items())


def test_bad_numbers_are_refused():
    with pytest.raises(InputError):
        spread(0)
    with pytest.raises(InputError):
        spread(10, 1)


def test_a_journal_of_ten_moments_keeps_no_more():
    book = filled(1000, start=Journal(lambda model: {"weight": model.weight.detach()}, most=10))  # pyright: ignore
    kept = book.tensors()
    assert kept["moments.step"].tolist() == spread(1000, 10) and len(kept["moments.step"]) == 10
