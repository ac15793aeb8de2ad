"""The inputs of the attention lesson."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from apps.stage.declare import choice, given, seed, slider, switch
from apps.stage.declare import text as typed_text

MATRICES = ("x", "wq", "wk", "wv")  # what is typed into, in the layout of attention_step
TOKENS, DIM = (2, 6), (2, 8)
MASKS = ("none", "causal", "padding")
HEADS = (1, 2, 4)
KINDS = ("none", "sinusoidal")
ORDERS = {"213": [1, 0, 2], "321": [2, 1, 0], "132": [0, 2, 1], "231": [1, 2, 0], "312": [2, 0, 1]}
PLACES = ("waves", "three")
WIDTHS = (8, 16, 32, 64)
TRANSFORMER, PLAIN, LOOKING = "transformer-dates", "seq2seq-dates", "seq2seq-attention-dates"
DATES = (TRANSFORMER, LOOKING, PLAIN)
EXAMPLES = (
    "2026년 11월 20일 금요일",
    "이천이십육년 십일월 이십일",
    "Fri, 20th of Nov. 2026",
    "11/20/26 (month/day/year)",
    "11/20/26",
    "2026녕 11월20일",
    "11-May-1909",
    "11월 20일 2026년",
    "2026-02-30",
    "점심 뭐 먹지 🎉",
)
METHODS = ("greedy", "beam", "sample")
PARTS = ("cross", "encoder", "decoder")
LOOKS = ("variants", "heads", "cheat")
TOP_K = (0, 1, 3, 10, 40)  # 0 keeps all letters
MOST_TYPED = 504  # characters of a text field; core counts letters, of up to four characters each


@dataclass(frozen=True)
class Inputs:
    """The settings of a scene; `given` ones are typed into a matrix."""

    tokens: int = slider(3, *TOKENS, resets=MATRICES)
    dim: int = slider(2, *DIM, resets=MATRICES)
    asks: int = slider(1, 1, TOKENS[1])
    mask: str = choice("none", MASKS)
    seed: int = seed(resets=MATRICES)
    decimals: int = slider(3, 1, 8, local=True)
    heads: int = choice(2, HEADS)
    push: float = slider(1.0, -3, 3, 0.5)
    kind: str = choice("none", KINDS)
    order: str = choice("213", tuple(ORDERS), list=True)
    residual: bool = switch(True)
    norm: bool = switch(True)
    places: str = choice("waves", PLACES)
    width: int = choice(32, WIDTHS)
    length: int = slider(64, 16, 128, 16)
    text: str = typed_text("", MOST_TYPED, wide=True)
    example: int = choice(
        0,
        tuple(range(len(EXAMPLES))),
        labels=EXAMPLES,
        list=True,
        brings={number: {"text": said} for number, said in enumerate(EXAMPLES)},
    )
    model: str = choice(TRANSFORMER, DATES, list=True)
    method: str = choice("greedy", METHODS)
    temperature: float = slider(1.0, 0.1, 3, 0.1)
    beams: int = slider(4, 1, 10)
    part: str = choice("cross", PARTS)
    layer: int = slider(2, 1, 3)
    head: int = slider(1, 0, 4)
    look: str = choice("heads", LOOKS)
    prompt: str = typed_text("", MOST_TYPED, wide=True)
    top_k: int = choice(0, TOP_K, labels=({"k": "all"}, *map(str, TOP_K[1:])), list=True)
    top_p: float = slider(1.0, 0.1, 1, 0.05)
    count: int = slider(64, 8, 120, 8)
    x: Any = given()
    wq: Any = given()
    wk: Any = given()
    wv: Any = given()
