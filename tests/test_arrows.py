"""The arrows between rooms run one way."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = sorted([*ROOT.glob("core/**/*.py"), *ROOT.glob("apps/**/*.py")])
HEAVY = ("torch", "torchvision", "matplotlib")


def imports(path: Path, top_only: bool = False) -> set[str]:
    """Return the modules that a file imports, anywhere or at import time only."""
    tree = ast.parse(path.read_text("utf-8"))
    nodes = tree.body if top_only else ast.walk(tree)
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{name.name}" for name in node.names}
    return found


def starts(names: set[str], *prefixes: str) -> set[str]:
    return {n for n in names if any(n == p or n.startswith(p + ".") for p in prefixes)}


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_arrows(path):
    names = imports(path)
    where = path.relative_to(ROOT)
    assert not starts(names, "matplotlib.pyplot", "pylab")
    if where.parts[:3] != ("apps", "stage", "paper"):
        assert not starts(names, "matplotlib")
    if where.parts[0] == "core":
        assert not starts(names, "apps", "gradio")
    if where.parts[:2] == ("core", "models"):
        assert not starts(names, "core.weights")
        if not path.stem.startswith("check"):  # what is checked does not know its check
            checks = (".check", *(f".{one.stem}" for one in ROOT.glob("core/models/*/check_*.py")))
            assert not {n for n in starts(names, "core.models") if n.endswith(checks)}
    if where.parts[:2] == ("apps", "stage"):
        # plain values, no model
        values = ("core.inputs", "core.progress", "core.terminal", "core.measure.deltas")
        assert not starts(names, "core") - starts(names, *values)
        assert not starts(names, "apps.hub", "apps.lessons")
    if where.parts[:2] == ("apps", "lessons"):
        others = {p.name for p in (ROOT / "apps/lessons").iterdir() if p.is_dir()}
        others -= {where.parts[2], "shared"}
        assert not starts(names, *(f"apps.lessons.{other}" for other in others))
    if where.parts[0] == "apps" and len(where.parts) == 2 and path.stem not in ("hub", "__main__"):
        others = {p.stem for p in ROOT.glob("apps/*.py")} - {path.stem}
        assert not starts(names, *(f"apps.{other}" for other in others - {"__init__"}))


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_the_hub_starts_without_heavy_imports(path):
    where = path.relative_to(ROOT)
    printing = where.parts[:3] == ("apps", "stage", "paper")
    if where.parts[0] == "apps" and not printing or path.stem in ("check", "inputs", "__init__"):
        assert not starts(imports(path, top_only=True), *HEAVY)


def test_the_hub_really_imports_neither_torch_nor_matplotlib():
    import subprocess
    import sys

    code = (
        "import sys; from apps import hub; hub.build();"
        "print([m for m in ('torch', 'matplotlib') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert out.stdout.strip() == "[]", out.stderr


def test_only_known_folders_at_the_top():
    known = {"apps", "core", "weights", "tests", ".ci"}
    tracked = {p.name for p in ROOT.iterdir() if p.is_dir() and not p.name.startswith(".")}
    assert tracked - {"build"} <= known


CHECKS = sorted(ROOT.glob("core/models/*/check*.py"))


@pytest.mark.parametrize("path", CHECKS, ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_a_check_shares_no_maths_with_what_it_checks(path):
    """Types are known to the type checker alone; data are nobody's maths."""
    tree = ast.parse(path.read_text("utf-8"))
    typing = [node for node in tree.body if isinstance(node, ast.If)]
    for node in typing:
        assert ast.unparse(node.test) == "TYPE_CHECKING"
        tree.body.remove(node)
    names = {
        name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module
        for name in [node.module]
    } | {n.name for node in ast.walk(tree) if isinstance(node, ast.Import) for n in node.names}
    parts = f"core.models.{path.parent.name}.check"  # a check may stand in several files
    others = {name for name in names if not name.startswith(parts)}
    assert not starts(others, "core.models"), "what is to be checked comes as an argument"


# What stands in several folders under one name is the same part of each.
ROLES = {"__init__", "check", "by_hand", "layers", "networks"}


def test_a_module_s_name_is_its_own():
    for room in ("core", "apps/stage/server", "apps/lessons/shared"):
        stems = [p.stem for p in ROOT.glob(f"{room}/**/*.py") if p.stem not in ROLES]
        twice = {stem for stem in stems if stems.count(stem) > 1}
        assert not twice, f"{room}: {twice}"
    stage = {p.stem for f in ("*", "server/*") for p in ROOT.glob(f"apps/stage/{f}.py")} - ROLES
    core = {p.stem for p in ROOT.glob("core/**/*.py")} - ROLES
    assert not stage & core  # a widget is named for what it shows, and has its three halves


def test_every_lesson_has_its_parts_and_a_file_a_view():
    from apps.hub import tabs_of

    for tab in tabs_of():
        folder = ROOT / "apps/lessons" / tab.name
        names = {p.name for p in folder.iterdir()}
        assert {"scenes.toml", "ko.toml", "en.toml", "inputs.py", "home.py", "home.json"} <= names
        runs = [name for name, view in tab.views.items() if view.live]
        for view in set(tab.views) - set(runs):  # several scenes may show the same kind of run
            assert f"{view}.py" in names, f"{tab.name}/{view}"


def test_matplotlib_lives_on_paper_alone():
    for path in FILES:
        if "paper" not in path.parts:
            assert not starts(imports(path), "matplotlib"), path


def test_no_file_of_the_product_is_over_300_lines():
    kinds = [
        f"{room}/**/*.{end}" for room in ("core", "apps", "weights") for end in ("py", "js", "css")
    ]
    paths = [path for kind in kinds for path in ROOT.glob(kind) if "node_modules" not in path.parts]
    long = {p for p in paths if len(p.read_text("utf-8").splitlines()) > 300}
    assert {p.name for p in long} == {"fonts.css"}  # a rule a range of letters, not read by anyone
