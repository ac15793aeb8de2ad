"""Bad inputs, row by row and at random: each ends in finite JSON or in one sentence that names the
field, what came and what is allowed.
"""

import inspect
import json
import warnings

import pytest
import torch
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from apps.hub import tabs_of
from apps.stage.server import words
from apps.stage.server.takeaway import bare
from core.inputs import InputError, array, integer, number
from tests.stage.bad_inputs import BAD

ENDPOINTS = {f"/{f.__name__}": f for tab in tabs_of() for f in tab.endpoints}
ASKED = [name for name, f in ENDPOINTS.items() if inspect.signature(f).parameters]
PARAMETERS = [(name, p) for name, f in ENDPOINTS.items() for p in inspect.signature(f).parameters]
IDS = [f"{row[0][1:]}: {row[1]}" for row in BAD]
# A refusal's parts that say what is allowed; the others name the field and what came.
ALLOWED = ("allowed", "low", "high")


def refusal(name, arguments):
    """Return the sentence's parts and itself in both languages."""
    with pytest.raises(InputError) as caught:
        ENDPOINTS[name](*arguments)
    error = caught.value
    return error, [words.sentence(lang, error.rule, error.parts) for lang in words.LANGUAGES]


def parameter(error):
    """Return which of a function's parameters a refusal is about."""
    return error.parts["field"].split(".")[0].split("[")[0]


@pytest.mark.parametrize(("name", "what", "arguments", "field"), BAD, ids=IDS)
def test_each_row_names_field_what_came_and_what_is_allowed(name, what, arguments, field):
    error, said = refusal(name, arguments)
    assert parameter(error) in inspect.signature(ENDPOINTS[name]).parameters
    came = dict(zip(inspect.signature(ENDPOINTS[name]).parameters, arguments))[parameter(error)]
    for sentence in (str(error), *said):
        assert field in sentence and "{" not in sentence.replace("{…}", "")
        assert sentence.endswith(".") and sentence.isprintable()
        sentence.encode()  # half a character would break the answer
        allowed = [v for k, v in error.parts.items() if k in ALLOWED]
        assert allowed or error.rule in ("spin", "binary", "ragged", "text")
        assert all(value in sentence for value in allowed)
        if isinstance(came, int) and not isinstance(came, bool):
            assert str(came)[:57] in sentence
        if isinstance(came, str) and error.rule == "choice" and came.isprintable():
            assert f'"{came[:50]}' in sentence
    assert all("..." not in error.parts.get(k, "") for k in ALLOWED)


def test_the_table_covers_every_parameter_of_every_endpoint():
    assert len(BAD) >= 200
    covered = {(name, parameter(refusal(name, row)[0])) for name, _, row, _ in BAD}
    assert set(PARAMETERS) == covered
    assert len({(row[0], row[1]) for row in BAD}) == len(BAD)


# ---- at random

WORDS = [
    "rnn",
    "lstm",
    "hebb",
    "vae-mnist",
    "linear",
    "none",
    "causal",
    "__proto__",
    "\ud800",
    "a\nb",
]
NUMBERS = st.one_of(
    st.integers(-3, 40),
    st.floats(),
    st.sampled_from([10**400, -(10**400), 2**31, 2**53, 2**64, 1e300, 1e-320, -0.0]),
)
LEAVES = st.one_of(st.none(), st.booleans(), NUMBERS, st.sampled_from(WORDS), st.text(max_size=9))
KEYS = st.one_of(st.sampled_from(["kind", "points", "h", "c", "W", "U", "V"]), st.text(max_size=5))
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=5), st.dictionaries(KEYS, inner, max_size=3), st.lists(NUMBERS)
    ),
    max_leaves=12,
)


def usual(name):
    """Return arguments of which one at most is wrong: a row of the table, for its others."""
    rows = [row for row in BAD if row[0] == name]
    assert rows, f"tests/stage/bad_inputs.py has no row for {name}"
    return [list(row[2]) for row in (rows[0], rows[len(rows) // 2], rows[-1])]


def answered(name, arguments):
    """Call an endpoint's function; any warning, other exception or number that is none fails."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            json.dumps(bare(ENDPOINTS[name](*arguments)), allow_nan=False)
        except InputError as error:
            assert str(error).isprintable() and str(error).encode()
            assert parameter(error) in inspect.signature(ENDPOINTS[name]).parameters


def some(count):
    return settings(
        max_examples=count,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


def one_wrong(data, name):
    arguments = data.draw(st.sampled_from(usual(name)))
    parameters = list(inspect.signature(ENDPOINTS[name]).parameters.values())
    full = [*arguments, *(p.default for p in parameters[len(arguments) :])]
    full[data.draw(st.integers(0, len(full) - 1))] = data.draw(ANYTHING)
    answered(name, full)


def all_wrong(data, name):
    count = len(inspect.signature(ENDPOINTS[name]).parameters)
    answered(name, data.draw(st.lists(ANYTHING, min_size=count, max_size=count)))


@pytest.mark.parametrize("name", ASKED)
@pytest.mark.parametrize("way", [one_wrong, all_wrong])
def test_whatever_comes_is_computed_or_refused(name, way):
    torch.set_num_threads(1)
    some(25)(given(st.data())(lambda data: way(data, name)))()


@pytest.mark.slow
@pytest.mark.parametrize("name", ASKED)
@pytest.mark.parametrize("way", [one_wrong, all_wrong])
def test_whatever_comes_is_computed_or_refused_often(name, way):
    some(1000)(given(st.data())(lambda data: way(data, name)))()


@given(ANYTHING)
@example(10**400)
@example(float("nan"))
@some(200)
def test_a_number_that_is_accepted_is_within_its_bounds(value):
    for check in (integer, number):
        try:
            assert -7 <= check("n", value, -7, 7) <= 7
        except InputError as error:
            assert error.parts["low"] == "-7" and error.parts["field"] == "n"
    try:
        assert abs(array("x", value, ((1, 5), 2), 7)).max() <= 7
    except InputError as error:
        assert error.parts["field"].startswith("x")


@pytest.mark.parametrize("depth", [50, 3000])
@pytest.mark.parametrize(("name", "parameter"), PARAMETERS, ids=lambda v: v.strip("/"))
def test_what_is_nested_deep_is_not_walked(name, parameter, depth):
    deep = []
    for _ in range(depth):
        deep = [deep]
    parameters = inspect.signature(ENDPOINTS[name]).parameters
    for row in usual(name):
        full = [*row, *(p.default for p in list(parameters.values())[len(row) :])]
        full[list(parameters).index(parameter)] = deep
        answered(name, full)
