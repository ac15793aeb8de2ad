"""View "latent": the codes of a trained GAN and its discriminator's scores."""

from __future__ import annotations

from apps.lessons.gan.directions import directions, directions_source
from apps.lessons.gan.inputs import Inputs
from apps.lessons.gan.nets import FREE
from apps.lessons.gan.scores import scores, scores_source
from apps.lessons.gan.shows import Show, arc_checks, chosen_board, chosen_source, nets_limit
from apps.lessons.gan.walk import walk, walk_source
from apps.lessons.shared import nets
from apps.stage.contract import Board, Functions

SHOWS = {
    "directions": Show(
        nets.view(directions, directions_source, needs=FREE, checks=arc_checks),
        ("way_1", "way_2", "way_3", "way_4"),
    ),
    "walk": Show(nets.view(walk, walk_source, needs=FREE, checks=arc_checks), ("other_seed",)),
    "scores": Show(
        nets.view(scores, scores_source, needs=FREE, checks=arc_checks), ("digit", "clear")
    ),
}


def latent(inputs: Inputs) -> Board:
    """Show directions in the space of codes, a path between two codes, or D's scores of images."""
    board = chosen_board(SHOWS, inputs)
    return {**board, "limits": {**board.get("limits", {}), "model": nets_limit(FREE)}}


def source(inputs: Inputs) -> Functions:
    """Return the functions shown in the code drawer."""
    return chosen_source(SHOWS, inputs)
