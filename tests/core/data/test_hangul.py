"""Hangul's syllables and their pictures: the standard's list, the split, packing, a hand's sway."""

import unicodedata

import pytest
import torch

from core.data import hangul as h
from core.inputs import InputError
from core.weights import shipped
from core.weights.errors import WeightError


def test_the_syllables_are_those_of_ks_x_1001():
    found = h.syllables()
    assert len(found) == len(set(found)) == 2350
    assert found[0] == "가" and found[-1] == "힝" and list(found) == sorted(found)
    assert "뷁" not in found and all(len(one.encode("euc_kr")) == 2 for one in found)


def test_jamo_equal_unicode_s_decomposition():
    for syllable in h.syllables()[::7]:
        parts = unicodedata.normalize("NFD", syllable)
        wanted = [ord(parts[0]) - 0x1100, ord(parts[1]) - 0x1161]
        wanted.append(ord(parts[2]) - 0x11A7 if len(parts) == 3 else 0)
        assert list(h.jamo(syllable)) == wanted


@pytest.mark.parametrize("wrong", ["", "가나", "A", "ㄱ"])
def test_what_is_no_syllable_is_refused(wrong):
    with pytest.raises(InputError) as error:
        h.jamo(wrong)
    assert error.value.parts["field"] == "syllable"


def test_the_split_holds_out_every_syllable_of_the_held_combinations():
    held, seen = set(h.held_out_syllables()), set(h.training())
    assert len(held) == 350 and len(seen) == 2000 and not held & seen
    assert held | seen == set(h.syllables())
    apart = {h.jamo(pair)[:2] for pair in h.HELD_PAIRS}
    assert len(apart) == 10 and not any(h.jamo(one)[:2] in apart for one in seen)


def test_fewer_training_syllables_are_the_first_of_more():
    each = [h.training(n) for n in h.SIZES]
    assert all(more.startswith(fewer) for fewer, more in zip(each, each[1:]))
    assert all(len(set(one)) == n for one, n in zip(each, h.SIZES))


def test_every_character_has_a_picture_in_each_face_and_no_two_are_alike():
    found = h.glyphs()
    assert found.sources.shape == found.targets.shape == (2, 2412, 64, 64)
    assert found.targets.amax((2, 3)).min() == h.LEVELS
    assert found.sources.float().sum((2, 3)).min() > 0
    for face in found.targets:
        assert len(torch.unique(face.flatten(1), dim=0)) >= 2411  # I and l may be one stroke


def test_the_source_lies_inside_the_type():
    x, y = h.glyphs().pairs("한글생", "round")
    inside = torch.nn.functional.max_pool2d(y, 3, 1, 1) > 0
    assert (x[~inside] == 0).all() and x.sum() < y.sum() / 2


def test_packing_loses_nothing():
    pictures = torch.randint(0, 16, (3, 64, 64), generator=torch.Generator().manual_seed(0))
    from safetensors.torch import save

    named = {
        f"{kind}-{face}": h.pack(pictures) for kind in ("source", "target") for face in h.FACES
    }
    read = h.unpack(save(named))
    assert (read.sources == pictures).all() and (read.targets == pictures).all()


def test_a_changed_file_is_refused(tmp_path, monkeypatch):
    path = tmp_path / h.GLYPHS.name
    path.with_name(shipped.SUMS).write_bytes(h.GLYPHS.with_name(shipped.SUMS).read_bytes())
    path.write_bytes(h.GLYPHS.read_bytes()[:-1] + b"x")
    monkeypatch.setattr(h, "GLYPHS", path)
    h.glyphs.cache_clear()
    try:
        with pytest.raises(WeightError, match="hangul-glyphs.safetensors"):
            h.glyphs()
    finally:
        h.glyphs.cache_clear()


def test_a_hand_that_does_not_sway_draws_the_source_and_one_that_does_the_same_each_time():
    x, _ = h.glyphs().pairs("글")
    assert torch.allclose(h.hand(x, sway=0.0), x, atol=1e-5)
    once, again = h.draw_pairs("글")[0], h.draw_pairs("글")[0]
    assert (once == again).all() and (once - x).abs().max() > 0.2
    assert abs(once.sum() / x.sum() - 1) < 0.2  # ink is moved, not made


def test_a_character_or_face_without_a_picture_is_refused():
    for field, call in (
        ("syllable", lambda: h.glyphs().pairs("뷁")),
        ("face", lambda: h.glyphs().pairs("가", "gothic")),
    ):
        with pytest.raises(InputError) as error:
            call()
        assert error.value.parts["field"] == field
