"""The diffusion's recipe in seconds: file, card, measuring again and going on."""

import torch

from tests.weights.test_recipes import flags
from weights.recipes import classifier, ddpm
from weights.recipes.command import arguments, load_shipped, prepare, run


def test_a_diffusion_is_trained_measured_again_and_goes_on(tmp_path):
    name = "ddpm-mnist"
    run("classifier", classifier.JOBS, flags(tmp_path, "classifier-mnist"))
    card = run("ddpm", ddpm.JOBS, flags(tmp_path, name))
    assert card and card.dtype == "float16" and card.bytes <= 8e6
    for steps in (20, 50, 250):
        for kept in ("Fréchet", "coverage", "label accuracy"):
            assert f"{kept}, {steps} steps" in card.metrics
    assert {"Fréchet", "Fréchet floor", "label accuracy", "class entropy"} <= card.metrics.keys()
    for steps in ddpm.CURVE:
        assert card.metrics[f"DDIM: seconds, {steps} steps"]["value"] > 0
    again = run("ddpm", ddpm.JOBS, flags(tmp_path, name, "--measure"))
    assert again and again.sha256 == card.sha256
    for key, metric in card.metrics.items():
        assert "seconds" in key or again.metrics[key] == metric
    more = run("ddpm", ddpm.JOBS, flags(tmp_path, name, "--resume"))
    assert more and more.training["epochs"] == 4 and more.sha256 != card.sha256
    model = load_shipped(name, tmp_path / "out")
    assert sum(p.numel() for p in model.parameters()) == card.parameters
    labels, draw = torch.tensor([3, 8]), torch.Generator().manual_seed(0)
    made = model.sample(2, labels=labels, steps=3, guidance=2.0, generator=draw)  # pyright: ignore
    assert made.shape == (2, 1, 28, 28) and made.isfinite().all()


def test_rates_can_be_scaled(tmp_path):
    places = ["--card", "ddpm-mnist", "--checkpoints", str(tmp_path), "--rates", "0.5"]
    job = ddpm.JOBS["ddpm-mnist"]
    plan, _ = prepare(job, torch.nn.Identity(), arguments("ddpm", ["ddpm-mnist"], places))
    assert (plan.rate, plan.muon) == (job.plan.rate / 2, job.plan.muon / 2)
    assert plan.epochs == job.plan.epochs and plan.ema == job.plan.ema
