"""With the network off every scene is served, and the browser asks for nothing that fails."""

import json
import os
import subprocess
import sys

import pytest

from apps import TABS
from apps.stage.server import words
from tests.conftest import ROOT

pytestmark = pytest.mark.browser
ASIDE = ["unshare", "--map-root-user", "--net"]


def own_network():
    """Return the command that leads into a network without a way out; None and why if there is
    none.
    """
    try:
        tried = subprocess.run([*ASIDE, "true"], capture_output=True, text=True)
    except OSError as error:
        return None, str(error)
    return (None, tried.stderr.strip()) if tried.returncode else (ASIDE, "")


def opened(*arguments):
    """Run tests.browser.offline where nothing outside can be reached and return what it says."""
    aside, why = own_network()
    if aside is None:
        print(f"no network namespace here ({why}): outside addresses are refused instead")
    command = [sys.executable, "-m", "tests.browser.offline", *arguments]
    command = [*aside, *command, "--own-network"] if aside else command
    out = subprocess.run(command, cwd=ROOT, env={**os.environ}, capture_output=True, text=True)
    assert out.returncode == 0, out.stderr[-3000:]
    said = json.loads(out.stdout.splitlines()[-1])
    assert not aside or said["met"] == "Network is unreachable", said["met"]
    return said


@pytest.mark.parametrize(
    "every", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["one a tab", "all"]
)
def test_without_a_network_the_scenes_are_served_and_no_request_fails(every):
    said = opened(*(["--all"] if every else []))
    count = sum(len(words.scenes(tab)) if every else 1 for tab in TABS)
    assert said["scenes"] == count
    assert said["faults"] == []
    assert "Traceback" not in said["log"], said["log"]
