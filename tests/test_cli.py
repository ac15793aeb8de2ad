"""The command line: one clear line and status 2 for what is wrong, a clean stop."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from functools import partial
from importlib import import_module
from pathlib import Path

import pytest

from apps import __main__ as cli
from tests.conftest import WAIT, free_port, start
from weights.recipes import command

ROOT = Path(__file__).parents[1]


def run(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "-m", "apps", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=WAIT,
    )


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["nonsense"], "nonsense"),
        (["--colour"], "--colour"),
        (["--lang", "fr"], "fr"),
        (["--port", "http"], "http"),
        (["--port", "0"], "--port"),
        (["--port", "65536"], "65536"),
        (["--port", "-1"], "--port"),
        (["rnn", "hopfield"], "hopfield"),
        (["--host", "no.such.host.invalid"], "no.such.host.invalid"),
        (["--weights-repo", "not a repo"], "--weights-repo"),
        (["--allow-framing", "wiki.example.org"], "--allow-framing"),
        (["--allow-framing", "https://x.org", "https://y.org; script-src *"], "--allow-framing"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(arguments, named):
    out = run(*arguments)
    assert out.returncode == 2
    assert len(out.stderr.strip().splitlines()) == 1 and named in out.stderr
    assert out.stdout == ""


def test_a_port_in_use_is_said_in_one_line():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        out = run("--no-browser", "--port", str(port))
    assert out.returncode == 2
    assert len(out.stderr.strip().splitlines()) == 1 and str(port) in out.stderr


def test_a_bad_port_in_the_environment_is_said():
    out = run(GRADIO_SERVER_PORT="abc")
    assert out.returncode == 2 and "GRADIO_SERVER_PORT" in out.stderr


def test_help_names_every_flag():
    out = run("--help")
    assert out.returncode == 0
    flags = (
        "--lang",
        "--host",
        "--port",
        "--no-browser",
        "--present",
        "--mcp",
        "--root-path",
        "--weights-repo",
        "--allow-framing",
    )
    assert all(flag in out.stdout for flag in flags)


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_one_tab_alone_starts_and_stops_cleanly(stop):
    process, url, log = start("rnn")
    page = urllib.request.urlopen(url, timeout=WAIT).read().decode()
    assert "rnn_forward" in page and "hopfield_recall" not in page
    process.send_signal(stop)
    assert process.wait(timeout=WAIT) == 0
    assert "Traceback" not in log.read_text() and url in log.read_text()


@pytest.mark.parametrize(("stop", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_a_start_that_is_stopped_ends_without_a_word(stop, status):
    """Gradio takes seconds to import: a signal then must not end in a traceback."""
    command = [sys.executable, "-X", "importtime", "-m", "apps", "--no-browser"]
    with subprocess.Popen(
        [*command, "--port", str(free_port())], cwd=ROOT, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:  # one a module: this one comes in the middle of Gradio's
            if line.rstrip().endswith(" pydantic"):
                break
        process.send_signal(stop)
        rest = process.stderr.read()
    assert process.returncode == status and "Traceback" not in rest


def test_a_signal_in_the_midst_of_warming_up_ends_cleanly():
    process, _, log = start("ddpm")
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=WAIT) == 0
    assert "terminate called" not in log.read_text() and "Traceback" not in log.read_text()


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.mark.skipif(not has_ipv6(), reason="no IPv6 on this machine")
def test_proxies_a_debug_switch_and_an_ipv6_host_are_no_hindrance():
    dead = "http://127.0.0.1:9"  # where nothing answers
    proxies = dict.fromkeys(("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"), dead)
    process, url, log = start(
        "rnn", "--host", "::1", host="[::1]", GRADIO_DEBUG="1", NO_PROXY="", no_proxy="", **proxies
    )
    process.terminate()
    assert process.wait(timeout=WAIT) == 0
    assert "Traceback" not in log.read_text() and url in log.read_text()


def test_the_api_is_offered_as_mcp_tools():
    process, url, _ = start("rnn", "--mcp")
    try:
        address = f"{url}/gradio_api/mcp/schema"
        schema = urllib.request.urlopen(address, timeout=WAIT).read().decode()
        assert "rnn_forward" in schema and "torch.nn.LSTMCell" in schema
    finally:
        process.terminate()
        process.wait(timeout=WAIT)


def test_app_py_is_what_a_space_starts():
    port = free_port()
    environment = {**os.environ, "GRADIO_SERVER_PORT": str(port), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [sys.executable, "app.py"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert str(port) in process.stdout.readline()
        process.terminate()
    assert process.returncode == 0


def test_missing_packages_are_said_in_one_sentence(monkeypatch, capsys):
    found = cli.find_spec
    monkeypatch.setattr(cli, "find_spec", lambda name: None if name == "brotli" else found(name))
    assert cli.main([]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "brotli" in said and "requirements.txt" in said


def test_what_a_start_needs_is_what_the_requirements_say():
    lines = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    names = {re.split(r"[\[<>=;]", line)[0].strip() for line in lines if line.strip()}
    training = {"torchvision", "accelerate"}
    held = {"starlette", "fastapi", "uvicorn", "gradio-client"}  # come with gradio
    assert names - training - held == {*cli.PACKAGES, "tomli"}


@pytest.mark.parametrize("encoding", ["cp949", "ascii", "cp1252"])
def test_a_terminal_of_any_encoding_shows_what_is_printed(encoding):
    code = "from core import terminal; terminal.settle(); print('✓ −1 é ㅎ 龍 🎉')"
    alone = {**os.environ, "PYTHONIOENCODING": encoding}
    out = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=alone, capture_output=True)
    assert out.returncode == 0 and out.stdout.decode(encoding).count("?") >= 2
    refused = run("--port", "70000", PYTHONIOENCODING=encoding)
    assert refused.returncode == 2 and refused.stderr.count("\n") == 1


SMOKES = {
    **dict.fromkeys(("flow", "dates", "chars", "vae"), ("weights", ["--data", "nowhere"])),
    "heads": ("weights", []),
    "steps": ("weights", ["--data", "nowhere"]),
    "augment": ("weights/cgan-augmentation.json", ["--data", "nowhere"]),
}  # recipe: what it would write into, and what else it wants


@pytest.mark.parametrize("recipe", SMOKES)
def test_a_smoke_run_never_writes_over_what_ships(recipe, capsys):
    module, (shipped, given) = import_module(f"weights.recipes.{recipe}"), SMOKES[recipe]
    if hasattr(module, "JOBS"):
        given = [*given, "--card", next(iter(module.JOBS))]
    main = getattr(module, "main", partial(command.run, recipe, getattr(module, "JOBS", {})))
    before = (ROOT / "weights" / "manifest.json").read_bytes()
    for out in ([], ["--out", str(ROOT / shipped)]):
        with pytest.raises(SystemExit) as left:
            main([*given, "--smoke", *out])
        assert left.value.code == 2 and "--smoke writes" in capsys.readouterr().err
    assert (ROOT / "weights" / "manifest.json").read_bytes() == before
