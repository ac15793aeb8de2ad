"""The joined script: what a module imports and exports stays what it was."""

from __future__ import annotations

import re

import pytest

from apps.stage.server import joined
from apps.stage.server.serve import JOINED, STYLES, WEB

SOURCE = """import { a, b as c } from "./dom.js";
import * as link from "../link.js";
import {
  d,
} from "./widgets/e.js";
// export const no = 1;
export const one = a + c;
export async function two() {}
export class Three {}
const four = 4;
"""


def test_imports_and_exports_are_bound_by_name():
    told = joined.function("widgets/x.js", SOURCE)
    assert 'const { a, b: c } = $load("widgets/dom.js");' in told
    assert 'const link = $load("link.js");' in told
    assert re.search(r'const \{\s+d,\s+\} = \$load\("widgets/widgets/e.js"\);', told)
    assert "\nconst one = a + c;\nasync function two() {}\nclass Three {}\n" in told
    assert "return { one, two, Three };" in told


@pytest.mark.parametrize(
    "line",
    ['import "./x.js";', "export default 1;", "export let x = 1;", 'import x from "./x.js";'],
)
def test_a_line_that_cannot_be_joined_is_named(line):
    with pytest.raises(ValueError, match="x.js has a line that cannot be joined"):
        joined.function("x.js", line)


def test_no_modules_import_each_other_in_a_circle():
    needs = {
        path.relative_to(WEB).as_posix(): [
            joined.resolve(path.relative_to(WEB).as_posix(), found[2])
            for found in joined.IMPORT.finditer(path.read_text("utf-8"))
        ]
        for path in WEB.rglob("*.js")
    }

    def walk(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, " → ".join((*way, name))
        for other in needs[name]:
            walk(other, (*way, name))

    for name in needs:
        walk(name, ())


def test_every_style_sheet_is_joined():
    assert sorted(STYLES) == sorted(path.stem for path in WEB.glob("*.css"))
    whole = JOINED["joined.css"]()
    assert all((WEB / f"{name}.css").read_text("utf-8") in whole for name in STYLES)
