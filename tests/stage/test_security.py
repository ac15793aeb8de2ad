"""A running hub seen from outside: what it tells, what it takes, and that nobody sees another's."""

import http.client
import json
import re
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from apps.flow import flow_sample
from apps.stage.server.takeaway import bare
from tests.conftest import WAIT, start
from tests.stage.test_api import post

ROOT = Path(__file__).parents[2]
TOKEN = "hf_secretsecretsecretsecretsecret"


@pytest.fixture(scope="module")
def server():
    """A hub of one tab with a token, a Hub that is dead and a wish to be shared: address, log."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_TOKEN", TOKEN)
        patch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
        patch.setenv("GRADIO_SHARE", "True")
        process, url, log = start("flow", "--weights-repo", "owner/name")
    yield url, log
    process.terminate()
    process.wait(timeout=WAIT)


def raw(url, method, path, body=None, **headers):
    """Ask for a path exactly as it is written; return status, headers and text."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=WAIT)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    text = answer.read().decode(errors="replace")
    connection.close()
    return answer.status, {k.lower(): v for k, v in answer.getheaders()}, text


@pytest.mark.parametrize("path", ["/", "/config", "/gradio_api/info", "/no-such-page"])
def test_every_answer_says_what_a_browser_may_do(server, path):
    _, headers, _ = raw(server[0], "GET", path)
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'self'" and policy["object-src"] == "'none'"
    assert "https://huggingface.co" in policy["frame-ancestors"] and "*" not in policy["script-src"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] in ("same-origin", "no-referrer")
    assert "camera=()" in headers["permissions-policy"] and "x-frame-options" not in headers


def test_no_file_is_taken_and_no_endless_body(server):
    form = {"Content-Type": "multipart/form-data; boundary=b"}
    body = (
        b'--b\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\nx\r\n--b--\r\n'
    )
    assert raw(server[0], "POST", "/gradio_api/upload", body, **form)[0] in (403, 413)
    assert raw(server[0], "POST", "/gradio_api//upload", body, **form)[0] in (403, 404, 405, 413)
    length = {"Content-Length": str(10**9)}
    connection = http.client.HTTPConnection(server[0].removeprefix("http://"), timeout=WAIT)
    connection.request("POST", "/gradio_api/call/flow_sample", b"{", length)
    answer = connection.getresponse()
    assert answer.status == 413  # before the body is there
    answer.close()
    connection.close()


@pytest.mark.parametrize(
    "path",
    [
        *(
            f"/gradio_api/file={name}"
            for name in (
                "/etc/passwd",
                "../../etc/passwd",
                "%2e%2e/%2e%2e/%2e%2e/etc/passwd",
                "..%2f..%2f..%2fetc%2fpasswd",
                "/proc/self/environ",
                "//proc/self/environ",
                "file:///proc/self/environ",
                f"{ROOT}/requirements.txt",
                "http://127.0.0.1:9/x",
            )
        ),
        "/stage/../../../../../etc/passwd",
        "/stage/%2e%2e/%2e%2e/lesson.py",
        "/static/../../../../../../../../etc/passwd",
        "/assets/..%2f..%2f..%2fapp.py",
        "/gradio_api/proxy=http://127.0.0.1:9/",
    ],
)
def test_nothing_outside_can_be_read(server, path):
    status, _, text = raw(server[0], "GET", path)
    assert status in (307, 400, 403, 404, 405, 422, 500) and TOKEN not in text
    assert "root:" not in text and "gradio[" not in text and "import " not in text


def test_no_secret_and_nothing_typed_is_in_the_log_or_in_what_is_sent(server):
    url, log = server
    kind, _ = post(url, "flow_sample", ["typed-by-somebody", 1, 0, 1])
    assert kind == "error"
    for path in ("/", "/config", "/gradio_api/info", "/gradio_api/startup-events", "/theme.css"):
        _, _, text = raw(url, "GET", path, Authorization=f"Bearer {TOKEN}")
        assert TOKEN not in text and "HF_TOKEN" not in text
    said = log.read_text()
    assert "typed-by-somebody" not in said and TOKEN not in said and "Bearer" not in said
    assert "gradio.live" not in said and "Traceback" not in said


TYPED = "typed-in-vain"


@pytest.mark.parametrize("body", [[TYPED], [TYPED] * 9, [[f"\x1b[2J{TYPED}"]]])
def test_nothing_typed_is_in_the_log_where_arguments_are_too_few_or_too_many(server, body):
    url, log = server
    before = len(log.read_text())
    text = json.dumps({"data": body, "session_hash": TYPED}).encode()
    for way in ("run/flow_log_prob", "call/flow_log_prob", "call/flow_sample"):
        raw(url, "POST", f"/gradio_api/{way}", text, **{"Content-Type": "application/json"})
    raw(url, "GET", "/typed-in-vain%0a%1b[2J")
    said = log.read_text()[before:]
    assert TYPED not in said and "\x1b" not in said and len(said) < 20_000


def test_the_first_caller_s_name_of_the_host_is_told_to_nobody(server):
    for path in ("/gradio_api/info", "/gradio_api/openapi.json", "/config", "/"):
        raw(server[0], "GET", path, Host="evil.example")
        _, _, text = raw(server[0], "GET", path)
        assert "evil.example" not in text, path


def test_the_page_says_no_trace_of_what_broke(server):
    body = json.dumps({"data": [{"a": 1}]}).encode()
    for path in ("flow_sample", "no_such", "flow_log_prob"):
        head = {"Content-Type": "application/json"}
        asked = urllib.request.Request(f"{server[0]}/gradio_api/call/{path}", body, head)
        try:
            event = json.load(urllib.request.urlopen(asked, timeout=WAIT))["event_id"]
            address = f"{server[0]}/gradio_api/call/{path}/{event}"
            text = urllib.request.urlopen(address, timeout=WAIT).read().decode()
        except urllib.error.HTTPError as error:
            text = error.read().decode()
        assert "Traceback" not in text and str(ROOT) not in text


def test_eight_at_once_each_get_their_own(server):
    def visit(seed):
        return [post(server[0], "flow_sample", ["realnvp-moons", 3, seed, 1])[1][0] for _ in "ab"]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(visit, range(8)))
    for seed, both in enumerate(answers):
        alone = bare(flow_sample("realnvp-moons", 3, seed, 1))
        for answer in both:
            assert answer.keys() == alone.keys()
            for name, value in alone.items():
                np.testing.assert_allclose(answer[name], value, atol=1e-6)


def test_nothing_here_runs_what_it_reads():
    wrong = re.compile(
        r"torch\.load\(|(import|from) (pickle|joblib|marshal|shelve|dill)|"
        r"yaml\.load|allow_pickle|(?<![\w.])(eval|exec)\(|"
        r"__import__\(|os\.system|shell=True|weights_only=False"
    )
    files = [f for d in ("apps", "core", "weights") for f in (ROOT / d).rglob("*.py")]
    found = [
        (file.name, line)
        for file in [*files, ROOT / "app.py"]
        for line in file.read_text("utf-8").splitlines()
        if wrong.search(line)
    ]
    assert found == [] and len(files) > 100


def test_markup_is_parsed_in_one_place_that_escapes():
    web = ROOT / "apps" / "stage" / "web"
    wrong = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|srcdoc")
    lines = [line for f in sorted(web.rglob("*.js")) for line in f.read_text("utf-8").splitlines()]
    assert [line.strip()[:30] for line in lines if wrong.search(line)] == [
        "source.innerHTML = one.html; /"
    ]
