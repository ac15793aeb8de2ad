"""The handout: one self-contained HTML file on A4 leaves, two scenes a leaf, answers at the end.

Pictures and the letters of our typeface that occur lie in the file, so that it prints anywhere
without a network; its PDF is this page printed.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from datetime import date
from html import escape
from pathlib import Path

from apps.rehearsal.record import Seen, machine
from apps.stage.server import words

HERE = Path(__file__).parent
WEB = HERE.parent / "stage" / "web"
MM = 25.4 / 96 * 1.1  # a picture is printed at most a tenth larger than on the screen
NARROW = 1.25  # pictures no wider than this stand in a pair
FACE = re.compile(r"@font-face\s*\{.*?\}", re.DOTALL)


def handout(
    all_: Sequence[Seen], lang: str, base: str, day: date, cards: Mapping[str, str] | None = None
) -> str:
    """Return the handout's HTML.

    Args:
        all_: the scenes in order, each tab's together.
        lang: "ko" or "en".
        base: address that the links lead to, without a slash at its end.
        day: what the cover is dated.
        cards: tab -> data URI of its picture on the home page.
    """
    tabs = list(dict.fromkeys(seen.tab for seen in all_))
    body = [_cover(tabs, all_, lang, day, cards or {})]
    for tab in tabs:
        body += _leaves([seen for seen in all_ if seen.tab == tab], lang, base)
    body.append(_answers(tabs, all_, lang))
    inside = "\n".join(body)
    style = (HERE / "handout.css").read_text("utf-8")
    title = escape(words.words(lang, "stage")["brand_long"])
    return (
        f'<!doctype html>\n<html lang="{lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{title}</title><style>{faces(inside)}\n{style}</style></head>"
        f"<body>\n{inside}\n</body></html>\n"
    )


def faces(text: str) -> str:
    """Return the font rules that a text needs, their files in them."""
    letters = {ord(c) for c in text}
    rules = []
    for rule in FACE.findall((WEB / "fonts.css").read_text("utf-8")):
        spans = re.search(r"unicode-range:\s*([^;}]+)", rule)
        if spans and not any(_within(letters, one.strip()) for one in spans[1].split(",")):
            continue
        rules.append(re.sub(r"url\(['\"]?(fonts/[^'\")]+)['\"]?\)", _inline, rule))
    return "\n".join(rules)


def _within(letters: set[int], span: str) -> bool:
    low, _, high = span.upper().removeprefix("U+").partition("-")
    first, last = int(low.replace("?", "0"), 16), int((high or low).replace("?", "F"), 16)
    return any(first <= one <= last for one in letters)


def _inline(found: re.Match[str]) -> str:
    data = base64.b64encode((WEB / found[1]).read_bytes()).decode()
    return f"url(data:font/woff2;base64,{data})"


def rich(text: str) -> str:
    """Return a scene's text as markup: all of it escaped, x_t with a real subscript."""
    whole = escape(text).replace(" = ", "\u00a0=\u00a0")
    return re.sub(
        r"_(\{[^}]+\}|[A-Za-z0-9](?![A-Za-z0-9]))",
        lambda m: f"<sub>{m[1].strip('{}')}</sub>",
        whole,
    )


def _say(lang: str, key: str, **parts: object) -> str:
    return escape(words.words(lang, "rehearsal")["paper"][key].format(**parts))


def _cover(
    tabs: Sequence[str], all_: Sequence[Seen], lang: str, day: date, cards: Mapping[str, str]
) -> str:
    rows = []
    for tab in tabs:
        text = words.words(lang, tab)
        count = sum(seen.tab == tab for seen in all_)
        picture = f'<img src="{cards[tab]}" alt="">' if tab in cards else ""
        week = escape(words.words(lang, "stage")["nth_week"].format(n=text["week"]))
        rows.append(
            f'<li><a href="#{tab}"><div class="thumb">{picture}</div><div><small>{week} · '
            f"{_say(lang, 'scenes', n=count)}</small><h3>{rich(text['title'])}</h3>"
            f"<p>{rich(text['line'])}</p></div></a></li>"
        )
    few = " few" if len(tabs) < 4 else ""
    return (
        f'<section class="leaf cover"><header><p class="kind">{_say(lang, "kind")}</p>'
        f"<h1>{escape(words.words(lang, 'stage')['brand_long'])}</h1>"
        f"<p>{_say(lang, 'lead')}</p></header>"
        f'<ol class="tabs{few}">{"".join(rows)}</ol>'
        f'<footer><p class="name">{_say(lang, "name")}<i></i>{_say(lang, "day")}<i></i></p>'
        f"<p>{_say(lang, 'computed', day=day.isoformat(), machine=machine())}</p>"
        "</footer></section>"
    )


def _leaves(scenes: Sequence[Seen], lang: str, base: str) -> list[str]:
    """Return a tab's leaves, two scenes on each; the rest of the last one is for notes."""
    tab = scenes[0].tab
    text = words.words(lang, tab)
    leaves = []
    for at in range(0, len(scenes), 2):
        both = "".join(_scene(seen, lang, base) for seen in scenes[at : at + 2])
        if at + 1 == len(scenes):
            both += f'<div class="notes"><b>{_say(lang, "notes")}</b></div>'
        week = escape(words.words(lang, "stage")["nth_week"].format(n=text["week"]))
        head = (
            f'<header class="tab"{f" id={tab}" if at == 0 else ""}><b>{rich(text["title"])}</b>'
            f"<span>{rich(text['line'])}</span><small>{week}</small></header>"
        )
        leaves.append(f'<section class="leaf">{head}{both}</section>')
    return leaves


def _scene(seen: Seen, lang: str, base: str) -> str:
    text = seen.words(lang)
    path = f"/{seen.tab}?scene={seen.number}&lang={lang}"
    facts = "".join(f'<span class="{kind}">{escape(what)}</span>' for kind, what in seen.facts)
    link = f'<a href="{escape(base + path)}">{escape(path)}</a>'
    return (
        f'<article class="scene" id="{seen.tab}-{seen.number}"><h2><i>{seen.number}</i>'
        f"{rich(text['claim'])}</h2><p>{rich(text['say'])}</p>"
        f'<div class="pictures">{_pictures(seen, lang)}</div>'
        f'<p class="facts">{facts}</p><div class="ask"><b>{_say(lang, "question")}</b> '
        f"<span>{rich(text['ask'])}</span><hr><hr></div>"
        f"<footer>{link}</footer></article>"
    )


def _pictures(seen: Seen, lang: str) -> str:
    """Return the pictures: start and end side by side if both are narrow, else the telling one."""
    if not seen.pictures:
        return f"<em>{_say(lang, 'no_picture')}</em>"
    shown = list(seen.pictures)
    if len(shown) > 1 and any(width > NARROW * height for _, width, height in shown):
        chosen = "start" in words.scenes(seen.tab)[seen.number - 1]
        shown = shown[:1] if chosen else shown[-1:]
    alt = escape(seen.words(lang)["claim"])
    names = [_say(lang, "at_first"), _say(lang, "at_last")] if len(shown) > 1 else [""]
    return "".join(
        f'<figure><img src="{uri}" alt="{alt}" style="max-width:{width * MM:.0f}mm;'
        f'max-height:{height * MM:.0f}mm;align-self:center">'
        f"{f'<figcaption>{name}</figcaption>' if name else ''}</figure>"
        for (uri, width, height), name in zip(shown, names)
    )


def _answers(tabs: Sequence[str], all_: Sequence[Seen], lang: str) -> str:
    parts = [f'<section class="answers"><h1>{_say(lang, "answers")}</h1>']
    for tab in tabs:
        rows = "".join(
            f'<li value="{seen.number}"><p class="asked">{rich(seen.words(lang)["ask"])}</p>'
            f"<p>{rich(seen.words(lang)['answer'])}</p></li>"
            for seen in all_
            if seen.tab == tab
        )
        parts.append(f"<h2>{rich(words.words(lang, tab)['title'])}</h2><ol>{rows}</ol>")
    return "".join([*parts, "</section>"])
