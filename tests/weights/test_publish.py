"""Publishing: what would go, what goes over HTTP to a Hub of our own, and what is then pinned."""

import json
import re
import shutil
import subprocess

import pytest
from huggingface_hub import ModelCard, SpaceCard

from core.weights import Patience, load
from core.weights.card import manifest
from tests.core.weights.hub_case import REPO, carded, held, serving
from weights import publish

# huggingface_hub's own upload calls httpx2 in a way that httpx2 deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

FRONT = {
    "title": "Lessons",
    "colorFrom": "blue",
    "colorTo": "purple",
    "sdk": "gradio",
    "sdk_version": "6.31.0",
    "python_version": '"3.11"',
    "app_file": "app.py",
    "license": "apache-2.0",
}


@pytest.fixture
def hub(monkeypatch, tmp_path):
    with serving(monkeypatch, tmp_path / "home") as server:
        server.token = "hf_seminar"
        monkeypatch.setenv("HF_TOKEN", server.token)
        yield server


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "weights"
    carded(place, "toy")
    carded(place, "vae2d-b0.2-mnist", seed=1, dtype="float16")
    return place


def checkout(root, front=FRONT):
    """Make a git checkout that could be a Space."""
    lines = [f"{key}: {value}" for key, value in front.items() if value is not None]
    files = {
        "README.md": "\n".join(["---", *lines, "---", "", "# Lessons", ""]),
        "app.py": "print(1)\n",
        "requirements.txt": "gradio[mcp]==6.31.0  # pinned\n",
        "weights/toy.safetensors": "x" * 100,
        "tests/test_x.py": "",
        "untracked.txt": "secret",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    git = ["git", "-C", str(root)]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", *(n for n in files if n != "untracked.txt")], check=True)
    return root


def run(monkeypatch, folder, *arguments):
    """Run the command line with its two folders moved."""
    wanted = publish.publish

    def moved(repo, space, static, dry):
        wanted(repo, space, static, dry, folder, folder.parent / "checkout")

    monkeypatch.setattr(publish, "publish", moved)
    try:
        return publish.main(arguments)
    finally:
        monkeypatch.setattr(publish, "publish", wanted)


def test_weights_go_up_are_pinned_and_come_back(hub, folder, monkeypatch, capsys):
    assert run(monkeypatch, folder, "--repo", REPO) == 0
    commit, files = hub.files(REPO)
    names = {"toy.safetensors", "vae2d-b0.2-mnist.safetensors"}
    assert files.keys() == names | {"README.md", "LICENSE", "cards.json"}
    assert all(files[name] == (folder / name).read_bytes() for name in names)
    known = manifest(folder)
    assert (known.repo, known.revision) == (REPO, commit) and re.fullmatch("[0-9a-f]{40}", commit)
    said = capsys.readouterr().out
    assert commit in said and REPO in (folder / "README.md").read_text()
    for name in names:
        (folder / name).unlink()
    for name in known.cards:
        load(name, folder=folder, patience=Patience(deadline=30))
    assert hub.downloads() == 2


def test_publishing_again_moves_the_pin_and_keeps_the_old_revision(hub, folder, monkeypatch):
    run(monkeypatch, folder, "--repo", REPO)
    first = manifest(folder).revision
    carded(folder, "toy", seed=2)
    assert run(monkeypatch, folder, "--repo", REPO) == 0
    second = manifest(folder).revision
    assert first != second and hub.files(REPO, revision=first) and hub.files(REPO)[0] == second


def test_publishing_what_has_not_changed_makes_no_commit(hub, folder, monkeypatch):
    for _ in range(2):
        assert run(monkeypatch, folder, "--repo", REPO) == 0
    assert len(hub.repos["models", REPO]) == 2  # the empty one and one commit
    assert manifest(folder).revision == hub.files(REPO)[0]


def test_large_files_go_as_lfs_and_not_inline(hub, folder, monkeypatch):
    run(monkeypatch, folder, "--repo", REPO)
    puts = [path for method, path, _ in hub.asked if method == "PUT"]
    sums = {card.sha256 for card in manifest(folder).cards.values()}
    assert {path.rpartition("/")[2] for path in puts} == sums


def test_the_model_card_says_what_the_cards_say(folder):
    found = manifest(folder)
    card = ModelCard(publish.model_card(found, REPO), ignore_metadata_errors=False)
    about = card.data.to_dict()
    assert about["license"] == "apache-2.0" and about["library_name"] == "pytorch"
    assert {"safetensors", "pytorch", "vae"} <= set(about["tags"])
    (model,) = about["model-index"]
    got = {m["name"]: m["value"] for r in model["results"] for m in r["metrics"]}
    assert got == {
        f"{c.name}: {name}": metric["value"]
        for c in found.cards.values()
        for name, metric in c.metrics.items()
    }
    for c in found.cards.values():
        assert c.sha256 in card.text and c.recipe in card.text and f"`{c.name}`" in card.text


@pytest.mark.parametrize("arguments", [("--repo", REPO), ("--space", REPO)])
def test_a_dry_run_lists_and_sends_nothing(hub, folder, monkeypatch, capsys, arguments):
    checkout(folder.parent / "checkout")
    before = (folder / "manifest.json").read_bytes()
    assert run(monkeypatch, folder, *arguments, "--dry-run") == 0
    said = capsys.readouterr().out
    assert "toy.safetensors" in said and "README.md" in said and "nothing was sent" in said
    assert "untracked" not in said
    assert hub.asked == [] and (folder / "manifest.json").read_bytes() == before


def test_a_space_is_the_tracked_checkout_and_loses_what_it_lost(hub, folder, monkeypatch, capsys):
    root = checkout(folder.parent / "checkout")
    assert run(monkeypatch, folder, "--space", REPO) == 0
    commit, files = hub.files(REPO, "spaces")
    want = {"README.md", "app.py", "requirements.txt", "weights/toy.safetensors"}
    assert files.keys() == want and hub.sdk == "gradio"
    assert commit in capsys.readouterr().out and manifest(folder).repo is None
    (root / "weights/toy.safetensors").unlink()
    assert run(monkeypatch, folder, "--space", REPO) == 0
    assert hub.files(REPO, "spaces")[1].keys() == want - {"weights/toy.safetensors"}


def test_a_static_space_is_an_exported_site(hub, folder, monkeypatch, capsys):
    checkout(folder.parent / "checkout")
    site = folder.parent / "site"
    (site / "rnn" / "1").mkdir(parents=True)
    (site / "rnn" / "1" / "0.json").write_text("{}")
    arguments = ("--static-space", REPO, "--site", str(site))
    assert run(monkeypatch, folder, *arguments) == 1 and hub.asked == []
    assert "--export" in capsys.readouterr().err  # no site there yet
    for name in ("index.html", "sw.js"):
        (site / name).write_text(name)
    assert run(monkeypatch, folder, *arguments) == 0
    _, files = hub.files(REPO, "spaces")
    assert files.keys() == {"README.md", "index.html", "sw.js", "rnn/1/0.json"}
    assert hub.sdk == "static" and files["index.html"] == b"index.html"
    about = SpaceCard(files["README.md"].decode()).data.to_dict()
    assert (about["sdk"], about["app_file"]) == ("static", "index.html")
    assert about["title"] == FRONT["title"] and "python_version" not in about


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", None),
        ("sdk", "docker"),
        ("sdk_version", "6.0.0"),
        ("python_version", "3.10"),
        ("app_file", "untracked.txt"),
        ("license", "mit"),
        ("colorFrom", "orange"),
        ("short_description", "x" * 61),
        ("title", "[unclosed"),
    ],
)
def test_a_space_with_wrong_front_matter_is_not_sent(
    hub, folder, monkeypatch, capsys, field, value
):
    checkout(folder.parent / "checkout", {**FRONT, field: value})
    assert run(monkeypatch, folder, "--space", REPO) == 1
    said = capsys.readouterr().err
    assert "front matter" in said and said.count("\n") == 1 and hub.asked == []


def test_no_checkout_no_space(hub, folder, monkeypatch, capsys):
    checkout(folder.parent / "checkout")
    shutil.rmtree(folder.parent / "checkout" / ".git")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(folder.parent))
    assert run(monkeypatch, folder, "--space", REPO) == 1
    assert "git checkout" in capsys.readouterr().err


@pytest.mark.parametrize("what", ["changed", "missing", "no cards"])
def test_files_that_are_not_their_cards_are_not_sent(hub, folder, monkeypatch, capsys, what):
    path = folder / "toy.safetensors"
    if what == "changed":
        path.write_bytes(b"?" * path.stat().st_size)
    elif what == "missing":
        path.unlink()
    else:
        (folder / "manifest.json").write_text('{"repo": null, "revision": null, "cards": {}}')
    assert run(monkeypatch, folder, "--repo", REPO) == 1
    said = capsys.readouterr().err
    assert said.startswith("publish: ") and said.count("\n") == 1 and hub.asked == []


@pytest.mark.parametrize("token", ["", "hf_wrong"])
def test_without_a_login_one_line_and_no_pin(hub, folder, monkeypatch, capsys, token):
    monkeypatch.setenv("HF_TOKEN", token)
    assert run(monkeypatch, folder, "--repo", REPO) == 1
    said = capsys.readouterr().err
    assert "hf auth login" in said and said.count("\n") == 1
    assert manifest(folder).repo is None and not hub.files(REPO)


def test_an_upload_that_breaks_off_is_one_line_and_no_pin(hub, folder, monkeypatch, capsys):
    hub.full = True
    assert run(monkeypatch, folder, "--repo", REPO) == 1
    said = [x for x in capsys.readouterr().err.splitlines() if x.startswith("publish: ")]
    assert len(said) == 1 and ".safetensors" in said[0]
    assert manifest(folder).repo is None and not hub.files(REPO)[1]


def test_without_a_network_one_line(hub, folder, monkeypatch, capsys):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert run(monkeypatch, folder, "--repo", REPO) == 1
    assert "cannot be reached" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--repo", "weights"),
        ("--space", "a/b/c"),
        ("--static-space", "owner/name"),
        ("--static-space", "name", "--site", "folder"),
    ],
)
def test_the_command_line_refuses_what_is_no_repository(arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        publish.main(arguments)
    assert stopped.value.code == 2 and "owner/name" in capsys.readouterr().err


def test_nothing_half_written_beside_the_weights(hub, folder, monkeypatch):
    run(monkeypatch, folder, "--repo", REPO)
    assert not [name for name in held(folder) if name.endswith(".part")]
    assert json.loads((folder / "manifest.json").read_text())["repo"] == REPO
