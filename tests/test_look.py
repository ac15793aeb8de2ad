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
