"""What ships beside the models: listed with its sum, and counted only if that is its own."""

import hashlib
import shutil
import subprocess

import numpy as np
import pytest
from safetensors.numpy import save

from core.weights import shipped
from core.weights.card import FOLDER, cards
from core.weights.errors import WeightError
from core.weights.files import POINTER

OURS = {path.name for path in FOLDER.iterdir() if path.suffix in (".json", ".safetensors")}
LISTED = shipped.sums(FOLDER)


def test_every_file_has_one_sum_on_a_card_or_in_the_list():
    carded = {card.file for card in cards().values()}
    assert not carded & LISTED.keys()
    missing = OURS - carded - LISTED.keys() - {"manifest.json"}
    assert not missing, f"in weights/: sha256sum {' '.join(sorted(missing))} >> SHA256SUMS"
    assert LISTED.keys() <= OURS


@pytest.mark.parametrize("name", LISTED)
def test_each_listed_file_is_the_one_that_ships(name):
    data = (FOLDER / name).read_bytes()
    assert hashlib.sha256(data).hexdigest() == LISTED[name]
    assert shipped.read(FOLDER / name) == data


@pytest.mark.skipif(not shutil.which("sha256sum"), reason="no sha256sum on this system")
def test_the_list_is_in_the_format_of_sha256sum(tmp_path):
    for name in ("one", "two"):
        shipped.write(tmp_path / name, name.encode())
    done = subprocess.run(["sha256sum", "-c", shipped.SUMS], cwd=tmp_path, capture_output=True)
    assert done.returncode == 0 and done.stdout.decode() == "one: OK\ntwo: OK\n"


def test_what_was_written_is_read_back(tmp_path):
    arrays, about = {"x": np.arange(6.0).reshape(2, 3)}, {"licence": "CC0"}
    shipped.write(tmp_path / "a.safetensors", save(arrays, about))
    shipped.write(tmp_path / "b.json", b'{"x": [1, 2]}')
    found, said = shipped.read_arrays(tmp_path / "a.safetensors")
    np.testing.assert_array_equal(found["x"], arrays["x"])
    assert said == about and shipped.read_json(tmp_path / "b.json") == {"x": [1, 2]}
    shipped.write(tmp_path / "b.json", b"3")  # written anew, it is listed anew
    assert shipped.read_json(tmp_path / "b.json") == 3 and len(shipped.sums(tmp_path)) == 2


@pytest.mark.parametrize(
    ("damage", "rule"),
    [
        (lambda path: path.unlink(), "file_missing"),
        (lambda path: path.write_bytes(path.read_bytes()[:-1]), "file_digest"),
        (lambda path: path.write_bytes(b"x" + path.read_bytes()[1:]), "file_digest"),
        (lambda path: path.write_bytes(POINTER + b"/spec/v1\noid sha256:0\n"), "file_pointer"),
        (lambda path: (path.parent / shipped.SUMS).unlink(), "file_digest"),
        (lambda path: (path.parent / shipped.SUMS).write_bytes(b"\xff\n"), "file_digest"),
        (lambda path: [path.unlink(), path.mkdir()], "file_missing"),
    ],
)
def test_a_file_that_is_not_the_listed_one_is_named(damage, rule, tmp_path):
    path = tmp_path / "sample.json"
    shipped.write(path, b"[1, 2, 3]")
    damage(path)
    for read in (shipped.read, shipped.read_json, shipped.read_arrays):
        with pytest.raises(WeightError, match="sample.json") as caught:
            read(path)
        assert caught.value.rule == rule
