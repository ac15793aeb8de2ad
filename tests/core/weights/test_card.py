"""Every card against its file, the built model and the README; and how cards are written."""

import hashlib
import json
import math
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch
from safetensors import safe_open

from core.measure.augmentation import mean_and_spread, read_curves
from core.weights import load, save, shipped
from core.weights.card import FOLDER, VERSION, Card, Metric, cards, change, manifest, write_card
from core.weights.readme import body, readme, row
from tests.core.weights.hub_case import DATA, METRICS, TRAINING, carded, held, model

ROOT = FOLDER.parent
CARDS = cards()
each_card = pytest.mark.parametrize("card", CARDS.values(), ids=list(CARDS))
RECORD = "-training.safetensors"  # of a card's training: data, no model
MB = 1e6


@each_card
def test_the_file_is_the_card_s(card):
    data = (FOLDER / card.file).read_bytes()
    assert hashlib.sha256(data).hexdigest() == card.sha256
    assert len(data) == card.bytes <= 8 * MB


@each_card
def test_the_model_is_the_card_s(card):
    net = card.build()
    assert sum(p.numel() for p in net.parameters()) == card.parameters
    assert type(net).__name__ == card.model.split(":")[1]


@each_card
def test_the_file_fits_the_model_strictly(card, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")  # bundled: nobody is asked
    net = load(card.name)
    assert not net.training and not any(p.requires_grad for p in net.parameters())
    assert all(t.isfinite().all() for t in net.state_dict().values())
    with safe_open(FOLDER / card.file, framework="pt") as file:
        kinds = {file.get_tensor(key).dtype for key in file.keys()}
        assert set(file.keys()) == set(net.state_dict())
    assert {k for k in kinds if k.is_floating_point} == {getattr(torch, card.dtype)}


@each_card
def test_the_card_says_where_the_file_comes_from(card):
    assert all(card.dataset[key].strip() for key in ("name", "licence", "source"))
    assert card.licence == "Apache-2.0" and re.fullmatch(r"\d+\.\d+\.\d+", card.version)
    script = re.search(r"weights/recipes/\w+\.py|-m weights\.recipes\.\w+", card.recipe)
    assert script and f"--card {card.name}" in card.recipe
    path = script[0].removeprefix("-m ").removesuffix(".py").replace(".", "/") + ".py"
    assert (ROOT / path).exists()
    assert card.training["machine"].strip() and card.training["minutes"] > 0
    assert card.training["epochs"] > 0


@each_card
def test_every_metric_says_how_it_was_measured(card):
    assert card.metrics
    for metric in card.metrics.values():
        assert math.isfinite(metric["value"])
        assert len(metric["how"]) > 10 and metric["command"].strip()
        assert metric["quantity"].strip() and metric.keys() <= Metric.__annotations__.keys()
        assert metric.get("samples", 1) > 0


@each_card
def test_the_readme_has_the_card_s_row(card):
    assert row(card) in (FOLDER / "README.md").read_text("utf-8").splitlines()


def test_the_readme_is_made_from_the_manifest():
    if CARDS:
        assert (FOLDER / "README.md").read_text("utf-8") == readme(manifest())


def test_the_version_is_the_project_s():
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    found = re.search(r'^version = "(.+)"', text, re.MULTILINE)
    assert found and found[1] == VERSION


def test_all_files_together_are_small_and_have_cards():
    files = {path.name: path.stat().st_size for path in FOLDER.glob("*.safetensors")}
    records = {name for name in files if name.endswith(RECORD)}
    listed = {name for name in shipped.sums(FOLDER) if name.endswith(".safetensors")}
    assert files.keys() - listed == {card.file for card in CARDS.values()}
    assert all(name.removesuffix(RECORD) in CARDS for name in records)
    assert sum(files.values()) <= 60 * MB


@pytest.mark.parametrize("path", sorted(FOLDER.glob(f"*{RECORD}")), ids=lambda p: p.name)
def test_a_record_is_of_the_weights_that_ship(path):
    card = CARDS[path.name.removesuffix(RECORD)]
    with safe_open(path, framework="pt") as file:
        assert file.metadata()["sha256"] == card.sha256
        steps = file.get_tensor("moments.step")
        drawn = "Fréchet" in card.metrics
        last = file.get_tensor("moments.Fréchet" if drawn else "moments.accuracy")[-1]
        if drawn:
            assert file.get_tensor("moments.images").shape == (len(steps), 64, 1, 28, 28)
    assert len(steps) >= (14 if drawn else 10) and steps[0] == 0 and (steps.diff() > 0).all()
    if drawn:  # of fewer samples than the card's
        assert abs(last / card.metrics["Fréchet"]["value"] - 1) < 0.5
    else:
        assert last.item() == pytest.approx(card.metrics["accuracy"]["value"], abs=1e-6)
    assert path.stat().st_size <= 1.5 * MB


def test_the_measured_augmentation_is_of_the_weights_that_ship():
    found = read_curves()
    assert found["sha256"] == CARDS[found["card"]].sha256 and found["caveat"]
    for rows in found["curves"].values():
        assert [len(row) for row in rows] == [len(found["seeds"])] * len(found["per_class"])
        means = [mean_and_spread(row)[0] for row in rows]
        assert means == sorted(means)  # more labels, fewer errors


def test_no_pickle_is_tracked():
    asked = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True)
    if asked.returncode:
        pytest.skip("no git checkout")
    pickles = re.compile(r"\.(pt|pth|pkl|pickle|npy|npz|ckpt|bin|joblib)$")
    assert not [name for name in asked.stdout.decode().split("\0") if pickles.search(name)]


def test_a_manifest_without_cards_and_no_manifest(tmp_path):
    assert cards(tmp_path) == {}
    change(lambda old: old, tmp_path)
    assert cards(tmp_path) == {} and manifest(tmp_path).repo is None
    assert (tmp_path / "README.md").read_text().startswith("# Weights")


def test_a_card_survives_the_file(tmp_path):
    card = carded(tmp_path)
    assert cards(tmp_path) == {"toy": Card(**{**vars(card), "config": jsoned(card.config)})}
    assert card.build().state_dict().keys() == model().state_dict().keys()
    rebuilt = cards(tmp_path)["toy"].build()
    assert [p.shape for p in rebuilt.parameters()] == [p.shape for p in model().parameters()]


def jsoned(value):
    return json.loads(json.dumps(value))


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_a_saved_file_holds_the_rounded_weights(tmp_path, dtype):
    card, kind = carded(tmp_path, dtype=dtype), getattr(torch, dtype)
    net, want = load("toy", folder=tmp_path), model().state_dict()
    assert all(torch.equal(net.state_dict()[k], v.to(kind).float()) for k, v in want.items())
    floats = sum(v.numel() for v in want.values())
    assert card.bytes == pytest.approx(floats * kind.itemsize, abs=2000)  # the rest: names


@pytest.mark.parametrize(("value", "dtype"), [(math.nan, "float32"), (7e4, "float16")])
def test_weights_that_are_not_finite_are_not_saved(tmp_path, value, dtype):
    net = model()
    with torch.no_grad():
        next(net.parameters()).view(-1)[0] = value
    with pytest.raises(ValueError, match=f"not finite as {dtype}"):
        save(
            "toy",
            net,
            config=net.config,
            dataset=DATA,
            recipe="x",
            seed=0,
            training=TRAINING,
            metrics=METRICS,
            dtype=dtype,
            folder=tmp_path,
        )
    assert not held(tmp_path)


def test_a_number_that_json_does_not_know_leaves_the_manifest_as_it_was(tmp_path):
    card = carded(tmp_path)
    before = (tmp_path / "manifest.json").read_bytes()
    wrong = {"nats": {"value": math.inf, "how": "?", "command": "?"}}
    with pytest.raises(ValueError, match="JSON"):
        write_card(Card(**{**vars(card), "metrics": wrong}), tmp_path)
    assert (tmp_path / "manifest.json").read_bytes() == before
    assert not [name for name in held(tmp_path) if name.endswith(".part")]


def test_recipes_that_finish_at_once_lose_no_card(tmp_path):
    names = [f"toy-{i}" for i in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: carded(tmp_path, name), names))
    assert list(cards(tmp_path)) == names  # sorted, so that a diff is small
    assert (tmp_path / "README.md").read_text() == readme(manifest(tmp_path))


def test_a_row_stays_a_row(tmp_path):
    card = carded(tmp_path, dataset={"name": "a | b", "licence": "CC0", "source": "x"})
    assert row(card).replace("\\|", "").count("|") == 9 and "\n" not in row(card)
    assert f"{card.parameters:,}" in row(card) and "nats 97.53" in row(card)


def test_a_metric_is_found_by_its_name(tmp_path):
    card = carded(tmp_path)
    assert card.value("nats") == 97.53 and card.value("bits") is None


def test_the_body_gives_every_command(tmp_path):
    card = carded(tmp_path)
    text = body(manifest(tmp_path))
    assert card.recipe in text and card.sha256 in text
    assert all(m["command"] in text and m["how"] in text for m in card.metrics.values())


def test_the_package_is_whole():
    """Names that the recipes and the tabs lean on."""
    from core import weights

    assert {"Card", "cards", "load", "save", "write_card", "WEIGHT_RULES"} <= set(weights.__all__)
    assert Path(FOLDER).name == "weights"
