"""The picture on the lesson's card of the home page."""

from __future__ import annotations

import numpy as np

from apps.lessons.pixelcnn import models as m
from apps.lessons.pixelcnn import ways
from apps.lessons.pixelcnn.inputs import binary_digits
from apps.lessons.shared import pictures
from apps.stage import board as b

DIGIT, KEPT, SEED = 30, 14, 0
SHOWN = (14, 17, 20, 23, 28)  # rows that are there in each picture
COUNT = 2  # completions


def picture() -> b.Widget:
    """Draw half a digit and two completions of it, as they come row by row."""
    image = binary_digits("tossed")[DIGIT]
    one = ways.way(
        m.NAME,
        ways.noise(SEED, COUNT),
        ("home", SEED),
        given=np.repeat(image[None], COUNT, 0),
        start=KEPT * m.SIDE,
    )
    last = ways.end(one)["x"]
    below = np.arange(m.SIDE)[:, None]
    films = [[np.where(below < rows, x, 0.0) for rows in SHOWN] for x in last]
    sheet = np.concatenate([np.pad(pictures.strip(np.stack(f)), ((0, 2), (0, 0))) for f in films])
    given = b.grey("", films[0][0], size=84, role="real")
    return b.row(given, b.text("→"), b.grey("", sheet[:-2], size=220), gap="mid")
