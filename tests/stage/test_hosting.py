"""What the hosting guide and the front matter say holds: files, settings, nginx's own opinion."""

import json
import re
import shutil
import subprocess
import sys
import urllib.request

import pytest
import yaml
from gradio_client import Client

from apps.rnn import rnn_forward
from apps.stage.server.boards import LONGEST_STATE
from apps.stage.server.serve import STAGE
from apps.stage.server.takeaway import bare
from core.models.rnn import presets as rnn
from tests.conftest import ROOT, WAIT, start
from tests.proxy import stripped
from weights.publish import front_matter, space_files

GUIDES = ("HOSTING.md", "HOSTING.ko.md")


def text(name):
    return (ROOT / name).read_text("utf-8")


def blocks(name, kind):
    return re.findall(rf"```{kind}\n(.*?)```", text(name), re.DOTALL)


def test_the_front_matter_is_what_a_space_reads():
    readme, files = text("README.md"), space_files(ROOT)
    assert front_matter(files, readme) == []
    told = yaml.safe_load(readme.split("---\n")[1])
    assert {"app.py", "requirements.txt", "weights/manifest.json"} <= files.keys()
    assert "Dockerfile" not in files and not [name for name in files if name.startswith("tests/")]
    assert len(told["emoji"]) == 1 and ord(told["emoji"]) > 0x1F000
    low = re.search(r'requires-python = ">=([\d.]+)"', text("pyproject.toml"))
    assert low and float(low[1].split(".")[1]) <= float(told["python_version"].split(".")[1])
    assert told["header"] in ("mini", "default") and told["suggested_hardware"] == "cpu-basic"
    for card in json.loads(text("weights/manifest.json"))["cards"].values():
        assert f"weights/{card['file']}" in files, card["file"]  # nothing to preload


def test_both_languages_give_the_same_commands_and_files():
    one, two = (re.findall(r"^    (\S.*)$", text(name), re.MULTILINE) for name in GUIDES)
    one, two = ([line for line in lines if not line.startswith("#")] for lines in (one, two))
    assert one == two
    for kind in ("nginx", "ini"):
        assert blocks(GUIDES[0], kind) == blocks(GUIDES[1], kind) != []
    heads = [re.findall(r"^#+ ", text(name), re.MULTILINE) for name in GUIDES]
    assert heads[0] == heads[1]


def test_nginx_takes_the_configuration_and_a_live_run_fits_through_it(tmp_path):
    (conf,) = blocks(GUIDES[0], "nginx")
    limit = re.search(r"client_max_body_size (\d+)m;", conf)
    assert limit and int(limit[1]) * 2**20 > LONGEST_STATE * 1.5
    found = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    if not found:
        pytest.skip("no nginx here: its configuration is not tried")
    (tmp_path / "lessons.conf").write_text(
        conf.replace("listen 80;", f"listen unix:{tmp_path}/at;")
    )
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid; error_log {tmp_path}/log; events {{}}\n"
        f"http {{ access_log off; include {tmp_path}/lessons.conf; }}\n"
    )
    command = [found, "-t", "-c", str(tmp_path / "nginx.conf"), "-e", str(tmp_path / "log")]
    out = subprocess.run(command, capture_output=True, text=True)
    assert out.returncode == 0, out.stderr


def test_the_image_holds_what_runs_as_no_root(tmp_path):
    lines = [line for line in text("Dockerfile").splitlines() if not line.startswith("#")]
    users = [line.split()[1] for line in lines if line.startswith("USER ")]
    assert users == ["lessons"] and lines[-1] == 'CMD ["python", "app.py"]'
    kept = {line[1:] for line in text(".dockerignore").splitlines() if line.startswith("!")}
    wanted = {name.split("/")[0] for name in space_files(ROOT)}
    pages = {n for n in wanted if n.endswith((".md", ".toml"))} | {
        "Makefile",
        ".gitignore",
        ".github",
    }
    assert wanted - kept <= pages | {"requirements-dev.txt"}
    for line in lines:
        if line.startswith("COPY ") and "--chown" not in line:
            assert all((ROOT / name).is_file() for name in line.split()[1:-1])


def test_under_a_path_all_is_there_whether_a_proxy_hands_it_on_or_takes_it_off(monkeypatch):
    check = re.search(r"CMD (\[.*?\])\nCMD", text("Dockerfile"), re.DOTALL)
    assert check
    health = [sys.executable, *json.loads(check[1])[1:]]
    process, url, _ = start("rnn", "--root-path", "/lessons")
    monkeypatch.setenv("GRADIO_SERVER_PORT", url.rpartition(":")[2])
    try:
        found = {}
        for path in ("/", f"/{STAGE}/lesson.js", "/gradio_api/info", "/theme.css", "/config"):
            for before in ("", "/lessons"):
                with urllib.request.urlopen(f"{url}{before}{path}", timeout=WAIT) as answer:
                    found[before, path] = answer.read()
            assert found["", path] == found["/lessons", path], path
        root = re.search(rb'"root":"([^"]+)"', found["", "/"])
        assert root and root[1].decode() == f"{url}/lessons"
        assert subprocess.run(health).returncode == 0
        with stripped(url, "/lessons") as proxy:
            given = ("rnn", rnn.slide()["params"], rnn.slide()["xs"], None)
            client = Client(f"{proxy}/lessons", verbose=False)
            came = client.submit(*given, api_name="/rnn_forward").result(timeout=WAIT)
            assert came == bare(rnn_forward(*given))
    finally:
        process.terminate()
        process.wait(timeout=WAIT)
    assert subprocess.run(health, stderr=subprocess.DEVNULL).returncode == 1


@pytest.mark.parametrize("path", ["lessons", "/", "/a b", "//x", "/x/"])
def test_a_root_path_of_another_form_is_refused(path):
    command = [sys.executable, "-m", "apps", "--root-path", path]
    out = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert out.returncode == 2 and repr(path) in out.stderr
    assert len(out.stderr.splitlines()) == 1


def test_the_pages_workflow_exports_as_the_guides_say():
    flow = yaml.safe_load((ROOT / ".github/workflows/pages.yml").read_text("utf-8"))
    commands = [step["run"] for step in flow["jobs"]["publish"]["steps"] if "run" in step]
    assert "python -m apps --export site" in commands
    for guide in GUIDES:
        text = (ROOT / guide).read_text("utf-8")
        assert "    python -m apps --export site\n" in text and "pages.yml" in text
    (sent,) = (
        s["with"]["path"] for s in flow["jobs"]["publish"]["steps"] if "path" in s.get("with", {})
    )
    assert sent == "site"
