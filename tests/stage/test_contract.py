"""The contract says the same in Python and in the browser half, and the type checker holds it."""

import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import get_args

import pytest

from apps.stage import contract, widgets
from tests.conftest import ROOT

WEB = ROOT / "apps/stage/web"
BLOCK = re.compile(r"^export interface (\w+)(?: extends ([\w, ]+))? \{\n(.*?)^\}", re.M | re.S)
KEY = re.compile(r"^  (\w+)(\??):", re.M)
SERVER_ONLY = {"Board": {"tables"}}  # they stay until they are taken
PAGE_ONLY = {"Board": {"wait"}}  # in place of a board: others are computed for first
PARTS = (
    "Board",
    "Frame",
    "Fact",
    "Check",
    "Law",
    "Turn",
    "Blank",
    "Control",
    "More",
    "Live",
    "Scene",
)


def interfaces(name):
    """Return {interface: {key: whether it may be missing}} of a .d.ts file, bases included."""
    found = {m[1]: (m[2], m[3]) for m in BLOCK.finditer((WEB / name).read_text("utf-8"))}

    def keys(one):
        bases, body = found[one]
        inherited = [keys(base.strip()) for base in (bases or "").split(",") if base in found]
        return {k: v for part in inherited for k, v in part.items()} | {
            key: bool(optional) for key, optional in KEY.findall(body)
        }

    return {one: keys(one) for one in found}


def said(annotation):
    """Return an annotation as it is written."""
    return getattr(annotation, "__forward_arg__", str(annotation))


def typed_dict(kind):
    """Return {key: whether it may be missing} of a TypedDict."""
    return {
        key: said(hint).startswith("NotRequired") or not kind.__total__
        for key, hint in kind.__annotations__.items()
    }


@pytest.mark.parametrize("name", PARTS)
def test_a_part_of_the_contract_has_the_same_keys_in_the_browser_half(name):
    ours, theirs = typed_dict(getattr(contract, name)), interfaces("contract.d.ts")[name]
    assert set(ours) - SERVER_ONLY.get(name, set()) == set(theirs) - PAGE_ONLY.get(name, set())
    for key in set(ours) & set(theirs):
        assert ours[key] == theirs[key], f"{name}.{key} is optional on one side alone"


def widget_kinds():
    """Return every widget's TypedDict by its `w`."""
    kinds = get_args(widgets.Widget)
    return {re.findall(r"[\"'](\w+)", said(kind.__annotations__["w"]))[0]: kind for kind in kinds}


def test_a_limit_changes_what_a_control_has():
    assert set(typed_dict(contract.Limit)) <= set(typed_dict(contract.Control))


@pytest.mark.parametrize("w", sorted(widget_kinds()))
def test_a_widget_has_the_same_keys_in_the_browser_half(w):
    text = (WEB / "widgets.d.ts").read_text("utf-8")
    name = next(m[1] for m in BLOCK.finditer(text) if f'w: "{w}"' in m[3])
    shared = {"dim"}  # what any widget may have beside its own
    ours, theirs = typed_dict(widget_kinds()[w]), interfaces("widgets.d.ts")[name]
    assert set(ours) - shared == set(theirs) - shared
    for key in set(ours) & set(theirs):
        assert ours[key] == theirs[key], f"{w}.{key} is optional on one side alone"


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def test_every_key_of_the_contract_says_what_it_means():
    folder = ROOT / "apps/stage"
    paths = [folder / "contract.py", *sorted((folder / "widgets").glob("*.py"))]
    lines = [line for path in paths for line in path.read_text("utf-8").split("\n")]
    kinds = [
        kind
        for path in paths
        for kind in vars(import_module(dotted(path))).values()
        if isinstance(kind, type) and hasattr(kind, "__required_keys__")
    ]
    assert len(kinds) > 30
    for kind in kinds:
        for key in kind.__annotations__:
            about = [line for line in lines if re.match(rf'\s+"?{key}"?: .*#', line)]
            assert about or key in ("w", "layer"), f"{kind.__name__}.{key} says nothing"


MISSPELT = """
from apps.stage import board as b
from apps.stage.contract import Board

def view(inputs: object) -> Board:
    return {"frames": [b.frame(b.text("x"))], "check": []}

def control() -> None:
    found = b.chart("", [], x="t")
    print(found["xlable"])
"""


def test_the_type_checker_finds_a_misspelt_key(tmp_path: Path):
    """A board's key and a widget's: what was dict[str, Any] would have passed."""
    (tmp_path / "misspelt.py").write_text(MISSPELT)
    settings = f'{{"extraPaths": ["{ROOT}"], "venvPath": "{ROOT}", "venv": ".venv"}}'
    (tmp_path / "pyrightconfig.json").write_text(settings)
    command = [sys.executable, "-m", "pyright", "-p", str(tmp_path)]
    found = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert found.returncode == 1
    assert '"check" is an undefined item in type "Board"' in found.stdout, found.stdout
    assert '"xlable" is not a defined key in "Chart"' in found.stdout, found.stdout
    assert "2 errors" in found.stdout, found.stdout
