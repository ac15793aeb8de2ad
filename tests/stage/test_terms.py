"""One term for one thing: words that no page says, each with the one that it says instead."""

import re

import pytest

from apps import TABS
from apps.stage.server import words
from tests.stage.test_texts import strings

NAMES = (*TABS, "stage", "hub", "errors", "rehearsal")
# The pattern of what is not said -> what is.
KOREAN = {
    r"에너지 모델": "에너지 기반 모델",
    r"훈련(?! ?데이터의 이름)": "학습",
    r"(?<!입)자료": "데이터",
    r"(?<!재)매개 ?변수": "파라미터",
    r"우도": "가능도",
    r"비트/차원|차원마다 비트": "차원당 비트(bits/dim)",
    r"시험 (숫자|그림|데이터)": "테스트 숫자, 테스트 데이터",
    r"(?<!문)사슬": "연쇄",
    r"커플링": "결합층(coupling)",
    r"눈을 가리고": "이름을 가리고(블라인드)",
    r"대조 학습": "대조 발산 학습",
    r"확률적 기울기": "확률적 경사 하강법",
}
ENGLISH = {
    r"blindfold": "blind",
    r"\bthis room\b": "this class",
    r"contrastive training": "contrastive divergence",
    r"nats? a point": "nats per point",
    r"bits a pixel": "bits per pixel",
}
CASES = [("ko", one, KOREAN[one]) for one in KOREAN] + [
    ("en", one, ENGLISH[one]) for one in ENGLISH
]


@pytest.mark.parametrize(("language", "unsaid", "said"), CASES)
def test_no_page_says_another_word_for_the_same(language, unsaid, said):
    found = {
        name: [
            text for text in strings(words.words(language, name)) if re.search(unsaid, text, re.I)
        ]
        for name in NAMES
    }
    assert not any(found.values()), (said, {name: texts for name, texts in found.items() if texts})
