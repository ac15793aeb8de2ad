"""The Korean sentences: conjugation, what is held out, and that everything said is listed."""

from random import Random

import pytest

from core.data import sentences

FORMS = [
    ("하", "합니다", "하는", "할까요"),
    ("읽", "읽습니다", "읽는", "읽을까요"),
    ("만들", "만듭니다", "만드는", "만들까요"),
    ("배우", "배웁니다", "배우는", "배울까요"),
    ("움직이", "움직입니다", "움직이는", "움직일까요"),
    ("내", "냅니다", "내는", "낼까요"),
]


@pytest.mark.parametrize("stem, says, which, asks", FORMS)
def test_stems_are_conjugated(stem, says, which, asks):
    found = sentences.polite_form(stem), sentences.noun_form(stem), sentences.question_form(stem)
    assert found == (says, which, asks)


def test_particles_fit_their_nouns():
    spelled = {
        "N": True,
        "M": True,
        "E": False,
        "U": False,
        "q": False,
    }  # 엔, 엠 end in a consonant
    for name, topic, *_ in sentences.SUBJECTS:
        last = name[-1]
        closed = spelled[last] if last in spelled else sentences.final(last) > 0
        assert topic == ("은" if closed else "는"), name


def test_what_is_drawn_can_be_said_and_held_sentences_are_never_trained_on():
    whole, r = sentences.everything(), Random(0)
    assert (
        4_500 < len(whole) < 6_000
        and 0.08 < sum(map(sentences.is_held_out, whole)) / len(whole) < 0.12
    )
    for part in ("train", "held"):
        drawn = [sentences.sentence(r, part) for _ in range(3000)]
        assert set(drawn) <= whole
        assert {sentences.is_held_out(one) for one in drawn} == {part == "held"}
    assert {sentences.is_held_out(sentences.sentence(r, "all")) for _ in range(200)} == {
        True,
        False,
    }
    kinds = sentences.sentences_without_opening()
    assert all(kinds.values()) and kinds.keys() == sentences.SHARES.keys()


def test_paragraphs_are_cut_and_divided():
    r = Random(1)
    text = sentences.paragraph(r, 300)
    assert len(text) == 300 and set(text) <= set(sentences.alphabet())
    found = sentences.split_sentences(text)
    assert len(found) > 3 and set(found) <= sentences.everything()
    assert text.startswith(" ".join(found))
    assert sentences.split_sentences("왜 그럴까요? 그렇기 때문입니다. 아직") == [
        "왜 그럴까요? 그렇기 때문입니다."
    ]
    assert sentences.paragraph(Random(1), 300) == text


def test_every_letter_is_in_the_alphabet_once():
    assert len(set(sentences.alphabet())) == len(sentences.alphabet())
    assert sorted(sentences.alphabet()) == list(sentences.alphabet())
