"""The Pix2Pix tab: three losses by hand, strokes into type, skips, patches, λ, unseen syllables."""

from __future__ import annotations

from apps.lessons.pix2pix import models
from apps.lessons.pix2pix.balance import WAYS, balance
from apps.lessons.pix2pix.blind import blind
from apps.lessons.pix2pix.draw import draw
from apps.lessons.pix2pix.inputs import FACES, Inputs, picture
from apps.lessons.pix2pix.patch import patch
from apps.lessons.pix2pix.skips import skips
from apps.lessons.pix2pix.toy import toy
from apps.lessons.pix2pix.unseen import SIZES, net_of, unseen
from apps.lessons.shared import nets
from apps.stage import Tab
from apps.stage.contract import Functions, View
from apps.stage.server import alone
from core.inputs import choice
from core.models.pix2pix import by_hand, field

# ---- the API


def pix2pix_translate(image: list, model: str = models.MAIN, face: str = FACES[0]) -> dict:
    """Return the type that a trained net makes of strokes, in float32.

    Args:
        image: 64 rows of 64 numbers from 0 (paper) to 1 (ink).
        model: "pix2pix-hangul"; "pix2pix-hangul-half", "-l1", "-adversarial" or "-blind".
        face: "myeongjo" or "round"; the smaller nets know only the first.

    Returns:
        "image" 64 x 64 in [0, 1]. Strokes that are all paper are translated too: the net leaves
        the paper as blank as it can.

    Raises:
        InputError: an input that is refused, in one sentence that names it, what came and what is
            allowed; also a model that is not here.
    """
    x = picture("image", image)
    name = nets.usable("model", model, models.NETS)
    known = FACES if name == models.MAIN else FACES[:1]
    return {"image": models.translate(name, x[None], choice("face", face, known))[0]}


def pix2pix_pair(syllable: str, face: str = FACES[0]) -> dict:
    """Return a pair of the data: a character's strokes as by a hand, and its type.

    Args:
        syllable: one of the 2350 syllables of KS X 1001, or A to Z, a to z, 0 to 9.
        face: "myeongjo" or "round".

    Returns:
        "source" and "target" 64 x 64 in [0, 1], 1 ink; "held_out", whether no net was trained on
        it.

    Raises:
        InputError: a character or a face that has no picture.
    """
    from core.data import hangul

    hangul.index(syllable)
    source, target = models.pairs(syllable, choice("face", face, FACES))
    return {
        "source": source[0],
        "target": target[0],
        "held_out": syllable in hangul.held_out_syllables(),
    }


def pix2pix_verdicts(source: list, image: list) -> dict:
    """Return what the discriminator makes of a picture beside strokes, patch by patch.

    Args:
        source: the strokes, 64 rows of 64 numbers from 0 (paper) to 1 (ink).
        image: the picture beside them, likewise.

    Returns:
        "map" 14 x 14 logits, larger: taken for a true pair; "field", how many pixels of each side
        one of them sees.

    Raises:
        InputError: an input that is refused, in one sentence that names it, what came and what is
            allowed; also where the model is not here.
    """
    x, y = picture("source", source), picture("image", image)
    return {
        "map": models.verdicts(models.MAIN, x[None], y[None])[0],
        "field": field.follow(64, [2, 2, 1, 1])[-1].field,
    }


# ---- the tab


def sources(inputs: Inputs) -> dict[str, Functions]:
    """Return the functions of each view's code drawer, imported on opening: torch takes seconds."""
    del inputs
    from core.data import hangul
    from core.models.pix2pix import translator

    net = (translator.Generator.levels, translator.Pix2Pix.translate)
    judge = (translator.Pix2Pix.judge, translator.d_loss)
    return {
        "toy": (by_hand.toy, by_hand.weighted_median),
        "draw": net,
        "skips": net,
        "patch": (field.follow, field.seen_by, *judge),
        "balance": (translator.g_loss, translator.d_loss),
        "blind": judge,
        "unseen": (hangul.held_out_syllables, hangul.training, *net),
    }


TRAINED = {
    "draw": (draw, (models.MAIN, models.READER)),
    "skips": (skips, (models.MAIN,)),
    "patch": (patch, (models.MAIN,)),
    "balance": (balance, tuple(WAYS.values())),
    "blind": (blind, (models.HALF, models.BLIND)),
    "unseen": (unseen, tuple(net_of(n) for n in SIZES)),
}

TAB = Tab(
    name="pix2pix",
    inputs=Inputs,
    views={
        "toy": View(toy),
        **{name: nets.view(board, needs=needs) for name, (board, needs) in TRAINED.items()},
    },
    endpoints=(pix2pix_translate, pix2pix_pair, pix2pix_verdicts),
    sources=sources,
)

__getattr__ = alone.lazily(TAB)  # `demo`, built when it is asked for
if __name__ == "__main__":
    demo = alone.build(TAB)
    alone.run(demo, TAB)
