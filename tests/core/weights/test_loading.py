"""Weights: one checked load for all requests; names, files and manifests that are wrong."""

import hashlib
import json
import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from safetensors.torch import load_file, save_file

from core.weights import load
from core.weights.card import Card, change, write_card
from core.weights.download import Patience, source
from core.weights.errors import WEIGHT_RULES, WeightError
from tests.core.weights.hub_case import (
    QUICK,
    REPO,
    carded,
    refused,
    same,
)


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_bundled_needs_no_network(hub, tmp_path, dtype):
    card = carded(tmp_path / "w", dtype=dtype)
    change(lambda old: type(old)(REPO, "1" * 40, old.cards), tmp_path / "w")
    net = load("toy", folder=tmp_path / "w")
    assert same(net, dtype=getattr(torch, dtype))
    assert not net.training and not any(p.requires_grad for p in net.parameters())
    assert {p.dtype for p in net.parameters()} == {torch.float32}
    assert card.parameters == sum(p.numel() for p in net.parameters())
    assert load("toy", folder=tmp_path / "w") is net
    assert hub.asked == []


def test_a_wrong_bundled_file_without_a_hub(tmp_path, monkeypatch):
    monkeypatch.delenv("WEIGHTS_REPO", raising=False)
    card = carded(tmp_path)
    (tmp_path / card.file).write_bytes(b"?" * card.bytes)
    assert refused("toy", tmp_path).rule == "weights_digest"
    (tmp_path / card.file).unlink()
    assert refused("toy", tmp_path).rule == "weights_missing"


def test_one_load_for_all_who_ask_at_once(hub, folder):
    barrier = threading.Barrier(8)

    def ask(_):
        barrier.wait()
        return load("toy", folder=folder, patience=QUICK)

    with ThreadPoolExecutor(8) as pool:
        nets = list(pool.map(ask, range(8)))
    assert all(net is nets[0] for net in nets) and hub.downloads() == 1


def test_the_rest_goes_on_while_one_model_hangs(hub, folder):
    carded(folder, "other", seed=1)
    hub.fault = "hang"
    with ThreadPoolExecutor(1) as pool:
        hanging = pool.submit(refused, "toy", folder, Patience(deadline=30, attempts=1))
        assert same(load("other", folder=folder), seed=1)
        assert not hanging.done()
        hub.closing.set()  # the server hangs up
        assert hanging.result().rule == "hub_unreachable"


def test_every_rule_is_one_sentence_with_what_to_do():
    from core.inputs import RULES

    assert not WEIGHT_RULES.keys() & RULES.keys()
    for rule, text in WEIGHT_RULES.items():
        parts = {name: f"<{name}>" for name in re.findall(r"{(\w+)}", text)}
        said = str(WeightError(rule, **parts))
        assert all(part in said for part in parts.values())
        assert said.endswith(".") and ";" in said and ". " not in said


def test_names_that_are_no_model(tmp_path):
    assert refused("vae", tmp_path).parts["allowed"] == "none yet"
    carded(tmp_path)
    for name in ("../toy", "", "toy.safetensors", "x" * 1000):
        error = refused(name, tmp_path)
        assert error.rule == "weights_unknown" and error.parts["allowed"] == "toy"
        assert len(str(error)) < 200


@pytest.mark.parametrize("what", ["missing", "extra", "shape", "config", "class", "bytes"])
def test_a_file_that_does_not_fit_is_refused(tmp_path, what):
    card = carded(tmp_path)
    path, fields = tmp_path / card.file, dict(vars(card))
    tensors = load_file(path)
    name = next(iter(tensors))
    if what == "missing":
        del tensors[name]
    elif what == "extra":
        tensors["extra"] = torch.zeros(1)
    elif what == "shape":
        tensors[name] = tensors[name][..., :1].contiguous()
    elif what == "config":
        fields["config"] = {**card.config, "depth": 3}
    elif what == "class":
        fields["model"] = "core.models.vae:Nothing"
    save_file(tensors, path)
    data = b"no safetensors" if what == "bytes" else path.read_bytes()
    path.write_bytes(data)
    fields |= {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    write_card(Card(**fields), tmp_path)
    assert refused("toy", tmp_path).rule == "weights_fit"


@pytest.mark.parametrize(
    ("wanted", "repo", "revision"),
    [
        ("", REPO, "a" * 40),
        (REPO, REPO, "a" * 40),
        (f"{REPO}@v1", REPO, "v1"),
        ("other/place", "other/place", "main"),
        ("other/pl.a-ce_2@refs/pr/1", "other/pl.a-ce_2", "refs/pr/1"),
    ],
)
def test_where_to_look(tmp_path, monkeypatch, wanted, repo, revision):
    monkeypatch.setenv("WEIGHTS_REPO", wanted)
    known = change(lambda old: type(old)(REPO, "a" * 40, old.cards), tmp_path)
    found = source(known)
    assert found and (found.repo, found.revision) == (repo, revision)


@pytest.mark.parametrize(
    "wanted",
    ["weights", "a/b/c", "../x", "a/..", "a/b@../c", "http://x/y", "a/b.git", f"a/{'b' * 99}"],
)
def test_no_repository(hub, folder, monkeypatch, wanted):
    monkeypatch.setenv("WEIGHTS_REPO", wanted)
    assert refused("toy", folder).rule == "weights_repo" and hub.asked == []


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"cards": {}}', '{"repo": null, "revision": "main", "cards": {}}']
    + [
        json.dumps({"repo": None, "revision": None, "cards": {"x": fields}})
        for fields in (None, {}, {"name": "x"})
    ],
)
def test_a_damaged_manifest_is_one_sentence(tmp_path, text):
    (tmp_path / "manifest.json").write_text(text)
    assert refused("toy", tmp_path).rule == "weights_manifest"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("file", "../x.safetensors"),
        ("file", "x.pt"),
        ("model", "os:System"),
        ("model", "core.models.vae.os:System"),
        ("name", "a/b"),
        ("sha256", "0" * 63),
        ("bytes", -1),
        ("bytes", True),
        ("dtype", "float8"),
    ],
)
def test_a_card_that_points_elsewhere_is_refused(tmp_path, field, value):
    card = carded(tmp_path)
    with pytest.raises(ValueError, match=field):
        Card(**{**vars(card), field: value})
