"""The home page's pictures: shipped, and what the lessons' code draws now."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
import pytest
import torch

from apps import TABS, home_hero, home_pictures, hub
from apps.stage.server import home_card, words
from core import weights
from tests.conftest import ROOT
from tests.tab_case import TabCase, keys

NOISE = 2e-3  # of a coordinate, which is rounded to a thousandth


def apart(one: Any, other: Any) -> float:
    """Return the largest difference between two widgets' numbers; infinite where they differ in
    anything else. Shades and levels, bytes, count as one apart if few of them are.
    """
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        return max(
            pixels(one[k], other[k])
            if k in ("shades", "levels") and one[k] and other[k]
            else apart(one[k], other[k])
            for k in one
        )
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return max(map(apart, one, other), default=0.0)
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other)
    return 0.0 if one == other else np.inf


def pixels(one: str, other: str) -> float:
    """Return 0 where pictures are the same but for a level at one pixel in a thousand."""
    first, second = (np.frombuffer(base64.b64decode(v), np.uint8).astype(int) for v in (one, other))
    if len(first) != len(second) or abs(first - second).max() > 1:
        return np.inf
    return 0.0 if (first != second).mean() < 1e-3 else np.inf


@pytest.mark.parametrize("tab", TABS)
def test_what_is_shipped_is_what_the_lesson_draws(tab):
    again = json.loads(home_pictures.draw(tab))
    told = f"run {home_card.COMMAND} {tab}"
    assert apart(home_card.picture(tab), again) <= NOISE, told
    assert not keys(again), "the home page has no words of a lesson"


def test_a_picture_that_was_never_drawn_is_said_with_the_command():
    with pytest.raises(FileNotFoundError, match="python -m apps.home_pictures nothing"):
        home_card.picture("nothing")


def test_another_picture_is_noticed():
    shipped = home_card.picture("vae")
    levels = np.frombuffer(base64.b64decode(shipped["shades"]), np.uint8).copy()
    levels[0] ^= 64
    changed = {**shipped, "shades": base64.b64encode(levels.tobytes()).decode()}
    assert apart(shipped, changed) == np.inf and apart(shipped, dict(shipped)) == 0


def test_the_energy_s_particles_lie_in_its_eight_modes():
    points = np.array(home_card.picture("ebm")["layers"][-1]["at"])
    turn = 2 * np.pi * np.arange(8) / 8
    centres = 2 * np.stack([np.cos(turn), np.sin(turn)], 1)
    away = np.linalg.norm(points[:, None] - centres, axis=2).min(1)
    assert len(points) > 60 and np.median(away) < 0.7  # σ = 0.35


def test_the_diffusion_s_points_end_on_two_moons():
    points = np.array(home_card.picture("ddpm")["layers"][-1]["at"]) / 1.5 + [0.5, 0.25]
    upper = np.abs(np.linalg.norm(points, axis=1) - 1)
    lower = np.abs(np.linalg.norm(points - [1, 0.5], axis=1) - 1)
    assert len(points) == 150 and np.minimum(upper, lower).max() < 0.15


def test_the_command_writes_a_file_and_refuses_what_is_no_tab(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(home_card, "APPS", tmp_path / "apps")
    (tmp_path / "apps" / "lessons" / "attention").mkdir(parents=True)
    assert home_pictures.main(["attention"]) == 0
    wrote = (tmp_path / "apps/lessons/attention/home.json").read_text("utf-8")
    shipped = (ROOT / "apps/lessons/attention/home.json").read_text("utf-8")
    assert apart(json.loads(wrote), json.loads(shipped)) <= NOISE
    assert home_pictures.main(["nonsense"]) == 2 and "nonsense" in capsys.readouterr().err


def test_the_home_page_opens_on_a_letter_that_turns_into_a_digit():
    from apps.lessons.shared.pictures import letter

    shipped = home_hero.read()
    frames = np.frombuffer(base64.b64decode(shipped["frames"]), np.uint8).reshape(-1, 28, 28)
    np.testing.assert_array_equal(frames[0], 255 * letter("jamo"))
    assert len(frames) == home_hero.FORTH + home_hero.STEPS + 1
    noisy, last = frames[home_hero.FORTH].astype(int), frames[-1].astype(int)
    assert abs(noisy - last).mean() > 60  # most of it is noise there
    with torch.no_grad():
        x = torch.from_numpy(frames[[0, -1]]).float()[:, None] / 255
        odds = weights.load("classifier-mnist")(x).softmax(1)
    assert int(odds[1].argmax()) == shipped["digit"] and float(odds[1].max()) > 0.9
    assert shipped["scene"] == 1 + [s["view"] for s in words.scenes("ddpm")].index("survive")


@pytest.mark.slow
def test_the_opening_is_what_the_model_draws_now():
    one, other = (
        np.frombuffer(base64.b64decode(found["frames"]), np.uint8).astype(int)
        for found in (home_hero.read(), home_hero.draw())
    )
    assert len(one) == len(other) and abs(one - other).max() <= 2


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_lesson_says_what_it_needs(language):
    assert set(TABS) <= set(words.words(language, "hub")["needs_of"])


# What the course's notes name: the week, and the view and inputs of the scene that teaches it.
NAMED = {
    "Autoencoder": (1, "plane", {}),
    "LSTM, GRU": (1, "step", {"cell": "lstm"}),
    "Hebb's rule": (1, "store", {"rule": "hebb"}),
    "Encoder-decoder": (1, "shapes", {"kind": "encoder-decoder"}),
    "BPTT": (2, "backward", {"truncate": 4}),
    "Denoising": (2, "denoise", {}),
    "WGAN-GP": (3, "moments", {"model": "wgan-gp-mnist"}),
    "DCGAN": (3, "latent", {"model": "dcgan-mnist"}),
    "CGAN": (3, "classes", {}),
    "Langevin sampling": (4, "hand", {}),
    "Positional encoding": (5, "places", {}),
    "DDIM": (6, "steps", {}),
}


def test_what_the_notes_name_leads_to_the_scene_that_teaches_it():
    found = {
        topic["title"]["en"]: (topic["week"], TabCase(tab).scenes[topic["scene"] - 1])
        for tab in TABS
        for topic in hub.topics(tab)
    }
    for name, (week, view, preset) in NAMED.items():
        scene = found[name][1]
        assert (found[name][0], scene["view"]) == (week, view), name
        assert scene["inputs"] | preset == scene["inputs"], name


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_no_topic_is_named_twice_and_each_in_one_of_the_six_weeks(language):
    lessons = [(words.words(language, tab)["week"], words.words(language, tab)) for tab in TABS]
    topics = [(one["week"], one["title"][language]) for tab in TABS for one in hub.topics(tab)]
    names = [text["title"] for _, text in lessons] + [name for _, name in topics]
    assert len(names) == len(set(names))
    assert {week for week, _ in [*lessons, *topics]} == set(range(1, 7))
