"""Compose Korean sentences about the lessons' subjects from facts: text for a letter model.

    whole     [opening] subject fact.                      RNN은 앞 단계의 상태를 기억합니다.
    joined    [opening] subject fact and fact.             … 기억하고 … 씁니다.
    naming    fact, that is subject.                       … 기억하는 모델이 RNN입니다.
    contrast  subject fact, but subject fact.              RNN은 … 기억하지만 CNN은 … 훑습니다.
    because   subject, because of a reason, does this.     … 나누어 쓰기 때문에 … 다룹니다.
    asking    why? because.                                왜 … 다룰까요? … 쓰기 때문입니다.

All facts are true and written here by hand; a joined sentence joins two facts of one subject. The
stem of a fact's last word is conjugated by rule. Everything that can be said is finitely much:
`everything` lists it. One sentence in ten is held out (`is_held_out`): training never
draws it, so that what a net writes can be new. Licence: the project's.
"""

from __future__ import annotations

from functools import cache
from itertools import permutations
from random import Random
from zlib import crc32

OPENINGS = (
    *("", "", "", "", "그래서 ", "다시 말해 ", "쉽게 말하면 ", "지난주에 보았듯이 "),
    *("세미나에서 배운 대로 ", "손으로 계산해 보면 ", "실험해 보면 ", "정리하면 "),
)
SHARES = {"whole": 3, "joined": 3, "naming": 2, "contrast": 3, "because": 3, "asking": 2}
OPENED = ("whole", "joined", "because")  # kinds that may have an opening
# subject, its topic particle, what it is, facts, (reason, what follows)
SUBJECTS: tuple[tuple[str, str, str, tuple[str, ...], tuple[tuple[str, str], ...]], ...] = (
    (
        *("RNN", "은", "모델"),
        ("앞 단계의 상태를 기억하", "같은 가중치를 모든 시점에서 쓰", "순서가 있는 자료를 읽"),
        (
            ("가중치를 모든 시점에서 나누어 쓰", "길이가 다른 문장을 다루"),
            ("기울기를 여러 번 거듭 곱하", "먼 과거를 쉽게 잊"),
        ),
    ),
    (
        *("LSTM", "은", "모델"),
        ("셀 상태에 기억을 담", "잊을 것과 남길 것을 게이트로 고르", "먼 과거를 오래 기억하"),
        (("셀 상태를 더하기로 고치", "기울기를 멀리까지 보내"),),
    ),
    (
        *("GRU", "는", "모델"),
        ("두 개의 게이트를 쓰", "LSTM보다 적은 파라미터를 쓰", "새 상태와 옛 상태를 섞"),
        (("게이트를 두 개만 두", "LSTM보다 가볍게 움직이"),),
    ),
    (
        *("CNN", "은", "모델"),
        ("작은 필터로 그림을 훑", "가까운 픽셀의 무늬를 찾", "같은 필터를 모든 자리에서 쓰"),
        (("같은 필터를 모든 자리에서 쓰", "자리가 바뀐 무늬도 알아보"),),
    ),
    (
        *("홉필드 네트워크", "는", "모델"),
        ("저장한 패턴을 떠올리", "에너지를 낮추며 움직이", "망가진 그림을 되살리"),
        (("에너지를 늘리지 않", "언젠가 멈추"),),
    ),
    (
        *("오토인코더", "는", "모델"),
        ("그림을 짧은 코드로 줄이", "코드에서 그림을 되살리", "입력과 출력의 차이를 줄이"),
        (("코드를 입력보다 짧게 두", "중요한 특징만 남기"),),
    ),
    (
        *("VAE", "는", "모델"),
        (
            *("평균과 분산을 내놓", "잠재 공간에서 점을 뽑", "코드의 분포를 정규분포에 맞추"),
            "재구성 오차와 쿨백 라이블러 거리를 함께 줄이",
        ),
        (("잠재 공간을 빈틈없이 채우", "새로운 그림을 그리"),),
    ),
    (
        *("GAN", "은", "모델"),
        ("생성자와 판별자를 겨루게 하", "잡음에서 그림을 만들", "진짜와 가짜를 가리게 하"),
        (
            ("판별자를 속이며 배우", "또렷한 그림을 만들"),
            ("두 신경망을 함께 가르치", "균형을 쉽게 잃"),
        ),
    ),
    (
        *("WGAN", "은", "모델"),
        ("두 분포 사이의 거리를 재", "판별자 대신 비평가를 두", "기울기의 크기를 묶"),
        (("분포 사이의 거리를 손실로 쓰", "더 안정되게 배우"),),
    ),
    (
        *("조건부 GAN", "은", "모델"),
        ("원하는 숫자를 골라 그리", "라벨을 생성자에게 알려 주", "라벨을 판별자에게도 보여 주"),
        (("라벨을 함께 받", "원하는 그림을 그리"),),
    ),
    (
        *("정규화 흐름", "은", "모델"),
        (
            *("쉬운 분포를 복잡한 분포로 옮기", "거꾸로 가는 길을 알", "확률 밀도를 정확히 구하"),
            "야코비 행렬식의 로그를 더하",
        ),
        (("뒤집을 수 있는 함수만 쓰", "확률 밀도를 정확히 구하"),),
    ),
    (
        *("에너지 기반 모델", "은", "방법"),
        ("자료에 낮은 에너지를 주", "랑주뱅 동역학으로 표본을 뽑", "모든 점에 에너지를 매기"),
        (("정규화 상수를 구하지 않", "에너지를 자유롭게 고르"),),
    ),
    (
        *("트랜스포머", "는", "모델"),
        (
            *("순환 없이 문장을 읽", "모든 단어를 한꺼번에 보", "위치를 따로 알려 주"),
            "인코더와 디코더를 여러 층 쌓",
        ),
        (
            ("순환을 쓰지 않", "위치를 따로 더하"),
            ("모든 단어를 한꺼번에 보", "먼 단어도 바로 찾"),
        ),
    ),
    (
        *("어텐션", "은", "방법"),
        ("질의와 키의 내적을 구하", "소프트맥스로 가중치를 만들", "값을 가중치만큼 섞"),
        (
            ("내적을 차원의 제곱근으로 나누", "점수를 너무 커지지 않게 하"),
            ("단어의 순서를 보지 않", "위치 정보를 따로 받"),
        ),
    ),
    (
        *("디코더", "는", "부분"),
        ("한 번에 한 글자를 내놓", "앞에 나온 글자만 보", "인코더의 출력을 다시 살피"),
        (("뒤에 올 글자를 가리", "답을 미리 보지 못하"),),
    ),
    (
        *("확산 모델", "은", "모델"),
        ("잡음을 조금씩 더하", "더한 잡음을 맞히", "잡음을 거꾸로 걷어 내"),
        (("한 걸음마다 잡음을 조금만 걷어 내", "섬세한 그림을 그리"),),
    ),
    (
        *("PixelCNN", "은", "모델"),
        ("픽셀을 하나씩 그리", "앞서 그린 픽셀만 보", "다음 픽셀의 확률을 구하"),
        (("픽셀을 하나씩 차례로 그리", "시간을 오래 들이"),),
    ),
    (
        *("월드 모델", "은", "모델"),
        ("환경을 흉내 내", "다음 장면을 미리 그리", "꿈속에서 행동을 연습하"),
        (("환경을 스스로 그려 보", "실제로 해 보지 않고도 배우"),),
    ),
)


# ---- conjugation


def end_in(stem: str, final: int) -> str:
    """Return a stem whose last syllable ends in consonant number `final_consonant` (0: in none)."""
    code = ord(stem[-1]) - 0xAC00
    return stem[:-1] + chr(0xAC00 + code - code % 28 + final)


def final(stem: str) -> int:
    """Return the number of the consonant that a stem ends in; 0 for none, 8 for ㄹ, 17 for ㅂ."""
    return (ord(stem[-1]) - 0xAC00) % 28


def polite_form(stem: str) -> str:
    """Return the polite form of a stem: 하 합니다, 읽 읽습니다, 만들 만듭니다."""
    return end_in(stem, 17) + "니다" if final(stem) in (0, 8) else stem + "습니다"


def noun_form(stem: str) -> str:
    """Return the form of a stem before a noun: 하는, 읽는, 만드는."""
    return (end_in(stem, 0) if final(stem) == 8 else stem) + "는"


def question_form(stem: str) -> str:
    """Return the asking form of a stem: 할까요, 읽을까요, 만들까요."""
    return end_in(stem, 8) + "까요" if final(stem) in (0, 8) else stem + "을까요"


# ---- sentences


@cache
def sentences_without_opening() -> dict[str, tuple[str, ...]]:
    """Return, by kind, all sentences without their opening; a question with its answer."""
    kinds: dict[str, list[str]] = {k: [] for k in SHARES}
    for name, topic, sort, facts, reasons in SUBJECTS:
        subject = f"{name}{topic}"
        kinds["whole"] += [f"{subject} {polite_form(one)}." for one in facts]
        kinds["joined"] += [f"{subject} {a}고 {polite_form(b)}." for a, b in permutations(facts, 2)]
        kinds["naming"] += [f"{noun_form(one)} {sort}이 {name}입니다." for one in facts]
        kinds["because"] += [f"{subject} {a}기 때문에 {polite_form(b)}." for a, b in reasons]
        kinds["asking"] += [
            f"왜 {subject} {question_form(b)}? {a}기 때문입니다." for a, b in reasons
        ]
    said = [(f"{name}{topic}", facts) for name, topic, _, facts, _ in SUBJECTS]
    for (one, these), (other, those) in permutations(said, 2):
        kinds["contrast"] += [
            f"{one} {a}지만 {other} {polite_form(b)}." for a in these for b in those
        ]
    return {kind: tuple(found) for kind, found in kinds.items()}


def everything() -> set[str]:
    """Return every sentence that can be said, with each opening where it may have one."""
    return {
        first + one
        for kind, found in sentences_without_opening().items()
        for one in found
        for first in (set(OPENINGS) if kind in OPENED else ("",))
    }


def is_held_out(sentence: str) -> bool:
    """Return whether a sentence is kept from training: about one in ten."""
    return crc32(sentence.encode()) % 10 == 0


def sentence(r: Random, part: str = "train") -> str:
    """Return one sentence, or a question with its answer.

    Args:
        r: the random generator.
        part: "train", "held" or, for either, "all".
    """
    while True:
        kind = r.choices(list(SHARES), list(SHARES.values()))[0]
        one = r.choice(sentences_without_opening()[kind])
        one = r.choice(OPENINGS) + one if kind in OPENED else one
        if part == "all" or is_held_out(one) == (part == "held"):
            return one


def paragraph(r: Random, length: int, part: str = "train") -> str:
    """Return sentences, a space between them, cut after `length` letters."""
    text = sentence(r, part)
    while len(text) < length:
        text += " " + sentence(r, part)
    return text[:length]


def split_sentences(text: str) -> list[str]:
    """Return the finished sentences of a text; a question goes with its answer."""
    found, start = [], 0
    for i, letter in enumerate(text):
        if letter == ".":
            found.append(text[start : i + 1].strip())
            start = i + 1
    return found


@cache
def alphabet() -> str:
    """Return all letters that occur, sorted."""
    return "".join(sorted({letter for one in everything() for letter in one}))
