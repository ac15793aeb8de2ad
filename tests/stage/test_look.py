"""One file holds every colour, size, gap, dash and font: its reader, and that nobody repeats it."""

import json
import re
from collections import Counter

from apps.stage import look


def test_every_colour_is_in_both_themes_and_a_hex_colour():
    light, dark = (look.colours(theme) for theme in look.THEMES)
    assert light.keys() == dark.keys()
    for colour in [*light.values(), *dark.values(), *look.TOKENS["classes"]]:
        assert re.fullmatch(r"#[0-9a-f]{6}", colour)


def test_each_custom_property_has_a_name_of_its_own_and_a_unit():
    pairs = [*look.properties(look.TOKENS)]
    assert [name for name, n in Counter(name for name, _ in pairs).items() if n > 1] == []
    told = dict(pairs)
    assert told["--cells-gap-large"] == "3px" and told["--matrix-line"] == "1.5"
    assert told["--matrix-cell"] == "12%" and told["--chart-rule-dash"] == "4 4"
    assert told["--font-words"].startswith('"Pretendard", ') and "--chart-dashes" not in told
    assert look.number("cells", "gap", "tiny") == 0 and look.dash("codes", "way", "dash") == (6, 4)


def test_the_page_s_head_carries_both_forms():
    assert look.css().count("--ink:") == 2 and '[data-theme="dark"]' in look.css()
    (text,) = re.findall(r">(.*)</script>", look.script())
    assert json.loads(text) == look.TOKENS


WEB = look.FILE.parent
STYLES = [path for path in sorted(WEB.glob("*.css")) if path.name != "fonts.css"]
SCRIPTS = sorted(WEB.rglob("*.js"))
OURS = {"c", "g", "s", "t", "w"}  # set on an element: its role's colour, cells, text, a width
LITERAL = re.compile(r"#[0-9a-fA-F]{3,8}\b|\brgba?\([0-9 ]|\[\d+, \d{2,3}, \d+\]")
STATED = (
    "font|font-size|font-family|gap|row-gap|column-gap|border-spacing|border-radius"
    "|stroke-width|stroke-dasharray|opacity|fill|color"
)


def declarations(path):
    """Return (selector's line, property, value) of a style sheet, comments left out."""
    text = re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.DOTALL)
    return re.findall(r"^\s*([a-z-]+):\s*([^;{}]+);", text, re.MULTILINE)


def test_style_sheets_take_every_value_that_the_tokens_have_from_there():
    repeated = re.compile(r"(?<![\w-])(?!0(?:px|%)?(?![\w.%]))(?!1(?![\w.%]))\d*\.?\d+(px|%)?")
    names = set(dict(look.properties(look.TOKENS))) | {
        f"--{role}" for role in look.colours("light")
    }
    asked = set()
    for path in STYLES:
        assert not LITERAL.search(re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"))), path.name
        for name, value in declarations(path):
            asked |= set(re.findall(r"var\((--[\w-]+)", value))
            if re.fullmatch(STATED, name):
                bare = re.sub(r"var\(--[\w-]+(, [^)]*\))?\)?", "", value)
                bare = re.sub(r"^[45678]00 ", "", bare)  # how heavy letters are
                found = [m[0] for m in repeated.finditer(bare) if m[0] not in ("50%", "100%")]
                assert found == [], (path.name, name, value)
    assert asked - names <= {f"--{name}" for name in OURS}, asked - names


def test_scripts_take_colours_and_sizes_from_the_tokens():
    for path in SCRIPTS:
        text = path.read_text("utf-8")
        assert not LITERAL.search(text), path.name
        for found in re.findall(r"LOOK((?:\.\w+|\[\"[\w-]+\"\])+)", text):
            at = look.TOKENS
            for name in re.findall(r"[\w-]+", found):
                if not isinstance(at, dict):
                    break  # a list's own method, a method of a text
                assert name in at, (path.name, found)
                at = at[name]


def test_what_is_narrow_is_told_once_to_scripts_and_style_sheets():
    asked = re.findall(r"max-width: (\d+)px\)", (WEB / "narrow.css").read_text("utf-8"))
    assert {float(width) for width in asked} == {look.number("page", "bare", "narrow")}


def test_no_file_of_the_page_is_too_long_to_read():
    files = [*STYLES, *SCRIPTS, *WEB.rglob("*.d.ts"), look.FILE]
    lines = {path.name: path.read_text("utf-8").count("\n") for path in files}
    assert {name: n for name, n in lines.items() if n > 300} == {}
