"""Every scene has a claim test, and every number in its sentences is held or named by one."""

from importlib import import_module

import pytest

from apps import TABS
from apps.stage.server import words
from tests.lessons.claims import Said, claims, names, numbers

SCENES = [(tab, n) for tab in TABS for n in range(1, len(words.scenes(tab)) + 1)]


@pytest.mark.parametrize(("tab", "scene"), SCENES)
def test_a_scene_has_a_claim_test_that_names_its_numbers(tab, scene):
    module = import_module(f"tests.lessons.{tab}.test_claims")
    tests = [test for at, test in claims(module) if at == scene]
    assert tests, f"no claim test of {tab} {scene}"
    unnamed = Said(tab, scene).numbers() - set().union(*(names(test) for test in tests))
    assert not unnamed, f"no claim test of {tab} {scene} names {sorted(unnamed)}"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("h₀ = 0이면 x1", ["0"]),
        ("1,360단계에 −0.25, 85 %", ["1,360", "-0.25", "85"]),
        ("2.5e-7, 28×28, 0–9, U[0, 1).", ["2.5e-7", "28", "28", "0", "9", "0", "1"]),
    ],
)
def test_the_numbers_of_a_text(text, found):
    assert numbers(text) == found


def test_a_number_that_does_not_hold_is_found():
    said = Said("rnn", 1)
    said("0", 0.3)
    for wrong in (lambda: said("0", 0.6), lambda: said("7", 7), lambda: said.named("7")):
        with pytest.raises(AssertionError):
            wrong()
