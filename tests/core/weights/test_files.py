"""Files: whole or not at all, and the same bytes for the same content."""

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load, save

from core.weights.files import tensor_bytes, write_whole


def test_equal_content_is_equal_bytes_whatever_safetensors_does():
    tensors = {"b": torch.arange(6).view(2, 3).mT, "a": torch.rand(3, dtype=torch.float64).half()}
    about = {f"key {i}": "é" * i for i in range(9)}  # in a file of its own they change places
    assert len({tensor_bytes(tensors, about) for _ in range(5)}) == 1
    assert len({save({}, about) for _ in range(50)}) > 1


def test_safetensors_reads_what_was_written(tmp_path):
    tensors, about = {"x": torch.arange(6).view(2, 3).mT}, {"licence": "CC0", "source": "“here”"}
    write_whole(tmp_path / "x", tensor_bytes(tensors, about))
    assert torch.equal(load((tmp_path / "x").read_bytes())["x"], tensors["x"])
    with safe_open(tmp_path / "x", "pt") as file:
        assert file.metadata() == about


def test_what_cannot_be_put_in_place_leaves_nothing(tmp_path):
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError):
        write_whole(tmp_path / "folder", b"a file cannot take a folder's place")
    assert [p.name for p in tmp_path.iterdir()] == ["folder"]
