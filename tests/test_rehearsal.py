"""The run-through: what it is told, what it thinks of what it saw, and the paper it leaves."""

import html.parser
import json
import os
import re
import signal
import sys
from contextlib import nullcontext
from dataclasses import replace
from datetime import date

import pytest

from apps import TABS
from apps.__main__ import main, parse
from apps.rehearsal import direct, report, run
from apps.rehearsal.handout import faces, handout, rich
from apps.rehearsal.record import Seen
from apps.stage.server import words

PIXEL = ("data:image/png;base64,iVBORw0KGgo=", 4, 3)


@pytest.mark.parametrize(
    ("arguments", "tabs"),
    [
        (["--rehearse"], list(TABS)),
        (["--rehearse", "all"], list(TABS)),
        (["--rehearse", "vae,rnn, vae"], ["vae", "rnn"]),
        (["gan", "--rehearse"], ["gan"]),
    ],
)
def test_a_list_of_tabs_is_understood(arguments, tabs, tmp_path):
    assert parse([*arguments, "--out", str(tmp_path)]).tabs == tabs


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["rnn,nope"], "'nope'"),
        (["rnn", "--slow-ms", "0"], "--slow-ms"),
        (["rnn", "--slow-ms", "nan"], "--slow-ms"),
        (["rnn", "--url", "ftp://x"], "ftp://x"),
        (["rnn", "--url", "http://127.0.0.1:9"], "127.0.0.1:9"),
        (["rnn", "--out", "/proc/nothing/here"], "--out"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(arguments, named, capsys, tmp_path):
    out = [] if "--out" in arguments else ["--out", str(tmp_path)]
    with pytest.raises(SystemExit) as left:
        main(["--rehearse", *arguments, *out])
    said = capsys.readouterr().err
    assert left.value.code == 2 and said.count("\n") == 1 and named in said


def test_a_scene_is_slow_by_what_the_audience_waits_and_broken_by_any_fault():
    assert Seen("rnn", 2, first=9000, again=999).verdict(1000) == "good"
    assert Seen("rnn", 2, first=10, again=1001).verdict(1000) == "slow"
    assert Seen("rnn", 1, again=2999).verdict(1000) == "good"  # it brings the page
    seen = Seen("rnn", 2, again=1)
    seen.blame([("red", "a"), ("red", "a")])
    assert seen.verdict(1000) == "broken" and seen.faults == [("red", "a")]


def test_columns_stand_under_each_other_in_both_languages():
    for lang in words.LANGUAGES:
        ends = {
            re.search(r" ms  ", line) and report.width(line[: line.rindex(" ms  ")])
            for line in (report.line(Seen("rnn", n, 5, 70), lang, 100) for n in range(1, 9))
        }
        assert len(ends) == 1


class Reader(html.parser.HTMLParser):
    """Collects a page's text, links and tags in order."""

    def __init__(self, page):
        super().__init__()
        self.text, self.tags, self.links = "", [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [v for k, v in attrs if k in ("href", "src")]

    def handle_data(self, data):
        self.text += data


def plain(text):
    return Reader(rich(text)).text


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_the_handout_holds_every_scene_and_answers_after_all_questions(lang):
    scenes = [Seen(t, n) for t in TABS for n in range(1, len(words.scenes(t)) + 1)]
    read = Reader(handout(scenes, lang, "http://127.0.0.1:7860", date(2026, 11, 27)))
    assert read.tags.count("article") == len(scenes)
    cut = max(read.text.rindex(plain(s.words(lang)["claim"])) for s in scenes)
    for seen in scenes:
        text = seen.words(lang)
        assert 0 <= read.text.index(plain(text["ask"])) < read.text.rindex(plain(text["ask"]))
        assert read.text.index(plain(text["answer"])) > cut
        assert f"http://127.0.0.1:7860/{seen.tab}?scene={seen.number}&lang={lang}" in read.links


def test_nothing_in_the_handout_becomes_markup_or_asks_the_outside():
    evil = "<script>alert(1)</script>"
    seen = Seen("rnn", 1, facts=[("fact", evil)], pictures=[PIXEL])
    page = handout([seen], "en", "http://127.0.0.1:7860", date(2026, 11, 27))
    assert "script" not in Reader(page).tags and evil in Reader(page).text
    assert set(re.findall(r"url\((.{10})", page)) == {"data:font/"}
    assert all(
        link.startswith(("#", "data:image/", "http://127.0.0.1:7860/"))
        for link in Reader(page).links
    )


def test_only_the_letters_that_occur_bring_their_fonts():
    assert (
        0
        < len(faces("한"))
        < len(faces("한 걸음씩 생성 모델"))
        < len(faces("가나다라마바사" * 9)) * 9
    )
    assert rich("h_t = <b>") == "h<sub>t</sub>\u00a0=\u00a0&lt;b&gt;"


def test_without_a_browser_boards_are_checked_and_drawn(monkeypatch, tmp_path, capsys):
    monkeypatch.setitem(sys.modules, "playwright.sync_api", None)
    assert main(["--rehearse", "hopfield", "--lang", "ko", "--out", str(tmp_path)]) == 0
    said = capsys.readouterr()
    assert "playwright" in said.err and len(said.err.strip().splitlines()) == 1
    scenes = json.loads((tmp_path / "rehearsal.json").read_text())["scenes"]
    assert len(scenes) == len(words.scenes("hopfield"))
    assert all(scene["again"] > 0 and scene["first"] > 0 for scene in scenes)  # milliseconds
    page = (tmp_path / "handout-ko.html").read_text()
    assert page.count("data:image/svg+xml;base64,") == len(scenes)
    assert not (tmp_path / "handout-ko.pdf").exists()


def test_a_check_that_does_not_hold_or_a_refused_board_breaks_the_rehearsal(monkeypatch, capsys):
    from apps import rnn
    from apps.stage.server.boards import answers
    from core.inputs import InputError

    step, slide = (rnn.TAB.views[name] for name in ("step", "slide"))

    def wrong(inputs):
        return {**step.board(inputs), "checks": [{"delta": 0.5, "against": "torch", "ok": False}]}

    def refused(inputs):
        raise InputError("list", field="W", got="str", allowed="2")

    spoilt = {"step": replace(step, board=wrong), "slide": replace(slide, board=refused)}
    tab = replace(rnn.TAB, views={**rnn.TAB.views, **spoilt})
    monkeypatch.setattr(direct.boards, "answers", lambda _: answers(tab))
    first, second = list(direct.scenes("rnn", "en"))[:2]
    assert first.faults[0][0] == "red" and "5.0e−01" in first.faults[0][1]
    assert second.faults == [("refused", "W is str; it must be a list of 2.")]
    assert "✗ /rnn" in report.line(first, "en", 1000)


@pytest.mark.parametrize("breaks", [False, True])
def test_a_rehearsal_that_is_stopped_keeps_what_it_saw(breaks, monkeypatch, capsys, tmp_path):
    """Ctrl-C ends it after the scene; also where the browser went away with that Ctrl-C."""

    def scenes(*_):
        yield Seen("rnn", 1, first=3, pictures=[PIXEL])
        os.kill(os.getpid(), signal.SIGINT)
        if breaks:
            raise RuntimeError("the browser is gone")
        yield Seen("rnn", 2, first=3, pictures=[PIXEL])
        yield Seen("rnn", 3, first=3, pictures=[PIXEL])

    before = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr(run.browser, "chromium", lambda: nullcontext(None))
    monkeypatch.setattr(run.browser, "paper", lambda chromium, html: b"%PDF-")
    monkeypatch.setattr(run, "hub", lambda url: nullcontext("http://hub"))
    monkeypatch.setattr(run, "visit_tab", scenes)
    try:
        assert main(["--rehearse", "rnn", "--out", str(tmp_path)]) == 130
    finally:
        signal.signal(signal.SIGINT, before)
    kept = json.loads((tmp_path / "rehearsal.json").read_text("utf-8"))["scenes"]
    assert len(kept) == (1 if breaks else 2)
    assert (tmp_path / "handout-ko.html").read_text("utf-8").count("<article") == len(kept)
