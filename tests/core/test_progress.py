"""Loops that say how far they are, and end when nobody listens any more."""

import json
import os
import subprocess
import sys

import httpx
import pytest
import torch

from core import weights
from core.progress import LISTENER, Stopped, report_steps
from tests.conftest import ROOT, WAIT, free_port


def test_steps_pass_through_and_are_counted():
    heard = []
    token = LISTENER.set(lambda done, of: heard.append((done, of)))
    try:
        assert list(report_steps("abc", 3)) == ["a", "b", "c"]
    finally:
        LISTENER.reset(token)
    assert heard == [(0, 3), (1, 3), (2, 3)]
    assert list(report_steps("abc", 3)) == ["a", "b", "c"] and len(heard) == 3


@pytest.mark.parametrize("name", ["ddpm-mnist", "ebm-mnist"])
def test_a_chain_ends_where_its_listener_says(name):
    net, asked = weights.load(name), []
    hook = net.register_forward_hook(lambda *_: asked.append(1))

    def hear(done, of):
        assert of >= 5
        if done == 2:
            raise Stopped

    token = LISTENER.set(hear)
    try:
        with pytest.raises(Stopped):
            net.sample(1, steps=5, generator=torch.Generator().manual_seed(0))  # pyright: ignore
    finally:
        LISTENER.reset(token)
        hook.remove()
    assert 0 < len(asked) <= 2


ENDLESS = """
import itertools, sys, threading, time
import gradio as gr
from apps.stage.server import serve
from apps.stage.server.api import endpoint
from core.progress import report_steps
ended = threading.Event()

def endless_sample() -> int:
    try:
        for _ in report_steps(itertools.count(), 100):
            time.sleep(0.001)  # a step of a net
    finally:
        ended.set()

with gr.Blocks() as demo:
    gr.api(endpoint(endless_sample), api_name="endless_sample")
print(serve.launch(demo, "127.0.0.1", int(sys.argv[1])), flush=True)
ended.wait()
demo.close(verbose=False)
"""


@pytest.mark.parametrize("how", ["cancels", "leaves"])
def test_a_sampling_ends_when_its_caller_does(how):
    """Over HTTP: the caller hears how far it is; once nobody waits, the loop ends."""
    environment = {**os.environ, "GRADIO_ANALYTICS_ENABLED": "False"}
    command = [sys.executable, "-c", ENDLESS, str(free_port())]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout
            url = process.stdout.readline().strip()
            with httpx.Client(base_url=f"{url}gradio_api", timeout=WAIT) as client:
                ask = {"data": [], "session_hash": "me", "fn_index": 0}
                name = client.post("/queue/join", json=ask).raise_for_status().json()["event_id"]
                with client.stream("GET", "/queue/data", params={"session_hash": "me"}) as reply:
                    said = map(json.loads, (one[6:] for one in reply.iter_lines() if one))
                    units = (one["progress_data"][0] for one in said if one["msg"] == "progress")
                    unit = next(units)
                    assert unit["length"] == 100 and unit["index"] >= 0
                    if how == "cancels":
                        asked = {"session_hash": "me", "fn_index": 0, "event_id": name}
                        client.post("/cancel", json=asked).raise_for_status()
                        list(said)  # to its end
            assert process.wait(30) == 0
        finally:
            process.kill()
