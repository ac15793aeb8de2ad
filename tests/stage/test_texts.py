"""Words: the same keys in both languages, a sentence for every rule, a word for every label."""

import re

import pytest

from apps import TABS
from apps.stage.server import takeaway, words
from core.inputs import RULES, InputError
from core.weights.errors import WEIGHT_RULES, WeightError

NAMES = (*TABS, "stage", "hub", "errors", "rehearsal")
PAGE_ONLY = {"recorded", "link", "link_browser", "link_value", "fault", "unreachable", "too_large"}
PAGE_ONLY |= {"turned_away", "fault_call", "no_call", "queue_full"}
PAGE_ONLY |= {rule for rule in words.words("en", "errors") if rule.startswith("door_")}

ON_SCREEN = (
    r"클릭|누르면|누르세|눌러|슬라이더|단추|버튼|드래그|\b(click|press\b|slider|drag|button)"
)
NOT_ON_PAPER = {"zoom_how", "dead_again", "act"}  # beside what is pressed, and names of controls


def keys(value, prefix=""):
    if isinstance(value, dict):
        return set().union(*(keys(v, f"{prefix}.{k}") for k, v in value.items()))
    if isinstance(value, list):
        return set().union(*(keys(v, f"{prefix}.{i}") for i, v in enumerate(value)))
    return {prefix}


def strings(value):
    if isinstance(value, dict):
        return [s for v in value.values() for s in strings(v)]
    if isinstance(value, list):
        return [s for v in value for s in strings(v)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_have_the_same_keys(name):
    assert keys(words.words("ko", name)) == keys(words.words("en", name))


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_fill_the_same_blanks(name):
    ko, en = (strings(words.words(language, name)) for language in words.LANGUAGES)
    for a, b in zip(ko, en):
        assert set(re.findall(r"\{(\w+)\}", a)) == set(re.findall(r"\{(\w+)\}", b)), (a, b)


@pytest.mark.parametrize("name", TABS)
def test_four_to_eleven_scenes_each_with_claim_question_and_answer(name):
    count = len(words.scenes(name))
    assert 4 <= count <= 11
    for language in words.LANGUAGES:
        scenes = words.words(language, name)["scene"]
        assert len(scenes) == count
        for scene in scenes:
            assert all(scene[part].strip() for part in ("claim", "say", "ask", "answer"))


@pytest.mark.parametrize("name", TABS)
def test_no_word_of_a_tab_stands_in_the_place_of_one_of_the_page(name):
    """The page looks a word up in the tab's words first: worksheets said 아는 쪽 for 주어진 값."""
    own = words.words("ko", name)["words"]
    assert own.keys() & words.words("ko", "stage").keys() == set()


@pytest.mark.parametrize("name", TABS)
def test_korean_is_korean_and_english_english(name):
    for scene in words.words("ko", name)["scene"]:
        assert all(re.search("[가-힣]", scene[p]) for p in ("claim", "say", "ask", "answer"))
    for text in strings(words.words("en", name)["scene"]):
        assert not re.search("[가-힣]", text), text


def test_every_rule_has_its_sentence_and_english_is_core_s_own():
    ours = RULES | WEIGHT_RULES
    assert words.words("en", "errors").keys() == ours.keys() | PAGE_ONLY
    assert {k: v for k, v in words.words("en", "errors").items() if k in ours} == ours


@pytest.mark.parametrize("rule", RULES | WEIGHT_RULES)
def test_every_rule_names_its_parts_in_both_languages(rule):
    template = (RULES | WEIGHT_RULES)[rule]
    parts = {p: f"<{p}>" for p in re.findall(r"\{(\w+)\}", template)}
    error = InputError(rule, **parts) if rule in RULES else WeightError(rule, **parts)
    for language in words.LANGUAGES:
        said = words.sentence(language, rule, error.parts)
        assert all(value in said for value in parts.values())


@pytest.mark.parametrize(
    ("header", "language"),
    [("ko-KR,ko;q=0.9", "ko"), ("fr,ko;q=0.5", "ko"), ("en-US", "en"), ("fr", "en"), (None, "en")],
)
def test_preferred_language(header, language):
    assert words.preferred_language(header) == language


@pytest.mark.parametrize("name", TABS)
def test_a_label_says_what_to_press_where_paper_leaves_it_out(name):
    """Figures to take away and worksheets said "click to flip"; see apps.stage.server.takeaway."""
    for language in words.LANGUAGES:
        own = words.words(language, name)["words"]
        for key in own.keys() - NOT_ON_PAPER - {"control"}:
            for text in strings(own[key]):
                left = takeaway.ON_SCREEN.sub("", text)
                assert not re.search(ON_SCREEN, left, re.IGNORECASE), (language, key, text)
