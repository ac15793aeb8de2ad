"""Weights: bundled, cached, fetched; every fault of the Hub ends in a sentence or the fallback."""

import hashlib
import json
import os
import re
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch
from huggingface_hub import close_session, constants, hf_hub_download, scan_cache_dir
from safetensors.torch import load_file, save_file

from core.cards import WEIGHT_RULES, Card, WeightError, change, manifest, write_card
from core.hub import Patience, source
from core.inputs import InputError
from core.weights import forget, load
from tests.hub_case import carded, held, model, point
from tests.hub_server import HubServer

REPO = "seminar/weights"
QUICK = Patience(deadline=30, stall=10, attempts=2, pause=0.01)
HASTY = Patience(deadline=30, stall=0.3, attempts=2, pause=0.01)  # where the server hangs


@pytest.fixture(autouse=True)
def fresh():
    forget()
    yield
    forget()


@pytest.fixture
def hub(monkeypatch, tmp_path):
    with HubServer() as server:
        server.cache = point(monkeypatch, server.url, tmp_path / "home")
        yield server
        close_session()


@pytest.fixture
def folder(hub, tmp_path):
    """A folder with a manifest whose file lies on the Hub alone."""
    place = tmp_path / "weights"
    card = carded(place)
    commit = hub.put(REPO, {card.file: (place / card.file).read_bytes()})
    change(lambda old: type(old)(REPO, commit, old.cards), place)
    (place / card.file).unlink()
    return place


def same(net, seed=0, dtype=torch.float32):
    want = model(seed).state_dict()
    got = net.state_dict()
    assert got.keys() == want.keys()
    return all(torch.equal(got[k], want[k].to(dtype).to(got[k].dtype)) for k in want)


def refused(name, folder, patience=QUICK):
    with pytest.raises(WeightError) as caught:
        load(name, folder=folder, patience=patience)
    error = caught.value
    assert isinstance(error, InputError) and isinstance(error, ValueError)
    assert str(error) == WEIGHT_RULES[error.rule].format(**error.parts)
    return error


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


def test_a_real_download_lands_in_the_cache_as_huggingface_hub_wants_it(hub, folder):
    steps = []
    net = load("toy", folder=folder, patience=QUICK, progress=lambda *step: steps.append(step))
    card, known = manifest(folder).cards["toy"], manifest(folder)
    assert same(net) and hub.downloads() == 1
    assert steps[-1] == (card.bytes, card.bytes) and steps == sorted(steps) and len(steps) > 1
    path = hf_hub_download(REPO, card.file, revision=known.revision, local_files_only=True)
    assert Path(path).read_bytes() == hub.files(REPO)[1][card.file]
    found = scan_cache_dir(hub.cache)
    assert not found.warnings and found.size_on_disk == card.bytes
    assert not [name for name in held(hub.cache) if name.endswith((".part", ".incomplete"))]


def test_huggingface_hub_s_own_download_understands_the_server(hub, folder):
    known = manifest(folder)
    path = hf_hub_download(REPO, "toy.safetensors", revision=known.revision, endpoint=hub.url)
    assert Path(path).read_bytes() == hub.files(REPO)[1]["toy.safetensors"]
    hub.asked.clear()
    assert same(load("toy", folder=folder)) and hub.asked == []


def test_the_cache_serves_when_the_hub_is_gone(hub, folder):
    load("toy", folder=folder, patience=QUICK)
    hub.fault, hub.asked = "500", []
    forget()
    assert same(load("toy", folder=folder)) and hub.asked == []


def test_a_damaged_cache_is_mended(hub, folder):
    load("toy", folder=folder, patience=QUICK)
    (blob,) = (p for p in hub.cache.rglob("*") if p.is_file() and not p.is_symlink())
    good = blob.read_bytes()
    blob.write_bytes(good[:-1] + b"!")
    forget()
    assert same(load("toy", folder=folder, patience=QUICK))
    assert blob.read_bytes() == good and hub.downloads() == 2


FAULTS = [
    ("404", "hub_missing", 1),
    ("401", "hub_login", 1),
    ("403", "hub_login", 1),
    ("429", "hub_status", 2),
    ("500", "hub_status", 2),
    ("503", "hub_status", 2),
    ("hang", "hub_slow", 2),
    ("stall", "hub_slow", 2),
    ("cut", "hub_cut", 2),
    ("wrong", "weights_digest", 1),
    ("longer", "weights_digest", 1),
]


@pytest.mark.parametrize(("fault", "rule", "attempts"), FAULTS)
def test_a_fault_ends_in_its_sentence_and_leaves_no_file(hub, folder, fault, rule, attempts):
    hub.fault = fault
    error = refused("toy", folder, HASTY if rule == "hub_slow" else QUICK)
    assert error.rule == rule and hub.downloads() == attempts
    assert error.parts["file"] == "toy.safetensors" and REPO in error.parts.values()
    assert not hub.cache.exists() or not held(hub.cache)
    hub.fault = None  # and nothing is remembered of it
    assert same(load("toy", folder=folder, patience=QUICK))


@pytest.mark.parametrize("fault", [fault for fault, _, _ in FAULTS])
def test_with_the_file_bundled_no_fault_is_felt(hub, tmp_path, fault):
    hub.fault = fault
    carded(tmp_path / "w")
    change(lambda old: type(old)(REPO, "1" * 40, old.cards), tmp_path / "w")
    assert same(load("toy", folder=tmp_path / "w")) and hub.asked == []


@pytest.mark.parametrize("fault", ["429", "500", "503", "hang", "stall", "cut"])
def test_what_passes_is_tried_again(hub, folder, fault):
    hub.fault, hub.times = fault, 1
    patience = Patience(deadline=30, stall=0.5, attempts=9, pause=0.01)
    assert same(load("toy", folder=folder, patience=patience)) and hub.downloads() >= 2


@pytest.mark.parametrize("fault", ["hang", "stall"])
def test_our_deadline_ends_what_the_network_would_not(hub, folder, fault):
    """The server answers only when it closes, the client would wait 1000 s: this test ends."""
    hub.fault = fault
    error = refused("toy", folder, Patience(deadline=0.3, stall=1000, attempts=9, pause=0))
    assert error.rule == "hub_slow" and error.parts["seconds"] == "0.3"
    assert not hub.cache.exists()


def test_the_deadline_ends_the_pauses_too_and_says_what_was_heard(hub, folder):
    hub.fault = "503"
    error = refused("toy", folder, Patience(deadline=0.5, stall=5, attempts=3, pause=1000))
    assert error.rule == "hub_status" and error.parts["status"] == "503"


def test_a_wrong_sum_on_the_card(hub, folder):
    card = manifest(folder).cards["toy"]
    write_card(Card(**{**vars(card), "sha256": "0" * 64}), folder)
    assert refused("toy", folder).rule == "weights_digest"
    assert not hub.cache.exists()


def test_a_wrong_bundled_file_gives_way_to_the_hub(hub, folder):
    (folder / "toy.safetensors").write_bytes(b"version https://git-lfs.github.com/spec/v1\n")
    assert same(load("toy", folder=folder, patience=QUICK)) and hub.downloads() == 1


def test_a_wrong_bundled_file_without_a_hub(tmp_path, monkeypatch):
    monkeypatch.delenv("WEIGHTS_REPO", raising=False)
    card = carded(tmp_path)
    (tmp_path / card.file).write_bytes(b"?" * card.bytes)
    assert refused("toy", tmp_path).rule == "weights_digest"
    (tmp_path / card.file).unlink()
    assert refused("toy", tmp_path).rule == "weights_missing"


def test_no_network(hub, folder, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")  # the discard port: nobody listens
    assert refused("toy", folder).rule == "hub_unreachable"
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert refused("toy", folder).rule == "hub_offline"
    assert not hub.cache.exists() and hub.asked == []


def test_an_unwritable_cache_costs_a_warning(hub, folder, caplog):
    hub.cache.parent.mkdir()
    hub.cache.write_text("a file where the cache's folder should be")
    assert same(load("toy", folder=folder, patience=QUICK))
    assert "not kept in the Hub cache" in caplog.text
    assert held(hub.cache.parent) == {"hub"}


def test_a_full_cache_costs_a_warning_and_keeps_no_half_file(hub, folder, caplog):
    resource = pytest.importorskip("resource", reason="limits of a process are POSIX")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, hard))  # less than the file
    try:
        net = load("toy", folder=folder, patience=QUICK)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert same(net) and "not kept in the Hub cache" in caplog.text
    assert not held(hub.cache)


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
        hanging = pool.submit(refused, "toy", folder, Patience(deadline=30, stall=20, attempts=1))
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


def test_another_repository_by_its_branch_is_cached_too(hub, folder, monkeypatch):
    hub.put("other/place", hub.files(REPO)[1])
    monkeypatch.setenv("WEIGHTS_REPO", "other/place")
    for _ in range(2):
        assert same(load("toy", folder=folder, patience=QUICK))
        forget()
    assert hub.downloads() == 1


def test_the_login_goes_to_the_hub_alone(hub, folder, monkeypatch):
    hub.token = "hf_seminar"
    assert refused("toy", folder).rule == "hub_login"
    monkeypatch.setenv("HF_TOKEN", hub.token)
    hub.asked.clear()
    assert same(load("toy", folder=folder, patience=QUICK))
    sent = {path.split("/")[1]: token for _, path, token in hub.asked}
    assert sent == {"seminar": "Bearer hf_seminar", "cdn": None}


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


def test_the_environment_alone_is_enough(hub, folder, tmp_path):
    """A process as a reader starts it: HF_ENDPOINT and HF_HOME, nothing patched."""
    code = (
        "import sys, pathlib; from core.weights import load;"
        "net = load('toy', folder=pathlib.Path(sys.argv[1]));"
        "print(sum(p.double().sum().item() for p in net.state_dict().values()))"
    )
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("HF_", "HUGGING"))}
    env = {**clean, "HF_ENDPOINT": hub.url, "HF_HOME": str(tmp_path / "other")}
    run = [sys.executable, "-c", code, str(folder)]
    ask = subprocess.run(
        run, env=env, capture_output=True, text=True, cwd=Path(__file__).parents[1]
    )
    assert ask.returncode == 0, ask.stderr
    want = sum(p.double().sum().item() for p in model().state_dict().values())
    assert float(ask.stdout) == pytest.approx(want, abs=1e-9)
    assert hub.downloads() == 1 and any((tmp_path / "other" / "hub").rglob("toy.safetensors"))
