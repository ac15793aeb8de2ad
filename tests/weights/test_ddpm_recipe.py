"""The diffusion's recipe in seconds: file, card, measuring again and going on."""

import torch

from core.measure.metrics import frechet
from core.measure.steps import points_of, read_steps
from core.weights import shipped
from core.weights.card import cards
from tests.weights.test_recipes import flags
from weights.recipes import classifier, ddpm, steps
from weights.recipes.command import arguments, load_shipped, prepare, run


def test_a_diffusion_is_trained_measured_again_and_goes_on(tmp_path):
    name = "ddpm-mnist"
    run("classifier", classifier.JOBS, flags(tmp_path, "classifier-mnist"))
    card = run("ddpm", ddpm.JOBS, flags(tmp_path, name))
    assert card and card.dtype == "float16" and card.bytes <= 8e6
    for many in (20, 50, 250):
        for kept in ("Fréchet", "coverage", "label accuracy"):
            assert f"{kept}, {many} steps" in card.metrics
    assert {"Fréchet", "Fréchet floor", "label accuracy", "class entropy"} <= card.metrics.keys()
    again = run("ddpm", ddpm.JOBS, flags(tmp_path, name, "--measure"))
    assert again and again.sha256 == card.sha256
    assert again.metrics == card.metrics
    more = run("ddpm", ddpm.JOBS, flags(tmp_path, name, "--resume"))
    assert more and more.training["epochs"] == 4 and more.sha256 != card.sha256
    model = load_shipped(name, tmp_path / "out")
    assert sum(p.numel() for p in model.parameters()) == card.parameters
    labels, draw = torch.tensor([3, 8]), torch.Generator().manual_seed(0)
    made = model.sample(2, labels=labels, steps=3, guidance=2.0, generator=draw)  # pyright: ignore
    assert made.shape == (2, 1, 28, 28) and made.isfinite().all()


def test_steps_are_measured_point_by_point_and_gone_on_with(tmp_path):
    run("classifier", classifier.JOBS, flags(tmp_path, "classifier-mnist"))
    run("ddpm", ddpm.JOBS, flags(tmp_path, "ddpm-mnist"))
    given = flags(tmp_path, "ddpm-mnist")
    places = [*given[given.index("--data") :][:2], "--out", str(tmp_path / "out"), "--smoke"]
    found, file = steps.main(places), tmp_path / "out" / "ddpm-steps.json"
    assert found == read_steps(file) and found["samples"] == 20
    assert found["sha256"] == cards(tmp_path / "out")["ddpm-mnist"].sha256
    for eta in (0.0, 1.0):
        for w in (1.0, 2.0):
            some = points_of(found, eta, w)
            assert [one["steps"] for one in some] == [2, 5]
            assert all(one["frechet"] > 0 and one["error"] > 0 for one in some)
    first, *others = found["points"]
    shipped.write(file, file.read_bytes().replace(str(first["frechet"]).encode(), b"-1.0"))
    again = steps.main([*places, "--resume"])
    assert again["points"][0]["frechet"] == -1.0 and again["points"][1:] == others
    assert steps.main(places)["points"] == found["points"]


def test_the_error_of_a_distance_is_its_spread_over_draws():
    draw = torch.Generator().manual_seed(0)
    real = torch.randn(2000, 3, generator=draw)
    sets = [torch.randn(200, 3, generator=draw) + 0.5 for _ in range(50)]
    spread = torch.tensor([frechet(some, real) for some in sets]).std().item()
    errors = [steps.bootstrap_error(some, real, 100) for some in sets[:5]]
    assert 0.7 * spread < sum(errors) / len(errors) < 1.3 * spread


def test_the_measured_steps_are_of_the_weights_that_ship():
    found = read_steps()
    assert found["sha256"] == cards()["ddpm-mnist"].sha256
    assert found["samples"] >= 2_000 and found["floor"]["sets"] == 30
    for eta in (0.0, 1.0):
        assert [one["steps"] for one in points_of(found, eta, 2.0)] == list(steps.STEPS)
    stated = cards()["ddpm-mnist"].metrics  # the same samples, measured by the card's recipe
    for one in points_of(found, 0.0, 2.0):
        if f"Fréchet, {one['steps']} steps" in stated:
            value = stated[f"Fréchet, {one['steps']} steps"]["value"]
            assert abs(one["frechet"] - value) < 1e-4


def test_rates_can_be_scaled(tmp_path):
    places = ["--card", "ddpm-mnist", "--checkpoints", str(tmp_path), "--rates", "0.5"]
    job = ddpm.JOBS["ddpm-mnist"]
    plan, _ = prepare(job, torch.nn.Identity(), arguments("ddpm", ["ddpm-mnist"], places))
    assert (plan.rate, plan.muon) == (job.plan.rate / 2, job.plan.muon / 2)
    assert plan.epochs == job.plan.epochs and plan.ema == job.plan.ema
