"""The picture on the lesson's card of the home page."""

from __future__ import annotations

from apps.stage import board as b

WARM, DREAMED = 4, 14  # real frames first, then how far the dream has gone


def picture() -> b.Widget:
    """Draw a frame of the game, and what M dreams it to be, under the same actions."""
    from apps.lessons.world import minds
    from apps.lessons.world.dream import run

    game, moments = run(6, WARM, 1.0)
    at = WARM - 1 + DREAMED
    return b.row(
        minds.screen("", minds.frame_of(game.states[at]), "real", 150),
        minds.screen("", minds.decode(moments[at].z), "made", 150),
        gap="mid",
    )
