"""A run's state survives the way to the page and back; anything else is refused."""

import base64

import pytest
import torch
from safetensors.torch import save

from core.inputs import InputError
from core.models.flat.packing import pack, unpack


def test_what_was_packed_comes_back():
    generator = torch.Generator().manual_seed(0)
    tensors = {
        "w": torch.randn(3, 5, generator=generator),
        "turned": torch.randn(4, 2, generator=generator).T,
        "step": torch.tensor(7),
    }
    back, about = unpack(pack(tensors, {"seed": 3, "loss": "hinge"}))
    assert about == {"seed": 3, "loss": "hinge"}
    assert set(back) == set(tensors)
    assert all(torch.equal(back[name], tensors[name]) for name in tensors)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no base64!",
        "AAAA",
        base64.b64encode(b"\xff" * 64).decode(),
        base64.b64encode(save({"w": torch.zeros(2)})).decode(),  # without "about"
        pack({"w": torch.zeros(2)}, None)[:-40],
        pack({"w": torch.zeros(1_000_000)}, None),
        None,
        3,
    ],
)
def test_anything_else_is_refused(text):
    with pytest.raises(InputError, match="state"):
        unpack(text)
