"""The table of bad inputs: endpoint, what is wrong, the arguments, the field that is to be named.

One table for all endpoints; a row is wrong in one thing only. `tests/stage/test_api.py` sends each
row over HTTP, `tests/stage/test_bad_inputs.py` asks the functions themselves, in both languages.
"""

from __future__ import annotations

import math
from typing import Any

from core.models.rnn.presets import random_case, slide

SLIDE: dict[str, Any] = {k: v for k, v in slide().items() if k != "targets"}
PARAMS, XS = SLIDE["params"], SLIDE["xs"]
LSTM = random_case("lstm", 2, 3, 2, 2)
CROSS = [1, -1, 1, -1, 1, -1, 1, -1, 1]

VAST = [[10**400, 0], [0, 1]]


def with_(params, **changes):
    return {**params, **changes}


NAN, INF = math.nan, math.inf
BAD_FORWARD = [
    # what, arguments, the field that the sentence must name
    ("cell unknown", ("foo", PARAMS, XS, None), "cell"),
    ("cell a number", (3, PARAMS, XS, None), "cell"),
    ("cell null", (None, PARAMS, XS, None), "cell"),
    ("params a list", ("rnn", [1, 2], XS, None), "params"),
    ("params text", ("rnn", "W", XS, None), "params"),
    ("params empty", ("rnn", {}, XS, None), "params"),
    ("V missing", ("rnn", {k: v for k, v in PARAMS.items() if k != "V"}, XS, None), "V"),
    ("an unknown parameter", ("rnn", with_(PARAMS, Z=[[1]]), XS, None), "Z"),
    ("W not square", ("rnn", with_(PARAMS, W=[[1, 2]]), XS, None), "W"),
    ("W ragged", ("rnn", with_(PARAMS, W=[[1, 2], [3]]), XS, None), "W"),
    ("W flat", ("rnn", with_(PARAMS, W=[1, 2]), XS, None), "W"),
    ("W with text", ("rnn", with_(PARAMS, W=[[1, "abc"], [0, 1]]), XS, None), "W"),
    ("W with true", ("rnn", with_(PARAMS, W=[[True, 1], [0, 1]]), XS, None), "W"),
    ("W with null", ("rnn", with_(PARAMS, W=[[None, 1], [0, 1]]), XS, None), "W"),
    ("W huge number", ("rnn", with_(PARAMS, W=[[1e300, 1], [0, 1]]), XS, None), "W"),
    ("U too wide", ("rnn", with_(PARAMS, U=[[0] * 9] * 2), XS, None), "U"),
    ("U too tall", ("rnn", with_(PARAMS, U=[[0] * 3] * 3), XS, None), "U"),
    ("V too many outputs", ("rnn", with_(PARAMS, V=[[0, 0]] * 9), XS, None), "V"),
    ("b too long", ("rnn", with_(PARAMS, b=[0, 0, 0]), XS, None), "b"),
    ("c a matrix", ("rnn", with_(PARAMS, c=[[0], [0], [0]]), XS, None), "c"),
    ("hidden 9", ("rnn", {"W": [[0] * 9] * 9, "U": [[0]] * 9, "V": [[0] * 9]}, [[1]], None), "W"),
    ("xs empty", ("rnn", PARAMS, [], None), "xs"),
    ("xs null", ("rnn", PARAMS, None, None), "xs"),
    ("xs flat", ("rnn", PARAMS, [1, 0, 0], None), "xs"),
    ("xs too wide", ("rnn", PARAMS, [[1, 0, 0, 0]], None), "xs"),
    ("xs too long", ("rnn", PARAMS, [[1, 0, 0]] * 33, None), "xs"),
    ("xs an object", ("rnn", PARAMS, {"a": 1}, None), "xs"),
    ("h0 too long", ("rnn", PARAMS, XS, [0, 0, 0]), "h0"),
    ("h0 text", ("rnn", PARAMS, XS, "zeros"), "h0"),
    ("h0 an object for a plain cell", ("rnn", PARAMS, XS, {"h": [0, 0]}), "h0"),
    ("h0 a list for lstm", ("lstm", LSTM["params"], LSTM["xs"], [0, 0]), "h0"),
    ("h0.c too short", ("lstm", LSTM["params"], LSTM["xs"], {"c": [0]}), "h0.c"),
    ("plain parameters for gru", ("gru", PARAMS, XS, None), "params"),
    ("gru with lstm's shapes", ("gru", LSTM["params"], LSTM["xs"], None), "weight"),
]
BACK = ("rnn", PARAMS, XS, None)
BAD_BACKWARD = [
    ("targets null", (*BACK, None, None), "targets"),
    ("targets too few", (*BACK, [], None), "targets"),
    ("targets too many", (*BACK, [0, 0], None), "targets"),
    ("a class that is not there", (*BACK, [3], None), "targets"),
    ("a negative class", (*BACK, [-1], None), "targets"),
    ("a class and a half", (*BACK, [1.5], None), "targets"),
    ("a class as text", (*BACK, ["2"], None), "targets"),
    ("truncate 0", (*BACK, [2], 0), "truncate"),
    ("truncate too long", (*BACK, [2], 2), "truncate"),
    ("truncate text", (*BACK, [2], "all"), "truncate"),
    ("truncate half", (*BACK, [2], 0.5), "truncate"),
    ("cell unknown", ("cnn", PARAMS, XS, None, [2], None), "cell"),
    ("V missing", ("rnn", {k: PARAMS[k] for k in "UW"}, XS, None, [2], None), "V"),
    (
        "W with a number that no float holds",
        ("rnn", with_(PARAMS, W=VAST), XS, None, [2], None),
        "W",
    ),
    ("xs too wide", ("rnn", PARAMS, [[1, 0, 0, 0]], None, [2], None), "xs"),
    ("h0 too long", ("rnn", PARAMS, XS, [0, 0, 0], [2], None), "h0"),
]
P = [CROSS]
BAD_RECALL = [
    ("patterns empty", ([], CROSS), "patterns"),
    ("patterns null", (None, CROSS), "patterns"),
    ("patterns flat", (CROSS, CROSS), "patterns"),
    ("patterns with 0", ([[0] * 9], CROSS), "patterns"),
    ("patterns with 2", ([[2] * 9], CROSS), "patterns"),
    ("patterns with text", ([["a"] * 9], CROSS), "patterns"),
    ("patterns ragged", ([CROSS, CROSS[:8]], CROSS), "patterns"),
    ("too many patterns", ([CROSS] * 65, CROSS), "patterns"),
    ("too many units", ([[1] * 257], [1] * 257), "patterns"),
    ("one unit", ([[1]], [1]), "patterns"),
    ("probe too short", (P, CROSS[:8]), "probe"),
    ("probe with 0", (P, [0] * 9), "probe"),
    ("probe null", (P, None), "probe"),
    ("probe text", (P, "111"), "probe"),
    ("probe 2-D", (P, [CROSS]), "probe"),
    ("rule unknown", (P, CROSS, "foo"), "rule"),
    ("rule null", (P, CROSS, None), "rule"),
    ("update unknown", (P, CROSS, "hebb", "both"), "update"),
    ("seed negative", (P, CROSS, "hebb", "async", -1), "seed"),
    ("seed half", (P, CROSS, "hebb", "async", 0.5), "seed"),
    ("seed too large", (P, CROSS, "hebb", "async", 2**31), "seed"),
    ("beta 0", (P, CROSS, "modern", "sync", 0, 0), "beta"),
    ("beta too large", (P, CROSS, "modern", "sync", 0, 1e9), "beta"),
    ("beta text", (P, CROSS, "modern", "sync", 0, "hot"), "beta"),
    ("max_steps 0", (P, CROSS, "hebb", "async", 0, 1.0, 0), "max_steps"),
    ("seed that no float holds", (P, CROSS, "hebb", "async", 10**400), "seed"),
    ("rule of two lines", (P, CROSS, "he\nbb"), "rule"),
    ("rule that turns the text round", (P, CROSS, "\u202ebbeh"), "rule"),
    ("rule with half a character", (P, CROSS, "hebb\ud83d"), "rule"),
    ("rule with markup", (P, CROSS, "<img src=x onerror=alert(1)>"), "rule"),
    ("max_steps too large", (P, CROSS, "hebb", "async", 0, 1.0, 10**6), "max_steps"),
]
GREY = [[0.0] * 28] * 28
BAD_IMAGE = [
    ("image null", (None,), "image"),
    ("image text", ("abc",), "image"),
    ("image flat", ([0] * 784,), "image"),
    ("image too small", ([[0] * 27] * 28,), "image"),
    ("image too tall", ([[0] * 28] * 29,), "image"),
    ("image ragged", ([[0] * 28] * 27 + [[0] * 27],), "image"),
    ("image too dark", ([[255] * 28] * 28,), "image"),
    ("image below 0", ([[-0.1] * 28] * 28,), "image"),
    ("image with text", ([["x"] * 28] * 28,), "image"),
    ("image with null", ([[None] * 28] * 28,), "image"),
    ("image in colour", ([[[0, 0, 0]] * 28] * 28,), "image"),
    ("model unknown", (GREY, "foo"), "model"),
    ("model null", (GREY, None), "model"),
    ("model a number", (GREY, 2), "model"),
    ("model of another family", (GREY, "classifier-mnist"), "model"),
]
BAD_ELBO = [*BAD_IMAGE, ("no ELBO in an autoencoder", (GREY, "ae-mnist"), "model")]
BAD_CODE = [
    ("z null", (None,), "z"),
    ("z text", ("0, 0",), "z"),
    ("z empty", ([],), "z"),
    ("z too short", ([0],), "z"),
    ("z too long", ([0, 0, 0],), "z"),
    ("z 2-D", ([[0, 0]],), "z"),
    ("z far out", ([0, 1e6],), "z"),
    ("z with text", ([0, "a"],), "z"),
    ("z with true", ([0, True],), "z"),
    ("z of 2 for 20", ([0, 0], "vae-mnist"), "z"),
    ("model unknown for z", ([0, 0], "foo"), "model"),
    ("model a list", ([0, 0], ["vae2d-mnist"]), "model"),
]
GAN = {"x": 0.5, "w1": [0.3, 0.2], "w2": [0.4, 0.1], "label": 1, "loss": "minimax"}
SAMPLE = {"model": "dcgan-mnist", "n": 2, "seed": 0, "label": None}
BAD_GAN_SAMPLE = [
    (f"{field}, {what}", list({**SAMPLE, field: value}.values()), field)
    for field, values in {
        "model": {"unknown": "biggan", "null": None, "a number": 3, "of another tab": "vae-mnist"},
        "n": {"0": 0, "65": 65, "half": 2.5, "text": "many", "null": None, "true": True},
        "seed": {"-1": -1, "too large": 2**31, "null": None, "text": "x"},
        "label": {"of a net without": 3},
    }.items()
    for what, value in values.items()
] + [
    (f"label, {what}", ["cgan-mnist", 2, 0, value], "label")
    for what, value in {"10": 10, "text": "three", "true": True, "half": 0.5}.items()
]
BAD_GAN = [
    (f"{name} {what}", (*{**GAN, name: value}.values(),), name)
    for name, values in {
        "x": {
            "null": None,
            "text": "half",
            "true": True,
            "too large": 1e6,
            "empty": [],
            "too long": [0.1] * 5,
            "an object": {"x": 1},
        },
        "w1": {
            "null": None,
            "a number": 0.3,
            "empty": [],
            "text": "abc",
            "with text": [0.3, "a"],
            "with null": [[None], [0.2]],
            "with true": [True, 0.2],
            "too wide": [[0.3, 0.1], [0.2, 0.1]],
            "ragged": [[0.3], [0.2, 0.1]],
            "too tall": [0.1] * 9,
            "huge": [0.3, 1e300],
            "an object": {"0": 0.3},
        },
        "w2": {
            "null": None,
            "a number": 0.4,
            "too short": [0.4],
            "too long": [0.4] * 3,
            "2-D": [[0.4], [0.1]],
            "with text": [0.4, "b"],
            "huge": [0.4, -101],
        },
        "label": {"2": 2, "half": 0.5, "text": "real", "null": None, "true": True, "-1": -1},
        "loss": {"unknown": "hinge", "null": None, "a number": 1, "a list": ["minimax"]},
    }.items()
    for what, value in values.items()
]
PAIR = [[0.0, 0.0]]
BAD_COUPLING = [
    ("x null", (None, 0, 0), "x"),
    ("x text", ("1, 2", 0, 0), "x"),
    ("x of one", ([1], 0, 0), "x"),
    ("x too long", ([0] * 9, 0, 0), "x"),
    ("x with text", ([0, "a"], 0, 0), "x"),
    ("x far out", ([0, 1e6], 0, 0), "x"),
    ("s null", ([1, 2], None, 0), "s"),
    ("s too large", ([1, 2], 6, 0), "s"),
    ("s too long", ([1, 2], [0, 0], 0), "s"),
    ("s with true", ([1, 2], [True], 0), "s"),
    ("t text", ([1, 2], 0, "up"), "t"),
    ("t too large", ([1, 2], 0, 1e3), "t"),
]
BAD_LOG_PROB = [
    ("model unknown", ("realnvp-spiral", PAIR), "model"),
    ("model null", (None, PAIR), "model"),
    ("model of another family", ("vae-mnist", GREY), "model"),
    ("points null", ("realnvp-moons", None), "x"),
    ("points empty", ("realnvp-moons", []), "x"),
    ("points flat", ("realnvp-moons", [0, 0]), "x"),
    ("points in space", ("realnvp-moons", [[0, 0, 0]]), "x"),
    ("points with text", ("realnvp-moons", [["a", 0]]), "x"),
    ("too many points", ("realnvp-moons", PAIR * 1001), "x"),
    ("points far out", ("realnvp-moons", [[1e9, 0]]), "x"),
    ("an image too small", ("flow-mnist", [[0] * 27] * 28), "x"),
    ("an image below 0", ("flow-mnist", [[-1] * 28] * 28), "x"),
    ("an image too dark", ("flow-mnist", [[2] * 28] * 28), "x"),
]
BAD_SAMPLE = [
    ("model unknown to sample", ("flow", 1, 0, 1), "model"),
    ("n 0", ("realnvp-moons", 0, 0, 1), "n"),
    ("n half", ("realnvp-moons", 1.5, 0, 1), "n"),
    ("n too large", ("realnvp-moons", 1001, 0, 1), "n"),
    ("too many images", ("flow-mnist", 65, 0, 1), "n"),
    ("seed negative", ("realnvp-moons", 1, -1, 1), "seed"),
    ("seed text", ("realnvp-moons", 1, "x", 1), "seed"),
    ("temperature negative", ("realnvp-moons", 1, 0, -1), "temperature"),
    ("temperature null", ("realnvp-moons", 1, 0, None), "temperature"),
    ("temperature too large", ("realnvp-moons", 1, 0, 3), "temperature"),
]
EYE = [[1, 0], [0, 1]]
STEP = {"x": EYE, "wq": EYE, "wk": EYE, "wv": EYE, "heads": 1, "mask": "none"}
BAD_STEP = [
    (f"{name} {what}", list({**STEP, name: value}.values()), name)
    for name, values in {
        "x": {
            "null": None,
            "text": "x",
            "empty": [],
            "flat": [1, 0],
            "ragged": [[1, 0], [1]],
            "with text": [[1, "a"], [0, 1]],
            "with true": [[1, True], [0, 1]],
            "huge": [[1, 1e9], [0, 1]],
            "too long": [[0, 0]] * 17,
            "3-D": [EYE],
        },
        "wq": {"not square": [[1, 0]], "null": None, "too large": [[0] * 3] * 3},
        "wk": {"text": "W", "with null": [[None, 0], [0, 1]]},
        "wv": {"an object": {"a": 1}, "huge": [[1e300, 0], [0, 1]]},
        "heads": {"0": 0, "no divisor": 3, "half": 1.5, "text": "two", "true": True, "null": None},
        "mask": {
            "unknown": "future",
            "null": None,
            "a number": 1,
            "too short": [True],
            "of numbers": [0, 1],
            "all padding": [True, True],
        },
    }.items()
    for what, value in values.items()
]
BAD_DATE = [
    ("text null", (None, "transformer-dates"), "text"),
    ("text a number", (20261120, "transformer-dates"), "text"),
    ("text a list", (["2026"], "transformer-dates"), "text"),
    ("text 49 letters", ("2" * 49, "transformer-dates"), "text"),
    ("text 10 000 letters", ("2026년 " * 1667, "transformer-dates"), "text"),
    ("model unknown", ("2026", "foo"), "model"),
    ("model null", ("2026", None), "model"),
    ("model of another task", ("2026", "vae-mnist"), "model"),
    ("model a variant", ("2026", "transformer-dates-no-mask"), "model"),
]
BAD_COMPARE = [
    (f"{field} {what}", (value,) if name == "figures" else (*row,), field, f"/compare_{name}")
    for name, usual, cases in (
        (
            "sample",
            {"model": "vae-mnist", "n": 2, "seed": 0},
            {
                "model": {"unknown": "biggan", "null": None, "a judge": "classifier-mnist"},
                "n": {"0": 0, "17": 17, "half": 1.5, "text": "two", "true": True},
                "seed": {"-1": -1, "too large": 2**24 + 1, "null": None},
            },
        ),
        ("figures", {"model": ""}, {"model": {"unknown": "", "a number": 3, "null": None}}),
        (
            "interval",
            {"right": 1, "of": 2, "level": 0.9, "method": "wilson"},
            {
                "right": {"more than all": 3, "-1": -1, "half": 0.5, "text": "one", "null": None},
                "of": {"0": 0, "too many": 10**7, "true": True},
                "level": {"1": 1, "0.1": 0.1, "text": "sure"},
                "method": {"unknown": "wald", "null": None},
            },
        ),
    )
    for field, values in cases.items()
    for what, value in values.items()
    for row in [{**usual, field: value}.values()]
]
BAD_LANGEVIN = [
    ("x null", (None, [0], 0.1, [0]), "x"),
    ("x empty", ([], [], 0.1, []), "x"),
    ("x with text", (["a"], [0], 0.1, [0]), "x"),
    ("x too long", ([0] * 9, [0] * 9, 0.1, [0] * 9), "x"),
    ("grad too short", ([0, 1], [0], 0.1, [0, 0]), "grad"),
    ("grad 2-D", ([0, 1], [[0, 0]], 0.1, [0, 0]), "grad"),
    ("noise too long", ([0, 1], [0, 0], 0.1, [0, 0, 0]), "noise"),
    ("noise null", ([0, 1], [0, 0], 0.1, None), "noise"),
    ("step 0", ([0, 1], [0, 0], 0, [0, 0]), "step"),
    ("step negative", ([0, 1], [0, 0], -0.1, [0, 0]), "step"),
    ("step too large", ([0, 1], [0, 0], 1e4, [0, 0]), "step"),
    ("step text", ([0, 1], [0, 0], "small", [0, 0]), "step"),
]
BAD_CHAIN = [
    ("n 0", (0, 0, 10, 2.5, 0.0025), "n"),
    ("n too many", (17, 0, 10, 2.5, 0.0025), "n"),
    ("seed half", (1, 0.5, 10, 2.5, 0.0025), "seed"),
    ("steps 0", (1, 0, 0, 2.5, 0.0025), "steps"),
    ("too many steps", (1, 0, 501, 2.5, 0.0025), "steps"),
    ("step_size negative", (1, 0, 10, -1, 0.0025), "step_size"),
    ("step_size null", (1, 0, 10, None, 0.0025), "step_size"),
    ("noise above 1", (1, 0, 10, 2.5, 1.5), "noise"),
    ("noise text", (1, 0, 10, 2.5, "much"), "noise"),
]
BAD_NOISE = [
    ("image null", (None, 1), "image"),
    ("image too small", ([[0] * 27] * 28, 1), "image"),
    ("image below 0", ([[-0.1] * 28] * 28, 1), "image"),
    ("image with text", ([["x"] * 28] * 28, 1), "image"),
    ("t negative", (GREY, -1), "t"),
    ("t too large", (GREY, 1001), "t"),
    ("t half", (GREY, 0.5), "t"),
    ("t null", (GREY, None), "t"),
    ("schedule unknown", (GREY, 1, "square"), "schedule"),
    ("schedule null", (GREY, 1, None), "schedule"),
    ("schedule without kind", (GREY, 1, {"points": []}), "schedule"),
    ("schedule rises", (GREY, 1, {"kind": "bent", "points": [[0.5, 2]]}), "schedule"),
    ("schedule of too much", (GREY, 1, {"kind": "bent", "points": [[0.5, 0.5]] * 9}), "schedule"),
    ("seed negative", (GREY, 1, "linear", -1), "seed"),
    ("seed text", (GREY, 1, "linear", "x"), "seed"),
]
BAD_DIGITS = [
    ("n 0", (0,), "n"),
    ("n too large", (17,), "n"),
    ("n true", (True,), "n"),
    ("seed too large", (1, 2**31), "seed"),
    ("seed null", (1, None), "seed"),
    ("label 10", (1, 0, 10), "label"),
    ("label half", (1, 0, 0.5), "label"),
    ("guidance negative", (1, 0, 3, -1), "guidance"),
    ("guidance text", (1, 0, 3, "much"), "guidance"),
    ("steps 0", (1, 0, 3, 2, 0), "steps"),
    ("steps too many", (1, 0, 3, 2, 1001), "steps"),
    ("steps too many for n", (16, 0, 3, 2, 251), "steps"),
    ("eta too large", (1, 0, 3, 2, 20, 1.5), "eta"),
    ("eta null", (1, 0, 3, 2, 20, None), "eta"),
]
INK = [[0] * 28] * 28
BAD_BINARY = [  # of an image of 0 and 1
    ("image null", (None,), "image"),
    ("image text", ("0" * 784,), "image"),
    ("image too small", ([[0] * 27] * 28,), "image"),
    ("image ragged", ([[0] * 28] * 27 + [[0]],), "image"),
    ("image between 0 and 1", ([[0.5] * 28] * 28,), "image"),
    ("image above 1", ([[255] * 28] * 28,), "image"),
    ("image below 0", ([[-1] * 28] * 28,), "image"),
    ("image not a number", ([[NAN] * 28] * 28,), "image"),
]
BAD_PLACE = [
    ("row negative", (INK, -1, 0), "row"),
    ("row beyond the picture", (INK, 28, 0), "row"),
    ("row half", (INK, 0.5, 0), "row"),
    ("row null", (INK, None, 0), "row"),
    ("column beyond the picture", (INK, 0, 28), "column"),
    ("column text", (INK, 0, "left"), "column"),
    ("column true", (INK, 0, True), "column"),
]
BAD_PIXELS = [
    ("n 0", (0,), "n"),
    ("n too large", (65,), "n"),
    ("n half", (1.5,), "n"),
    ("seed negative", (1, -1), "seed"),
    ("seed too large", (1, 2**31), "seed"),
    ("seed null", (1, None), "seed"),
    ("temperature negative", (1, 0, -0.1), "temperature"),
    ("temperature too large", (1, 0, 10.5), "temperature"),
    ("temperature not a number", (1, 0, NAN), "temperature"),
    ("temperature text", (1, 0, "cold"), "temperature"),
]
PAGE = [[0] * 64] * 64  # a picture of strokes, none of them drawn
BAD_STROKES: list[tuple[str, tuple[Any, ...], str]] = [
    ("image null", (None,), "image"),
    ("image text", ("한글",), "image"),
    ("image as large as a digit", ([[0] * 28] * 28,), "image"),
    ("image flat", ([0] * 4096,), "image"),
    ("image ragged", ([[0] * 64] * 63 + [[0] * 63],), "image"),
    ("image too dark", ([[255] * 64] * 64,), "image"),
    ("image below 0", ([[-0.1] * 64] * 64,), "image"),
    ("image NaN", ([[NAN] * 64] * 64,), "image"),
    ("model unknown", (PAGE, "foo"), "model"),
    ("model null", (PAGE, None), "model"),
    ("model of another lesson", (PAGE, "dcgan-mnist"), "model"),
    ("face unknown", (PAGE, "pix2pix-hangul", "gothic"), "face"),
    ("face null", (PAGE, "pix2pix-hangul", None), "face"),
    ("face that a small net does not know", (PAGE, "pix2pix-hangul-half", "round"), "face"),
]
BAD_PAIR: list[tuple[str, tuple[Any, ...], str]] = [
    ("syllable null", (None,), "syllable"),
    ("syllable a number", (3,), "syllable"),
    ("syllable empty", ("",), "syllable"),
    ("two syllables", ("한글",), "syllable"),
    ("a syllable outside KS X 1001", ("뷁",), "syllable"),
    ("a jamo", ("ㄱ",), "syllable"),
    ("face unknown", ("글", "gothic"), "face"),
    ("face null", ("글", None), "face"),
]
BAD_VERDICTS: list[tuple[str, tuple[Any, ...], str]] = [
    ("source null", (None, PAGE), "source"),
    ("source too small", ([[0] * 63] * 64, PAGE), "source"),
    ("source above 1", ([[2] * 64] * 64, PAGE), "source"),
    ("image null", (PAGE, None), "image"),
    ("image too wide", (PAGE, [[0] * 65] * 64), "image"),
    ("image with text", (PAGE, [["x"] * 64] * 64), "image"),
]
GAP: dict[str, Any] = {"rows": [None, 3, None, None, 0], "x": 2, "wind": 1, "dust": 0}
BAD_GAP_STEP = [
    ("state null", (None, 0), "state"),
    ("state a list", ([1, 2], 0), "state"),
    ("rows missing", ({"x": 2, "wind": 1}, 0), "state.rows"),
    ("four rows", (with_(GAP, rows=[None] * 4), 0), "state.rows"),
    ("a gap of 6", (with_(GAP, rows=[6, None, None, None, None]), 0), "state.rows[0]"),
    ("a gap as text", (with_(GAP, rows=[None, "wall", None, None, None]), 0), "state.rows[1]"),
    ("x 6", (with_(GAP, x=6), 0), "state.x"),
    ("x half", (with_(GAP, x=0.5), 0), "state.x"),
    ("wind 2", (with_(GAP, wind=2), 0), "state.wind"),
    ("dust -1", (with_(GAP, dust=-1), 0), "state.dust"),
    ("an unknown part", (with_(GAP, y=1), 0), "state.y"),
    ("action 2", (GAP, 2), "action"),
    ("action null", (GAP, None), "action"),
    ("action text", (GAP, "left"), "action"),
    ("seed negative", (GAP, 0, -1), "seed"),
    ("seed half", (GAP, 0, 0.5), "seed"),
]
BAD_GAP_PLAY = [
    ("player unknown", ("best", 10), "player"),
    ("player null", (None, 10), "player"),
    ("one episode", ("random", 1), "episodes"),
    ("too many episodes", ("random", 2001), "episodes"),
    ("episodes half", ("random", 2.5), "episodes"),
    ("seed text", ("random", 10, "x"), "seed"),
]
BAD_DREAM = [
    ("seed negative", (-1,), "seed"),
    ("no steps", (0, 0), "steps"),
    ("too many steps", (0, 101), "steps"),
    ("temperature 0", (0, 2, 0), "temperature"),
    ("temperature text", (0, 2, "hot"), "temperature"),
    ("temperature too high", (0, 2, 3), "temperature"),
    ("actions too few", (0, 2, 1, [0]), "actions"),
    ("actions text", (0, 2, 1, "left"), "actions"),
    ("an action of 2", (0, 2, 1, [0, 2]), "actions[1]"),
    ("an action null", (0, 2, 1, [None, 0]), "actions[0]"),
]
CONV = {"image": [[0.0, 1.0], [1.0, 0.0]], "kernel": [[1.0]], "stride": 1, "padding": 0,
        "dilation": 1}  # fmt: skip
BAD_CONVOLVE = [
    (f"{name} {what}", list({**CONV, name: value}.values()), name)
    for name, values in {
        "image": {
            "null": None,
            "text": "abc",
            "flat": [0, 1],
            "empty": [],
            "ragged": [[0, 1], [1]],
            "too tall": [[0]] * 29,
            "with text": [[0, "a"], [1, 0]],
            "with true": [[0, True], [1, 0]],
            "huge": [[0, 1e9], [1, 0]],
            "3-D": [[[0]]],
        },
        "kernel": {"null": None, "too wide": [[1] * 8], "with null": [[None]], "a number": 1},
        "stride": {"0": 0, "half": 1.5, "8": 8, "text": "two", "null": None, "true": True},
        "padding": {"-1": -1, "15": 15, "null": None},
        "dilation": {"0": 0, "8": 8, "text": "x"},
    }.items()
    for what, value in values.items()
] + [("a kernel that does not fit", ([[1.0]], [[1.0, 1.0]], 1, 0, 1), "image")]
BAD_NET = [
    *(row for row in BAD_IMAGE if row[2] == "image"),
    ("model unknown", (GREY, "resnet"), "model"),
    ("model null", (GREY, None), "model"),
    ("model of another family", (GREY, "vae-mnist"), "model"),
]
BAD_EXPLAIN = [
    *((what, (*row, 3, "gradient"), field) for what, row, field in BAD_IMAGE if field == "image"),
    ("label 10", (GREY, 10, "gradient"), "label"),
    ("label half", (GREY, 0.5, "gradient"), "label"),
    ("label null", (GREY, None, "gradient"), "label"),
    ("label text", (GREY, "three", "gradient"), "label"),
    ("method unknown", (GREY, 3, "lime"), "method"),
    ("method null", (GREY, 3, None), "method"),
]
SMALL, LARGE = [[0.0, 1.0]], [[0.0] * 4] * 2  # the pictures of two levels
BAD_FADE: list[tuple[str, tuple[Any, ...], str]] = [
    ("old null", (None, LARGE, 0.5), "old"),
    ("old flat", ([0, 1], LARGE, 0.5), "old"),
    ("old empty", ([], LARGE, 0.5), "old"),
    ("old too tall", ([[0.0]] * 33, LARGE, 0.5), "old"),
    ("old with text", ([["a", 1]], LARGE, 0.5), "old"),
    ("new text", (SMALL, "picture", 0.5), "new"),
    ("new as small as old", (SMALL, SMALL, 0.5), "new"),
    ("new ragged", (SMALL, [[0.0] * 4, [0.0] * 3], 0.5), "new"),
    ("new NaN", (SMALL, [[NAN] * 4] * 2, 0.5), "new"),
    ("alpha below 0", (SMALL, LARGE, -0.1), "alpha"),
    ("alpha above 1", (SMALL, LARGE, 1.5), "alpha"),
    ("alpha null", (SMALL, LARGE, None), "alpha"),
    ("alpha true", (SMALL, LARGE, True), "alpha"),
]
GROWN = {"n": 1, "seed": 0, "level": 3, "alpha": 1.0}
BAD_GROWN = [
    (f"{field}, {what}", list({**GROWN, field: value}.values()), field)
    for field, values in {
        "n": {"0": 0, "65": 65, "half": 2.5, "text": "many", "null": None, "true": True},
        "seed": {"-1": -1, "too large": 2**31, "null": None, "text": "x"},
        "level": {"-1": -1, "4": 4, "half": 1.5, "null": None, "a side": "32"},
        "alpha": {"below 0": -0.1, "above 1": 1.5, "NaN": NAN, "null": None, "true": True},
    }.items()
    for what, value in values.items()
]
BAD_DRAWN: list[tuple[str, tuple[Any, ...], str]] = [
    ("n 0", (0,), "n"),
    ("n too large", (65,), "n"),
    ("n text", ("ten",), "n"),
    ("n null", (None,), "n"),
    ("seed negative", (1, -1), "seed"),
    ("seed too large", (1, 2**31), "seed"),
    ("seed half", (1, 0.5), "seed"),
    ("label 10", (1, 0, 10), "label"),
    ("label negative", (1, 0, -1), "label"),
    ("label text", (1, 0, "3"), "label"),
    ("label true", (1, 0, True), "label"),
    ("truncation 0", (1, 0, None, 0), "truncation"),
    ("truncation too small", (1, 0, None, 0.03), "truncation"),
    ("truncation too large", (1, 0, None, 10.5), "truncation"),
    ("truncation text", (1, 0, 3, "half"), "truncation"),
]
BAD_TRUNCATED: list[tuple[str, tuple[Any, ...], str]] = [
    ("n 0", (0, 0.5), "n"),
    ("n too large", (100_001, 0.5), "n"),
    ("n half", (1.5, 0.5), "n"),
    ("psi 0", (1, 0), "psi"),
    ("psi negative", (1, -1), "psi"),
    ("psi too large", (1, 10.5), "psi"),
    ("psi text", (1, "half"), "psi"),
    ("psi null", (1, None), "psi"),
    ("seed negative", (1, 0.5, -1), "seed"),
    ("seed too large", (1, 0.5, 2**31), "seed"),
    ("seed null", (1, 0.5, None), "seed"),
]
BAD_SPECTRAL: list[tuple[str, tuple[Any, ...], str]] = [
    ("matrix null", (None,), "matrix"),
    ("matrix flat", ([1, 2],), "matrix"),
    ("matrix ragged", ([[1, 2], [3]],), "matrix"),
    ("matrix too wide", ([[1] * 65],), "matrix"),
    ("matrix huge", ([[1e7]],), "matrix"),
    ("matrix with null", ([[None]],), "matrix"),
    ("no rounds", ([[1]], 0), "rounds"),
    ("too many rounds", ([[1]], 1001), "rounds"),
    ("rounds half", ([[1]], 2.5), "rounds"),
    ("seed negative", ([[1]], 1, -1), "seed"),
    ("seed text", ([[1]], 1, "x"), "seed"),
]
BAD = [
    *(("/progan_sample", *row) for row in BAD_GROWN),
    *(("/progan_fade", *row) for row in BAD_FADE),
    *(("/biggan_sample", *row) for row in BAD_DRAWN),
    *(("/biggan_truncated", *row) for row in BAD_TRUNCATED),
    *(("/biggan_spectral", *row) for row in BAD_SPECTRAL),
    *(("/pix2pix_translate", *row) for row in BAD_STROKES),
    *(("/pix2pix_pair", *row) for row in BAD_PAIR),
    *(("/pix2pix_verdicts", *row) for row in BAD_VERDICTS),
    *(("/cnn_convolve", *row) for row in BAD_CONVOLVE),
    *(("/cnn_forward", *row) for row in BAD_NET),
    *(("/cnn_explain", *row) for row in BAD_EXPLAIN),
    *(("/attention_step", *row) for row in BAD_STEP),
    *(("/date_translate", *row) for row in BAD_DATE),
    *((name, what, row, field) for what, row, field, name in BAD_COMPARE),
    *(("/ebm_langevin_step", *row) for row in BAD_LANGEVIN),
    *(("/ebm_energy", *row) for row in BAD_IMAGE if row[2] == "image"),
    *(("/ebm_sample", *row) for row in BAD_CHAIN),
    *(("/ddpm_forward", *row) for row in BAD_NOISE),
    *(("/ddpm_sample", *row) for row in BAD_DIGITS),
    *(("/flow_coupling", *row) for row in BAD_COUPLING),
    *(("/flow_log_prob", *row) for row in BAD_LOG_PROB),
    *(("/flow_sample", *row) for row in BAD_SAMPLE),
    *(("/gan_backward", *row) for row in BAD_GAN),
    *(("/pixelcnn_conditional", what, (*row, 0, 0), field) for what, row, field in BAD_BINARY),
    *(("/pixelcnn_conditional", *row) for row in BAD_PLACE),
    *(("/pixelcnn_log_prob", *row) for row in BAD_BINARY),
    *(("/pixelcnn_sample", *row) for row in BAD_PIXELS),
    *(("/gan_sample", *row) for row in BAD_GAN_SAMPLE),
    *(("/vae_encode", *row) for row in BAD_IMAGE),
    *(("/vae_elbo", *row) for row in BAD_ELBO),
    *(("/vae_decode", *row) for row in BAD_CODE),
    *(("/rnn_forward", *row) for row in BAD_FORWARD),
    *(("/rnn_backward", *row) for row in BAD_BACKWARD),
    *(("/hopfield_recall", *row) for row in BAD_RECALL),
    *(("/world_step", *row) for row in BAD_GAP_STEP),
    *(("/world_play", *row) for row in BAD_GAP_PLAY),
    *(("/world_dream", *row) for row in BAD_DREAM),
]
