"""One declaration of an input gives its control, its reader, its refusal and its preset."""

import json
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

import pytest

from apps import TABS
from apps.stage import declare
from apps.stage.declare import controls, declarations, former_names, parse, preset
from core.inputs import InputError

CHECKED_LATER = {  # typed into matrices: core.inputs.array refuses true in them
    *("W", "U", "V", "b", "c", "weight_ih", "weight_hh", "bias_ih", "bias_hh", "xs", "h0"),
    *("targets", "patterns", "probe", "w1", "w2", "u", "v1", "v2", "x", "wq", "wk", "wv"),
}


@dataclass(frozen=True)
class Inputs:
    kind: str = declare.choice("a", ("a", "b"), resets=("drawn",), was="sort")
    size: int = declare.choice(8, (4, 8), brings={8: {"rate": 0.5}}, list=True)
    rate: float = declare.slider(0.5, 0.1, 0.9, 0.1, unit="%")
    count: int = declare.slider(3, 1, 9)
    most: float = declare.typed(1.0, 0.5, 2.0)
    seed: int = declare.seed()
    on: bool = declare.switch(False)
    name: str = declare.text("x", 3)
    clear: bool = declare.action(brings={True: {"drawn": None}})
    drawn: Any = declare.given()
    points: int = declare.numeric(0, 0, 100)


def test_what_does_not_come_has_its_default():
    assert parse(Inputs, {}) == Inputs()
    assert parse(Inputs, {"rate": 0.2, "size": 4.0}) == replace(Inputs(), rate=0.2, size=4)


@pytest.mark.parametrize(
    ("name", "wrong", "rule"),
    [
        ("kind", "c", "choice"),
        ("kind", 1, "choice"),
        ("size", 5, "choice"),
        ("size", True, "choice"),
        ("size", "8", "choice"),
        ("rate", 0.95, "number"),
        ("rate", float("nan"), "number"),
        ("count", 2.5, "integer"),
        ("count", 10**400, "integer"),
        ("most", 0.4, "number"),
        ("seed", 2**31, "integer"),
        ("on", 1, "choice"),
        ("name", "long", "long"),
        ("name", 7, "text"),
        ("clear", "yes", "choice"),
        ("points", -1, "integer"),
        ("nonsense", 1, "unknown"),
    ],
)
def test_a_wrong_value_is_refused_by_its_name(name, wrong, rule):
    with pytest.raises(InputError) as refused:
        parse(Inputs, {name: wrong})
    assert (refused.value.rule, refused.value.parts["field"]) == (rule, name)


def test_a_whole_slider_reads_whole_numbers_and_another_any():
    found = parse(Inputs, {"count": 4.0, "rate": 0.33})
    assert found.count == 4 and isinstance(found.count, int) and found.rate == 0.33


def test_the_controls_are_plain_json_with_the_same_bounds():
    found = json.loads(json.dumps(controls(Inputs)))
    assert set(found) == set(Inputs.__dataclass_fields__) - {"drawn", "points"}
    assert found["rate"] == {"kind": "range", "min": 0.1, "max": 0.9, "step": 0.1, "unit": "%"}
    assert found["most"] == {"kind": "number", "min": 0.5, "max": 2.0}
    assert found["size"]["labels"] == ["4", "8"] and found["size"]["list"]
    # keys as JavaScript names the property of such a value
    assert found["size"]["brings"] == {"8": {"rate": 0.5}}
    assert found["clear"]["brings"] == {"true": {"drawn": None}}
    assert declare.choice(1.0, (1.0, 2.0), brings={1.0: {}}).metadata["input"].control[  # type: ignore[attr-defined]
        "brings"
    ] == {"1": {}}


def test_a_preset_is_the_scene_s_own_values_and_the_defaults_that_its_controls_show():
    scene = {"controls": ["rate", "clear"], "further": ["on"], "inputs": {"points": 5}}
    assert preset(Inputs, scene) == {"rate": 0.5, "on": False, "points": 5}


def test_a_former_name_leads_to_the_name_of_now():
    assert former_names(Inputs) == {"sort": "kind"}
    assert "was" not in controls(Inputs)["kind"]


@pytest.mark.parametrize("tab", TABS)
def test_true_is_no_number(tab):
    """True == 1 in Python: what takes one for the other is refused or not by what is remembered."""
    known = declarations(import_module(f"apps.{tab}").TAB.inputs)
    loose = []
    for name, one in known.items():
        if one.control and one.control["kind"] in ("check", "action"):
            continue
        try:
            one.read(name, True)
        except InputError:
            continue
        assert one.control is None, name
        loose.append(name)
    assert set(loose) <= CHECKED_LATER
