"""Read and write files whole; safetensors files that are the same bytes each time."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


POINTER = b"version https://git-lfs"  # what Git LFS leaves in a file's place until it is fetched


def read_bytes(path: Path) -> bytes | None:
    """Return a file's bytes as they lie there, None where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError:
        return None


def write_whole(path: Path, data: bytes) -> None:
    """Write a file beside its place first, then put it there in one step.

    Raises:
        OSError: it cannot be written; nothing is left behind.
    """
    part = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        part.write_bytes(data)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def tensor_bytes(tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> bytes:
    """Return a safetensors file: equal content, equal bytes.

    safetensors itself writes the entries of the metadata in an order that changes from run to run.
    """
    from safetensors.torch import save

    data = save({name: value.contiguous() for name, value in tensors.items()})
    size = int.from_bytes(data[:8], "little")
    head = {"__metadata__": dict(metadata), **json.loads(data[8 : 8 + size])}
    text = json.dumps(head, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + data[8 + size :]
