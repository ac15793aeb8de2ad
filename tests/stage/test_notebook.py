"""A scene as a notebook: every one of them is executed, one of each kind by a kernel of its own."""

import base64
import json
from typing import Any

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

from apps import TABS, lessons
from apps.notebook import framed
from apps.stage.server.boards import answers, scenes
from apps.stage.server.words import LANGUAGES, words
from core.inputs import InputError
from tests.tab_case import TabCase


def notebook(tab, n, lang="en", **more):
    """Return scene n's notebook, from 0, as the page takes it away."""
    scene = scenes(TabCase(tab).tab)[n]
    start = scene.get("start", 0)
    count = len(TabCase(tab).asked(scene)["frames"])
    ask = {
        **{"view": scene["view"], "inputs": scene["inputs"], "kind": "ipynb", "lang": lang},
        **{"scene": n, "step": start % count},
    }
    reply = json.loads(answers(TabCase(tab).tab)[2]({**ask, **more}))
    assert "ok" in reply, reply
    assert reply["ok"]["name"].endswith(".ipynb")
    return nbformat.reads(base64.b64decode(reply["ok"]["data"]).decode(), as_version=4)


def run(book):
    """Run a notebook's cells one after the other and return their variables."""
    names = {}
    for cell in book.cells:
        if cell.cell_type == "code":
            exec(compile(cell.source, "cell", "exec"), names)
    return names


@pytest.mark.parametrize("tab", TABS)
def test_every_scene_s_notebook_runs_and_comes_to_the_page_s_numbers(tab, capsys):
    for n, scene in enumerate(scenes(TabCase(tab).tab)):
        lang = LANGUAGES[n % 2]
        book = notebook(tab, n, lang)
        nbformat.validate(book)
        said = words(lang, tab)["scene"][n]
        text = "".join(cell.source for cell in book.cells)
        assert all(said[part] in text for part in ("claim", "say", "ask", "answer"))
        found = run(book)["found"]
        assert found.view == scene["view"] and found.board["frames"]
        assert not [one for one in found.checks if one.startswith("✗")]
        assert "def " in capsys.readouterr().out or not TabCase(tab).tab.functions(
            scene["view"], scene["inputs"]
        )


def test_changed_inputs_are_in_the_notebook():
    case = TabCase("rnn")
    scene = case.scenes[0]
    inputs = {**scene["inputs"], "W": [[0.5, 0], [0, -0.25]], "rounded": True}
    found = run(notebook("rnn", 0, inputs=inputs, step=0))["found"]
    assert found.inputs["W"] == [[0.5, 0], [0, -0.25]]
    board = case.asked(scene, **{k: inputs[k] for k in ("W", "rounded")})
    assert found.board["frames"] == board["frames"]


def test_a_run_is_done_again():
    """Also where the server handed over in the middle of a frame: the step is what counts."""
    told = {"from": 1, "acts": [["both", 2, {}, 77], ["show", 1, {"loss": "wasserstein"}, 77],
                                ["d", 1, {"speed": 5}, 82]]}  # fmt: skip
    n = next(i for i, one in enumerate(TabCase("gan").scenes) if one.get("live"))
    inputs = {**TabCase("gan").scenes[n]["inputs"], "opening": [0, 50, 60]}
    names = run(notebook("gan", n, inputs=inputs, told=told, step=0))
    frames = names["found"].board["frames"]
    steps = [frame["values"]["x"] for frame in frames]
    assert steps[:2] == [0, 50] and steps[-1] == 82 and 77 in steps
    again = lessons.compute("gan", n + 1, told={**told, "acts": [["both", 1, {}, 82]]})
    last, other = frames[-1]["values"], again.board["frames"][-1]["values"]
    assert last != other  # what was changed tells


@pytest.mark.parametrize(
    ("ask", "field"),
    [({"told": 3}, "told"), ({"scene": 99}, "scene"), ({"scene": None}, "scene")],
)
def test_what_is_asked_for_wrongly_is_refused(ask, field):
    case = TabCase("rnn")
    scene = case.scenes[0]
    whole = {"view": scene["view"], "inputs": scene["inputs"], "kind": "ipynb", **ask}
    reply = json.loads(answers(case.tab)[2](whole))
    assert reply["error"]["parts"]["field"] == field


@pytest.mark.parametrize(
    ("tab", "options"),
    [("none", {}), ("rnn", {"scene": 0}), ("rnn", {"scene": 99}), ("rnn", {"lang": "fr"}),
     ("rnn", {"width": 3})],
)  # fmt: skip
def test_compute_refuses_in_a_sentence(tab, options):
    with pytest.raises(InputError):
        lessons.compute(tab, **options)


def test_a_figure_is_drawn_and_numbers_are_the_tables_of_the_csv():
    found = lessons.compute("rnn", 1)
    assert found.figure(-1)._repr_svg_().startswith("<?xml")
    tables = TabCase("rnn").tables(TabCase("rnn").scenes[0])
    assert list(found.tables)[0] == list(tables)[0]
    np.testing.assert_array_equal(
        np.array(found.tables["h"], float), np.array(tables["h"], float).reshape(-1, 2)
    )


def test_a_kernel_runs_a_notebook_from_its_file():
    book = notebook("hopfield", 0, "ko")
    NotebookClient(book, timeout=300, kernel_name="python3").execute()
    outputs = [out for cell in book.cells for out in cell.get("outputs", [])]
    assert not [out for out in outputs if out.output_type == "error"]
    assert any("image/svg+xml" in out.get("data", {}) for out in outputs)
    assert any("✓" in str(out.get("data", {}).get("text/plain")) for out in outputs)


def test_show_starts_a_hub_once_and_frames_its_scene():
    import urllib.request

    first = lessons.show("rnn", scene=3)
    second = lessons.show("gan", lang="en", height=400, controls=True)
    assert first.address.rsplit("/", 1)[0] == second.address.rsplit("/", 1)[0]
    assert first.address.endswith("/rnn?scene=3&lang=ko&embed=1")
    assert second.address.endswith("/gan?scene=1&lang=en")
    assert 'height="400"' in second._repr_html_() and "&amp;lang=en" in second._repr_html_()
    with urllib.request.urlopen(first.address, timeout=60) as answer:
        policy = answer.headers["Content-Security-Policy"]
        assert answer.status == 200 and "http://localhost:*" in policy
    assert lessons.show("rnn", hub="https://x.org/").address.startswith("https://x.org/rnn?")
    wrong: list[dict[str, Any]] = [
        {"tab": "none"},
        {"tab": "rnn", "scene": 0},
        {"tab": "rnn", "height": 1},
    ]
    for refused in wrong:
        with pytest.raises(InputError):
            lessons.show(**refused)
    assert len(framed._started) == 1
