"""All words that a person reads, the same keys in each language.

A tab's stand in apps/lessons/<tab>/<language>.toml, everything else's in
apps/stage/text/<language>/.
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

LANGUAGES = ("ko", "en")
APPS = Path(__file__).parents[2]


@cache
def words(language: str, name: str) -> dict[str, Any]:
    """Return the words of one tab (or of "stage", "hub", "errors") in "ko" or "en"."""
    lesson = APPS / "lessons" / name
    shell = APPS / "stage" / "text" / language / f"{name}.toml"
    file = lesson / f"{language}.toml" if lesson.is_dir() else shell
    return tomllib.loads(file.read_text("utf-8"))


@cache
def scenes(name: str) -> list[Any]:
    """Return the scenes of a tab as scenes.toml has them; see apps.stage.contract.Scene."""
    return tomllib.loads((APPS / "lessons" / name / "scenes.toml").read_text("utf-8"))["scene"]


def both(name: str) -> dict[str, dict[str, Any]]:
    """Return one tab's words in every language, so that the page switches without a request."""
    return {language: words(language, name) for language in LANGUAGES}


def sentence(language: str, rule: str, parts: dict[str, Any]) -> str:
    """Return the error sentence of a refused input, in the reader's language."""
    return words(language, "errors")[rule].format(**parts)


def preferred_language(accepted: str | None) -> str:
    """Return the first of our languages in an Accept-Language header, else English."""
    wanted = [part.split(";")[0].strip()[:2].lower() for part in (accepted or "").split(",")]
    return next((language for language in wanted if language in LANGUAGES), "en")
