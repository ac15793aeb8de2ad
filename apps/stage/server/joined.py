"""Join the browser half into one script and one style sheet, so that a page asks for two files.

Thirty visitors that open a page at the same moment would ask for eighty files each, and each
request costs the server a millisecond. A module becomes a function that returns what it exports;
it runs when it is first wanted, as by `import`. Modules must not import each other in a circle.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from pathlib import Path

IMPORT = re.compile(r'^import (\* as \w+|\{[^}]*\}) from "(\.[^"]+)";$', re.MULTILINE)
EXPORT = re.compile(r"^export ((?:async )?function|class|const) (\w+)", re.MULTILINE)
SCRIPT = """const $made = {{}};
const $make = {{
{modules}
}};
const $load = (name) => ($made[name] ??= $make[name]());
export {{ $load as load }};
"""


def script(folder: Path) -> str:
    """Return one module of all modules of a folder; its `load` takes the name of one of them and
    returns what that one exports.
    """
    paths = sorted(folder.rglob("*.js"))
    names = [path.relative_to(folder).as_posix() for path in paths]
    modules = [function(name, path.read_text("utf-8")) for name, path in zip(names, paths)]
    return SCRIPT.format(modules="\n".join(modules))


def function(name: str, source: str) -> str:
    """Return a module as an entry "name": () => {…} of an object.

    Raises:
        ValueError: it imports or exports in a way that is not known here.
    """

    def bind(found: re.Match[str]) -> str:
        what = found[1].removeprefix("* as ").replace(" as ", ": ")
        return f'const {what} = $load("{resolve(name, found[2])}");'

    body = EXPORT.sub(r"\1 \2", IMPORT.sub(bind, source))
    if left := re.search(r"^(import|export)\b.*", body, re.MULTILINE):
        raise ValueError(f"{name} has a line that cannot be joined: {left[0]}")
    exported = ", ".join(found[2] for found in EXPORT.finditer(source))
    return f'"{name}": () => {{\n{body}\nreturn {{ {exported} }};\n}},'


def resolve(name: str, path: str) -> str:
    """Return which module another names by a relative path."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), path))


def styles(folder: Path, names: Sequence[str]) -> str:
    """Return one style sheet of several in a folder, in their order."""
    return "\n".join((folder / f"{name}.css").read_text("utf-8") for name in names)
