"""The Hub: a real download, the cache, the login; each fault ends in a sentence or the fallback."""

import errno
import os
import subprocess
import sys
import threading
from concurrent.futures import Future
from pathlib import Path

import pytest
from huggingface_hub import constants, hf_hub_download

from core.weights import download, forget, load
from core.weights.card import Card, change, manifest, write_card
from core.weights.download import Patience, kept_path
from tests.core.weights.hub_case import (
    QUICK,
    REPO,
    carded,
    held,
    model,
    refused,
    same,
    wait_for,
)


def test_a_real_download_is_kept_once_and_nothing_beside_it(hub, folder):
    assert same(load("toy", folder=folder, patience=QUICK)) and hub.downloads() == 1
    card = manifest(folder).cards["toy"]
    assert held(hub.home) == {str(kept_path(card).relative_to(hub.home))}
    assert kept_path(card).read_bytes() == hub.files(REPO)[1][card.file]


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
    file = kept_path(manifest(folder).cards["toy"])
    good = file.read_bytes()
    file.write_bytes(good[:-1] + b"!")
    forget()
    assert same(load("toy", folder=folder, patience=QUICK))
    assert file.read_bytes() == good and hub.downloads() == 2


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
def test_a_fault_ends_in_its_sentence_and_leaves_no_file(
    hub, folder, monkeypatch, fault, rule, attempts
):
    hub.fault = fault
    wait_for(monkeypatch, 0.1 if rule == "hub_slow" else 10)
    error = refused("toy", folder)
    assert error.rule == rule and hub.downloads() == attempts
    assert error.parts["file"] == "toy.safetensors" and REPO in error.parts.values()
    assert not held(hub.home)
    wait_for(monkeypatch, 10)
    hub.fault = None  # and nothing is remembered of it
    assert same(load("toy", folder=folder, patience=QUICK))


@pytest.mark.parametrize("fault", [fault for fault, _, _ in FAULTS])
def test_with_the_file_bundled_no_fault_is_felt(hub, tmp_path, fault):
    hub.fault = fault
    carded(tmp_path / "w")
    change(lambda old: type(old)(REPO, "1" * 40, old.cards), tmp_path / "w")
    assert same(load("toy", folder=tmp_path / "w")) and hub.asked == []


@pytest.mark.parametrize("fault", ["429", "500", "503", "hang", "stall", "cut"])
def test_what_passes_is_tried_again(hub, folder, monkeypatch, fault):
    hub.fault, hub.times = fault, 1
    wait_for(monkeypatch, 0.5)
    patience = Patience(deadline=30, attempts=9, pause=0.01)
    assert same(load("toy", folder=folder, patience=patience)) and hub.times == 0
    whole = f"/cdn/{manifest(folder).cards['toy'].sha256}"
    again = [path for method, path, _ in hub.asked if method == "GET"].count(whole)
    assert hub.downloads() + again >= 3  # 2 without a fault


@pytest.mark.parametrize("fault", ["hang", "stall"])
def test_our_deadline_ends_what_the_network_would_not(hub, folder, monkeypatch, fault):
    """The server answers only when it closes, the client would wait 1000 s: this test ends."""
    hub.fault = fault
    wait_for(monkeypatch, 1000)
    error = refused("toy", folder, Patience(deadline=0.3, attempts=9, pause=0))
    assert error.rule == "hub_slow" and 0.3 <= float(error.parts["seconds"]) < 100
    assert not held(hub.home)


@pytest.mark.parametrize("fault", ["hang", "stall"])
def test_an_answer_after_the_deadline_leaves_no_file_either(hub, folder, monkeypatch, fault):
    hub.fault, hub.times = fault, 1
    wait_for(monkeypatch, 1000)
    refused("toy", folder, Patience(deadline=0.3, attempts=9, pause=0))
    (left,) = [thread for thread in threading.enumerate() if thread.name.startswith("fetch toy")]
    hub.closing.set()  # the server hangs up, and huggingface_hub asks again
    left.join(20)
    assert not left.is_alive() and not held(hub.home)


def test_the_deadline_ends_the_pauses_too_and_says_what_was_heard(hub, folder, monkeypatch):
    """The deadline is over once the pause of 1000 s has begun, however slow the machine is."""
    hub.fault = "503"
    paused = threading.Event()

    class Pausing(threading.Event):
        """A thread's event that says when it is waited for with a time."""

        def wait(self, timeout: float | None = None) -> bool:
            if timeout == 1000:
                paused.set()
            return super().wait(timeout)

    class Found(Future):
        """An answer whose deadline is the beginning of the pause."""

        def result(self, timeout: float | None = None):
            assert paused.wait(60)
            return super().result(0)

    monkeypatch.setattr(download.threading, "Event", Pausing)
    monkeypatch.setattr(download, "Future", Found)
    error = refused("toy", folder, Patience(deadline=0.5, attempts=3, pause=1000))
    assert error.rule == "hub_status" and error.parts["status"] == "503"


def test_a_wrong_sum_on_the_card(hub, folder):
    card = manifest(folder).cards["toy"]
    write_card(Card(**{**vars(card), "sha256": "0" * 64}), folder)
    assert refused("toy", folder).rule == "weights_digest"
    assert not held(hub.home)


def test_a_wrong_bundled_file_gives_way_to_the_hub(hub, folder):
    (folder / "toy.safetensors").write_bytes(b"version https://git-lfs.github.com/spec/v1\n")
    assert same(load("toy", folder=folder, patience=QUICK)) and hub.downloads() == 1


def test_no_network(hub, folder, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")  # the discard port: nobody listens
    assert refused("toy", folder).rule == "hub_unreachable"
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert refused("toy", folder).rule == "hub_offline"
    assert not held(hub.home) and hub.asked == []


def test_an_unwritable_folder_costs_a_warning(hub, folder, caplog):
    (hub.home / "assets").write_text("a file where the folder should be")
    assert same(load("toy", folder=folder, patience=QUICK))
    assert "is not kept" in caplog.text
    assert held(hub.home) == {"assets"}


def test_a_full_folder_costs_a_warning_and_keeps_no_half_file(hub, folder, caplog, monkeypatch):
    def write_half(path: Path, data: bytes) -> None:
        with path.open("wb") as file:
            file.write(data[: len(data) // 2])
        raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr(Path, "write_bytes", write_half)
    assert same(load("toy", folder=folder, patience=QUICK))
    assert "is not kept" in caplog.text and not held(hub.home)


def test_a_full_disk_is_a_download_that_breaks_off(hub, folder, caplog):
    resource = pytest.importorskip("resource", reason="limits of a process are POSIX")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, hard))  # less than the file
    try:
        assert refused("toy", folder).rule == "hub_cut"
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "File too large" in caplog.text and not held(hub.home)


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
        run, env=env, capture_output=True, text=True, cwd=Path(__file__).parents[3]
    )
    assert ask.returncode == 0, ask.stderr
    want = sum(p.double().sum().item() for p in model().state_dict().values())
    assert float(ask.stdout) == pytest.approx(want, abs=1e-9)
    assert hub.downloads() == 1 and len(held(tmp_path / "other" / "assets")) == 1
