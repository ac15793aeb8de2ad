"""The run-through in a real browser: what it leaves, and that it sees what is broken."""

import json
import re
import subprocess
import sys

import pytest

from apps.rehearsal.browser import Visit
from apps.stage.server import words
from tests.conftest import ROOT

pytestmark = pytest.mark.browser
CUT = """() => [...document.querySelectorAll('.scene, .leaf, .pictures, .pictures img')].filter(
  (one) => one.scrollHeight > one.clientHeight + 1 || one.scrollWidth > one.clientWidth + 1
    || one.clientHeight < 20).map((one) => one.id || one.className)"""


def test_a_tab_is_rehearsed_and_leaves_paper(browser, hub, tmp_path):
    command = [sys.executable, "-m", "apps", "--rehearse", "rnn", "--lang", "en", "--url", hub]
    out = subprocess.run(
        [*command, "--out", str(tmp_path), "--slow-ms", "60000"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert out.returncode == 0, out.stdout + out.stderr
    scenes = json.loads((tmp_path / "rehearsal.json").read_text())["scenes"]
    count = len(words.scenes("rnn"))
    assert len(scenes) == count == len(re.findall(r"^✓ /rnn ", out.stdout, re.MULTILINE))
    assert all(scene["first"] > 0 and scene["again"] > 0 for scene in scenes)
    assert all(("ok" in dict(scene["facts"])) and scene["faults"] == [] for scene in scenes)
    page = (tmp_path / "handout-en.html").read_text()
    assert page.count("<article") == count and page.count("<figure>") >= count
    paper = browser.new_page()
    paper.set_content(page)
    assert paper.evaluate(CUT) == []
    assert paper.evaluate("[...document.images].every((one) => one.naturalWidth > 0)")
    paper.close()
    pdf = (tmp_path / "handout-en.pdf").read_bytes()
    assert pdf.startswith(b"%PDF-")
    leaves = len(re.findall(rb"/Type\s*/Page\b", pdf))
    assert 1 + count / 2 + 1 <= leaves <= 1 + count / 2 + 2  # cover, two scenes a leaf, answers


def test_a_red_check_an_error_and_a_refused_board_are_seen(browser, hub):
    visit = Visit(browser, hub, "en")

    def spoil(route):
        reply = route.fetch()
        text = reply.text()
        if '"view":"slide"' in (route.request.post_data or ""):
            text = re.sub(
                r'\{\\"ok\\":.*\}"', r'{\\"error\\":{\\"rule\\":\\"fault\\",\\"parts\\":{}}}"', text
            )
        route.fulfill(response=reply, body=re.sub(r'(\\"ok\\":)true', r"\1false", text))

    visit.page.route(re.compile("component_server"), spoil)
    try:
        passing = visit.scenes("rnn")
        assert next(passing)[1]
        visit.page.evaluate("console.error('spoilt')")
        visit.page.evaluate("fetch('/stage/nothing.js').then(() => 0)")
        faults = dict(visit.look())
        assert {"red", "console", "failed"} <= faults.keys()
        assert faults["red"].startswith("✗")
        assert next(passing)[1]
        assert dict(visit.look())["refused"] == words.words("en", "errors")["fault"]
        assert next(passing)[1]
        assert {kind for kind, _ in visit.look()} == {"red"}  # what was told is told once
    finally:
        visit.close()
