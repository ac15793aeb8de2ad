"""The recipes on made-up digits: files, cards, going on, and two processes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors import safe_open

from core.measure.augmentation import mean_and_spread, read_curves
from core.models.gan.networks import GAN, watched_codes
from core.models.progan.growth import stage
from core.models.progan.networks import Config, ProGAN
from core.training.journal import read_journal
from core.weights.card import Card, cards
from tests.conftest import free_port
from tests.core.data.test_mnist import write_digits
from weights.recipes import augment, biggan, classifier, gan, progan, vae
from weights.recipes.command import load, load_shipped, run

ROOT = Path(__file__).parents[2]
JOBS = {
    "classifier": classifier.JOBS,
    "vae": vae.JOBS,
    "gan": gan.JOBS,
    "progan": progan.JOBS,
    "biggan": biggan.JOBS,
}


def flags(root: Path, name: str, *more: str) -> list[str]:
    if not (root / "MNIST").exists():
        write_digits(root)
    places = ["--data", str(root), "--out", str(root / "out"), "--checkpoints", str(root / "build")]
    return ["--card", name, "--smoke", "--threads", "1", *places, *more]


def recipe(family: str, root: Path, name: str, *more: str) -> Card:
    """Run a recipe of seconds; return the card that it wrote."""
    run(family, JOBS[family], flags(root, name, *more))
    return cards(root / "out")[name]


def test_the_classifiers_goes_on_and_measures_again(tmp_path):
    name = "classifier-mnist"
    card = recipe("classifier", tmp_path, name)
    assert card.file == "classifier-mnist.safetensors" and card.training["epochs"] == 2
    again = recipe("classifier", tmp_path, name, "--measure")
    assert again == card
    assert not list((tmp_path / "build").iterdir())  # what is written needs no checkpoint
    more = recipe("classifier", tmp_path, name, "--resume")  # from the shipped weights
    assert more.training["epochs"] == 4 and more.sha256 != card.sha256
    assert more.recipe == f"{card.recipe}; then {card.recipe} --resume"
    assert more.training["minutes"] >= card.training["minutes"]


@pytest.mark.parametrize("name", ["vae-mnist", "ae-mnist", "vae2d-b4-mnist"])
def test_a_vaes_file_holds_what_its_card_says(tmp_path, name):
    recipe("classifier", tmp_path, "classifier-mnist")
    card = recipe("vae", tmp_path, name)
    model = load_shipped(name, tmp_path / "out")
    assert sum(p.numel() for p in model.parameters()) == card.parameters
    assert card.dtype == "float16" and card.dataset["licence"] == "CC BY-SA 3.0"
    assert card.bytes <= 8e6 and f"--card {name}" in card.recipe and card.seed == 0
    assert "Fréchet" in card.metrics and ("-ELBO" in card.metrics) == (name[:3] == "vae")
    assert all(m["how"] and m["command"] for m in card.metrics.values())
    assert recipe("vae", tmp_path, name).sha256 == card.sha256  # the seed fixes the file
    if name == "ae-mnist":
        assert (model.scale != 1).all()  # pyright: ignore
    with torch.no_grad():
        assert model.sample(2, generator=torch.Generator()).isfinite().all()  # pyright: ignore


@pytest.mark.parametrize("family, name", [("progan", "progan-mnist"), ("biggan", "biggan-mnist")])
def test_a_large_gans_record_and_figures_are_of_its_file(tmp_path, family, name):
    recipe("classifier", tmp_path, "classifier-mnist")
    card = recipe(family, tmp_path, name)
    kept = read_journal(tmp_path / "out" / f"{name}-training.safetensors")
    looks = 7 if family == "progan" else 2  # of 6 steps, each or the ends
    assert kept["moments.images"].shape == (looks, 64, 1, 28, 28)
    assert kept["moments.Fréchet"].min() > 0
    if family == "progan":
        assert kept["moments.minutes"].diff().min() > 0
        assert kept["moments.level"].tolist() == [0] * 7
    else:
        assert card.metrics["Fréchet, ψ = 0.5"]["truncation"] == 0.5
    model = load_shipped(name, tmp_path / "out")
    first, again = (
        model.sample(2, generator=torch.Generator().manual_seed(0))  # pyright: ignore
        for _ in range(2)
    )
    assert torch.equal(first, again) and first.isfinite().all()


@pytest.mark.parametrize("shown", [60_000, 200_000, 600_000, 640_000, 10**7])
def test_a_growing_gan_is_looked_at_on_the_level_that_it_has_reached(tmp_path, shown):
    recipe("classifier", tmp_path, "classifier-mnist")
    model = ProGAN(Config(channels=(4, 4, 4, 4)))
    losses = progan.turns(model, started=False)
    assert model.shown == 0
    model.shown = shown
    seen = progan.looker(load(str(tmp_path)), tmp_path / "out", quick=True)(model)
    level, alpha = stage(Config(), shown)
    assert seen["level"] == level and seen["alpha"] == pytest.approx(alpha)
    draw = torch.Generator().manual_seed(1)
    wanted = model.sample(64, generator=draw, level=level, alpha=alpha)
    assert torch.equal(seen["images"], (wanted * 255).round().to(torch.uint8))
    losses[0]((torch.zeros(3, 1, 28, 28),), torch.Generator(), 4)
    assert model.shown == 5 * 3


@pytest.mark.parametrize("name", ["cgan-mnist", "wgan-gp-mnist"])
def test_a_gans_file_and_record_are_of_one_run(tmp_path, name):
    recipe("classifier", tmp_path, "classifier-mnist")
    card = recipe("gan", tmp_path, name)
    assert "Fréchet" in card.metrics and ("label accuracy" in card.metrics) == (name[0] == "c")
    record = tmp_path / "out" / f"{name}-training.safetensors"
    with safe_open(record, "pt") as file:
        assert file.metadata()["sha256"] == card.sha256
    kept = read_journal(record)
    assert kept["moments.step"].tolist() == [0, 6]  # 96 images, 32 a batch, two epochs
    assert kept["moments.images"].shape == (2, 64, 1, 28, 28)
    assert len(kept["curves.D"]) == len(kept["curves.G"]) == 6
    model = load_shipped(name, tmp_path / "out")
    assert isinstance(model, GAN)
    with torch.no_grad():  # the last pictures are the file's, but for its half precision
        shown = model.decode(*watched_codes(model))
    assert (shown - kept["moments.images"][-1] / 255).abs().max() < 0.02
    assert recipe("gan", tmp_path, name).sha256 == card.sha256
    more = recipe("gan", tmp_path, name, "--resume")
    assert more.training["epochs"] == 4
    assert read_journal(record)["moments.step"].tolist() == [0, 6, 12]
    assert recipe("gan", tmp_path, name, "--measure") == more


def test_augmentation_is_measured_in_every_way(tmp_path):
    recipe("classifier", tmp_path, "classifier-mnist")
    card = recipe("gan", tmp_path, "cgan-mnist")
    out = tmp_path / "curves.json"
    places = ["--data", str(tmp_path), "--cards", str(tmp_path / "out"), "--out", str(out)]
    found = augment.main([*places, "--smoke"])
    assert read_curves(out) == found and found["sha256"] == card.sha256
    assert found["per_class"] == [1, 2] and set(found["curves"]) == set(augment.WAYS)
    for rows in [*found["curves"].values(), [found["alone"]]]:
        assert all(len(row) == 3 and all(0 <= a <= 1 for a in row) for row in rows)
    mean, spread = mean_and_spread([0.5, 0.6, 0.7])
    assert mean == pytest.approx(0.6) and spread == pytest.approx(0.1)


def test_few_labels_are_as_many_as_they_say(tmp_path):
    write_digits(tmp_path)
    data = load(str(tmp_path))
    images, labels = augment.draw_few(data, 3, seed=1)
    assert labels.bincount().tolist() == [3] * 10
    assert all((data.images == image).flatten(1).all(1).any() for image in images)
    assert not torch.equal(images, augment.draw_few(data, 3, seed=2)[0])


def test_every_job_is_a_card_of_its_family():
    assert list(classifier.JOBS) == ["classifier-mnist"]
    betas = {name: job.config.beta for name, job in vae.JOBS.items() if "-b" in name}
    assert betas and all(name == f"vae2d-b{beta:g}-mnist" for name, beta in betas.items())
    assert {name for name, job in gan.JOBS.items() if job.config.classes} == {"cgan-mnist"}
    for job in [*classifier.JOBS.values(), *vae.JOBS.values(), *gan.JOBS.values()]:
        size = sum(v.numel() for v in job.build(job.config).state_dict().values())
        assert size * (2 if job.dtype == "float16" else 4) <= 8_000_000


def test_two_processes_train_under_accelerate(tmp_path):
    port = ["--main_process_port", str(free_port())]
    launch = [
        "accelerate.commands.launch",
        "--multi_gpu",
        "--num_processes",
        "2",
        *port,
        "--module",
    ]
    command = [sys.executable, "-W", "ignore", "-m", *launch, "weights.recipes.classifier"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [*command, *flags(tmp_path, "classifier-mnist")],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 processes" in done.stdout
    assert cards(tmp_path / "out")["classifier-mnist"].training["epochs"] == 2
