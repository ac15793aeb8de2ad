"""The nets of a training's journal: the same small net at its ten moments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from torch import Tensor

from core.models.cnn.small import Config, SmallNet

ANSWERS = "cnn-tiny-mnist-answers.safetensors"  # the digits that its confusion matrices open
START = "moments.weights."


def nets(film: Mapping[str, Tensor]) -> Iterator[SmallNet]:
    """Yield the net of each moment, first to last, in eval mode and without gradients.

    Args:
        film: the tensors of a journal of the small convolutional net, as
            `core.training.journal.read_journal` returns them.
    """
    rows = {name[len(START) :]: value for name, value in film.items() if name.startswith(START)}
    for at in range(len(film["moments.step"])):
        net = SmallNet(Config())
        net.load_state_dict({name: value[at] for name, value in rows.items()})
        yield net.eval().requires_grad_(False)
