"""Read and write what ships beside the trained models: samples, codes, measurements, trainings.

A model's own sha256 stands on its card; `SHA256SUMS` in the same folder lists that of every other
file, in the format that `sha256sum -c` checks. Bytes count only if their sum is the listed one.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.weights import files
from core.weights.errors import WeightError

if TYPE_CHECKING:
    import numpy as np

SUMS = "SHA256SUMS"
LINE = re.compile(r"([0-9a-f]{64}) [ *](\S+)")

_writing = threading.Lock()


def read(path: Path) -> bytes:
    """Return a listed file's bytes.

    Raises:
        WeightError: it is missing, damaged or not listed; one sentence names it.
    """
    data = files.read_bytes(path)
    if data is None:
        raise WeightError("file_missing", file=path.name)
    if data.startswith(files.POINTER):
        raise WeightError("file_pointer", file=path.name)
    if hashlib.sha256(data).hexdigest() != sums(path.parent).get(path.name):
        raise WeightError("file_digest", file=path.name)
    return data


def read_json(path: Path) -> Any:
    """Return what a listed JSON file holds; raise as `read` does."""
    return json.loads(read(path))


def read_arrays(path: Path) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Return a listed safetensors file's arrays and its metadata; raise as `read` does."""
    from safetensors.numpy import load

    data = read(path)
    head = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    return load(data), head.get("__metadata__", {})


def sums(folder: Path) -> dict[str, str]:
    """Return the sha256 of each file that a folder lists, {} where it lists none."""
    text = (files.read_bytes(folder / SUMS) or b"").decode("utf-8", "replace")
    return {found[2]: found[1] for found in map(LINE.fullmatch, text.splitlines()) if found}


def write(path: Path, data: bytes) -> None:
    """Write a file whole and list its sum."""
    with _writing:
        files.write_whole(path, data)
        listed = {**sums(path.parent), path.name: hashlib.sha256(data).hexdigest()}
        lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(listed.items()))
        files.write_whole(path.parent / SUMS, lines.encode())
