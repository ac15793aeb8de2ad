"""Pack tensors and JSON into one string, for a run whose state travels with its page.

The string is base64 of a safetensors file: no code can hide in it. Names, shapes and values of one
that came over the network still have to be checked: `unpack` only ensures that it is such a file,
no larger than allowed.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from core.inputs import InputError

if TYPE_CHECKING:
    from torch import Tensor

MOST = 3_000_000  # bytes


def pack(tensors: Mapping[str, Tensor], about: Any) -> str:
    """Return tensors, and anything that JSON can hold, as a string."""
    from safetensors.torch import save

    loose = {name: value.detach().contiguous() for name, value in tensors.items()}
    return base64.b64encode(save(loose, {"about": json.dumps(about)})).decode()


def unpack(text: str) -> tuple[dict[str, Tensor], Any]:
    """Return the tensors and the JSON value that `pack` was given.

    Raises:
        InputError: it is no such string.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load

    try:
        raw = base64.b64decode(text, validate=True)
        if len(raw) > MOST:
            raise ValueError
        size = int.from_bytes(raw[:8], "little")
        about = json.loads(json.loads(raw[8 : 8 + size])["__metadata__"]["about"])
        return load(raw), about
    except (binascii.Error, ValueError, KeyError, TypeError, SafetensorError) as error:
        raise InputError("object", field="state", got="?", allowed="pack(…)") from error
