"""View "classes": a conditional GAN, the effect of its labels and a use of its digits."""

from __future__ import annotations

from apps.lessons.gan.augment import augment, augment_source
from apps.lessons.gan.blend import blend, blend_source
from apps.lessons.gan.inputs import Inputs
from apps.lessons.gan.label_grid import label_grid, label_grid_source
from apps.lessons.gan.nets import CGAN
from apps.lessons.gan.shows import Show, arc_checks, chosen_board, chosen_source
from apps.lessons.shared import nets
from apps.stage.contract import Board, Functions

NEEDS = (CGAN, nets.CLASSIFIER)
SHOWS = {
    "classes": Show(
        nets.view(label_grid, label_grid_source, needs=NEEDS, checks=arc_checks), ("seed",)
    ),
    "blend": Show(
        nets.view(blend, blend_source, needs=NEEDS, checks=arc_checks),
        ("seed", "class_a", "class_b"),
    ),
    "augment": Show(nets.view(augment, augment_source, needs=(CGAN,), checks=arc_checks)),
}


def classes(inputs: Inputs) -> Board:
    """Show ten codes under each label, blended labels, or generated digits as training data."""
    return chosen_board(SHOWS, inputs)


def source(inputs: Inputs) -> Functions:
    """Return the functions shown in the code drawer."""
    return chosen_source(SHOWS, inputs)
