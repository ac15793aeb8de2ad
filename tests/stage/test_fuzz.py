"""A running hub under whatever comes, in the counts of the attack that once found its faults: raw
calls, calls by the client library, races. `make test-slow`, with what came printed (`-s`);
FUZZ=0.05 in the environment sends a twentieth of them.
"""

import json
import os
import random
import re
import socket
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError, ValidationError

from apps.stage.server.boards import answers
from apps.stage.server.takeaway import bare
from tests.conftest import ROOT, WAIT, start
from tests.stage.bad_inputs import BAD
from tests.stage.test_bad_inputs import ASKED, ENDPOINTS, usual
from tests.tab_case import TabCase

pytestmark = pytest.mark.slow
RAW, CLIENT, RACES = (int(n * float(os.environ.get("FUZZ", 1))) for n in (4814, 2310, 501))
API = "/gradio_api"
LEAVES: list[Any] = [
    *(None, True, False, 0, 1, -1, 0.5, 3, 16, 40, 1e300, -1e300, 1e-320, 2**31, 2**64, 10**400),
    *("", "x", "rnn", "vae-mnist", "linear", "none", "__proto__", "a\nb", "\ud800", "가" * 300),
    *([], {}, [[]], [None], [1, "2"], [[1, 2], [3]], {"kind": "bent"}, {"points": [[0.5, 2]]}),
]
BODIES = [b"", b"{", b"[]", b"null", b"3", b'"x"', b"\xff\xfe", b"{}", b'{"data": 3}', b"[" * 60]
NUMBERLESS = re.compile(r"\b(NaN|-?Infinity)\b")


def share(total: int, name: str) -> int:
    """Return how many of `total` calls an endpoint gets."""
    names = sorted(ENDPOINTS)
    return total // len(names) + (names.index(name) < total % len(names))


@pytest.fixture(scope="module")
def server():
    """A hub: its address and its log, in which no trace may be at the end."""
    process, url, log = start()
    yield url
    process.terminate()
    process.wait(timeout=WAIT)
    said = log.read_text()
    assert "Traceback" not in said and len(said) < 500_000


def wrong(name: str, draw: random.Random) -> list[Any]:
    """Return arguments of which one or all are drawn from what is wrong somewhere."""
    if name not in ASKED:  # it takes none
        return [draw.choice(LEAVES)] * draw.randrange(2)
    row = list(draw.choice(usual(name)))
    if draw.random() < 0.3:
        return [draw.choice(LEAVES) for _ in row]
    row[draw.randrange(len(row))] = draw.choice(LEAVES)
    return row


def sound(text: str) -> str:
    """Return the kind of an answer; fail for a trace, a path, or a number that is none."""
    assert "Traceback" not in text and str(ROOT) not in text and "object at 0x" not in text, text
    assert not NUMBERLESS.search(text), text[:300]
    return "refused" if '"error"' in text else "answered"


def call(client: httpx.Client, name: str, body: bytes) -> str:
    """Call an endpoint by HTTP, one that samples in the queue; return what came of it."""
    head = {"content-type": "application/json"}
    if not name.endswith("_sample"):
        reply = client.post(f"{API}/run{name}", content=body, headers=head)
        return f"{reply.status_code} {sound(reply.text)}"
    reply = client.post(f"{API}/call{name}", content=body, headers=head)
    if reply.status_code != 200:
        return f"{reply.status_code} {sound(reply.text)}"
    text = client.get(f"{API}/call{name}/{reply.json()['event_id']}").text
    sound(text)
    return "200 refused" if "event: error" in text else "200 answered"


@pytest.mark.parametrize("name", sorted(ENDPOINTS))
def test_raw_calls(server, name):
    draw, came = random.Random(name), Counter()
    with httpx.Client(base_url=server, timeout=WAIT) as client:
        for k in range(share(RAW, name)):
            if k < len(BODIES):
                body = BODIES[k]
            else:
                body = json.dumps({"data": wrong(name, draw)}).encode()
            came[call(client, name, body)] += 1
    print(f"\n{name}: {dict(came)}")
    assert came.total() == share(RAW, name)
    assert set(came) <= {f"{s} {k}" for s in (200, 400, 413, 422, 500) for k in KINDS}, came


KINDS = ("answered", "refused")


@pytest.mark.parametrize("name", sorted(ENDPOINTS))
def test_calls_by_the_client(server, name):
    draw, came, client = random.Random(f"client {name}"), Counter(), Client(server, verbose=False)
    for _ in range(share(CLIENT, name)):
        arguments = wrong(name, draw)
        try:
            json.dumps(client.predict(*arguments, api_name=name), allow_nan=False)
            came["answered"] += 1
        except (AppError, ValidationError) as error:
            said = str(error).splitlines()[-1]
            sound(said)
            assert said.isprintable() and len(said) < 700, said
            came["refused"] += 1
        except (ValueError, UnicodeError, TypeError) as error:
            assert "predict" not in repr(error)  # no JSON carries it, so it is never sent
            came["never sent"] += 1
    print(f"\n{name}: {dict(came)}")
    assert came.total() == share(CLIENT, name)


def test_races(server):
    """Boards of many seeds, asked for at once and again: nobody gets another's."""
    cases = {tab: TabCase(tab) for tab in ("rnn", "hopfield", "gan")}
    views = {"rnn": "gradients", "hopfield": "recall", "gan": "step"}
    parts = {tab: component(server, tab) for tab in cases}
    draw = random.Random(3)
    asks = []
    for _ in range(RACES // 3):
        tab = draw.choice(list(cases))
        inputs = {**cases[tab].scene(views[tab])["inputs"], "seed": draw.randrange(40)}
        asks += [(tab, {"view": views[tab], "inputs": inputs})] * 3
    asks += asks[: RACES - len(asks)]  # where it is no multiple of three
    draw.shuffle(asks)
    with httpx.Client(base_url=server, timeout=WAIT) as client:

        def ask(one):
            tab, data = one
            body = {"session_hash": f"s{draw.randrange(5)}", "component_id": parts[tab]}
            while True:
                sent = {**body, "fn_name": "board", "data": data}
                reply = json.loads(client.post(f"{API}/component_server", json=sent).json())
                if "wait" not in reply.get("ok", {}):
                    return reply
                data = {**data, "ticket": reply["ok"]["wait"].get("ticket", data.get("ticket"))}

        with ThreadPoolExecutor(24) as pool:
            came = list(pool.map(ask, asks))
    alone: dict[str, Any] = {}
    crossed = 0
    for (tab, data), reply in zip(asks, came):
        key = json.dumps([tab, data], sort_keys=True)
        if key not in alone:
            alone[key] = json.loads(answers(cases[tab].tab)[0](data))
        crossed += bare(reply) != bare(alone[key])
    print(f"\nraces: {len(asks)}, crossed: {crossed}, different asks: {len(alone)}")
    assert len(asks) == RACES and crossed == 0


def component(server, tab):
    """Return the number of a page's component."""
    page = httpx.get(f"{server}/{tab}", timeout=WAIT).text
    found = re.search(r"gradio_config = (\{.*?\});</script>", page, re.DOTALL)
    assert found
    return next(
        c["id"] for c in json.loads(found[1])["components"] if c["props"].get("elem_id") == "page"
    )


def test_half_sent_requests_keep_no_whole_one_out(server):
    """As many as file descriptors allow, and more: the oldest of them give way."""
    host, port = server.removeprefix("http://").split(":")
    held = []
    try:
        for k in range(1500):
            one = socket.create_connection((host, int(port)), timeout=WAIT)
            one.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: " + str(k).encode())
            held.append(one)
        assert httpx.get(f"{server}/rnn", timeout=WAIT).status_code == 200
    finally:
        for one in held:
            one.close()


def test_the_table_of_wrong_rows_still_has_what_the_fuzz_draws_from():
    assert {name for name, *_ in BAD} == set(ASKED)
