"""`python -m tests.dead_code` names code that nothing uses: vulture, and what it cannot know.

A key of a TypedDict and an input of a lesson are read by their text, so vulture takes them for
variables that nobody reads; these are left out here. What else is meant to look unused stands in
pyproject.toml, with why.
"""

import ast
import sys
from pathlib import Path

from vulture import Vulture
from vulture.config import make_config


def keyed(trees: list[ast.Module]) -> set[str]:
    """Return the names of all classes whose fields are read by their text: TypedDicts, Inputs."""
    nodes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    found, before = {"TypedDict", "Inputs"}, 0
    while len(found) > before:
        before = len(found)
        found |= {node.name for node in nodes if found & {ast.unparse(b) for b in node.bases}}
    return found


def keys(tree: ast.Module, names: set[str]) -> set[int]:
    """Return the lines on which the fields of these classes stand."""
    return {
        line.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and node.name in names
        for line in node.body
        if isinstance(line, ast.AnnAssign)
    }


def main() -> int:
    """Print what is unused, a line each; return 1 if anything is."""
    config = make_config([])
    found = Vulture(ignore_names=config["ignore_names"])
    found.scavenge(config["paths"], config["exclude"])
    items = found.get_unused_code(min_confidence=config["min_confidence"])
    paths = [p for root in config["paths"] for p in ([Path(root)] if root.endswith(".py") else
             Path(root).rglob("*.py"))]  # fmt: skip
    trees = {path.resolve(): ast.parse(path.read_text("utf-8")) for path in paths}
    names = keyed(list(trees.values()))
    items = [
        item
        for item in items
        if item.first_lineno not in keys(trees[Path(item.filename).resolve()], names)
    ]
    for item in items:
        print(item.get_report())
    return int(bool(items))


if __name__ == "__main__":
    sys.exit(main())
