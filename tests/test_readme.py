"""What README and HOSTING say is so, in both languages: figures, counts, files, commands."""

from __future__ import annotations

import json
import re

import pytest

from apps import TABS, hub
from apps.stage.server import words
from core.weights.card import cards
from tests.bench import figures
from tests.conftest import ROOT

DOCUMENTS = [(lang, name) for lang, names in figures.LANGUAGES.items() for name in names]


def text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


@pytest.mark.parametrize(("lang", "name"), DOCUMENTS)
def test_measured_figures_are_those_of_the_data_file(lang, name):
    said = text(name)
    assert "<!-- figures " in said
    again = figures.fill(said, lang, figures.read())
    assert again == said, "run python -m tests.bench.figures --tables"


def test_each_figure_has_its_command_its_day_and_its_machine():
    found = figures.read()
    assert found.keys() == figures.COMMANDS.keys()
    for name, one in found.items():
        assert one["command"] == figures.command(name)
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", one["date"]) and one["machine"] and one["values"]


@pytest.mark.parametrize("name", ["README.md", "README.ko.md"])
def test_counts_are_those_of_the_code(name):
    said = text(name)
    scenes = {tab: len(words.scenes(tab)) for tab in TABS}
    rows = dict(re.findall(r"^\| `/(\w+)` \|.*\| (\d+) \|$", said, re.MULTILINE))
    assert rows == {tab: str(count) for tab, count in scenes.items()}
    endpoints = [f.__name__ for tab in hub.tabs_of() for f in tab.endpoints]
    assert set(re.findall(r"`(\w+)\([\w, ]*\)`", said)) >= set(endpoints)
    for count in (sum(scenes.values()), len(endpoints), len(cards())):
        assert re.search(rf"(?<!\d){count}(?!\d)", said), count


@pytest.mark.parametrize("name", ["README.md", "README.ko.md"])
def test_the_house_that_is_drawn_is_the_one_that_stands(name):
    (tree,) = re.findall(r"^    app\.py .*?(?=\n\n)", text(name), re.DOTALL | re.MULTILINE)
    above = ""
    for line in tree.splitlines():
        found = re.fullmatch(r"    ( *)(\S+(?: \S+)*) {2,}\S.*", line)
        assert found, line
        for name in found[2].split():
            path = (f"{above}/{name}" if found[1] else name).rstrip("/")
            path = path.replace("<tab>", TABS[0]).replace("<family>", TABS[0])
            assert (ROOT / path).exists(), path
        above = above if found[1] else found[2].split()[0].rstrip("/")


def test_both_languages_give_the_same_commands():
    one, two = (
        [re.split(r"\s{2,}|#", line)[0] for line in re.findall(r"^    (\S.*)$", text(name), re.M)]
        for name in ("README.md", "README.ko.md")
    )
    assert one == two


def test_pip_and_make_install_the_same():
    said, make = text("README.md"), text("Makefile")
    for line in re.findall(r"-m pip install (-r .*)$", said, re.MULTILINE):
        assert line in make
    assert '-m pytest -n 2 -m "not slow"' in said and '-m pytest -n 2 -m "not slow"' in make
    assert json.loads(text("tests/bench/figures.json"))
