"""The Hopfield lesson's exercises, and what its boards say beside the scenes."""

from tests.lessons.hopfield.again import CASE, energy, hebb, stored


def asked_blanks(scene):
    """Return a scene's exercise: its sentence's parts, and its answers."""
    turn = CASE.asked(CASE.scenes[scene - 1])["turn"]
    return turn["ask"], [blank["rows"][0][0] for blank in turn["blanks"]]


def test_every_scene_has_an_exercise():
    for scene in CASE.scenes:
        turn = CASE.asked(scene)["turn"]
        assert turn["blanks"] if "blanks" in turn else turn["choices"]


def test_a_quarter_of_the_cells_is_sixteen_and_leaves_half_an_overlap():
    ask, (flipped, m) = asked_blanks(5)
    assert ask["v"] == "25" and flipped == 0.25 * 64 and m == (48 - 16) / 64


def test_an_energy_follows_from_its_overlaps():
    ask, (E,) = asked_blanks(6)
    dots = [int(part.replace("−", "-")) for part in ask["x"].split(", ")]
    assert -(sum(d * d for d in dots) - int(ask["P"]) * int(ask["N"])) / 2 / int(ask["N"]) == E
    x = stored(6)[0]
    assert ask["p"] == "ㄱ" and dots == [int(v) for v in stored(6) @ x]
    assert energy(hebb(stored(6)), x) == E


def test_the_theory_s_load_is_eight_pictures():
    ask, (pictures,) = asked_blanks(9)
    assert pictures == 8 and ask["N"] == "64"  # 0.138 · 64 = 8.832


def test_no_cell_may_be_wrong_at_64_cells():
    assert (64 - 2) / 64 < 0.97 <= 1  # as the note under the curve says
