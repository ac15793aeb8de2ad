"""The flows' recipes in seconds: files, cards, measuring again and going on."""

import pytest
import torch

from tests.weights.test_recipes import flags
from weights.recipes import classifier, flow
from weights.recipes.command import load_shipped, run


def test_a_plane_s_flow_is_trained_measured_again_and_goes_on(tmp_path):
    name = "realnvp-gaussians"
    card = run("flow", flow.JOBS, flags(tmp_path, name))
    assert card and card.dtype == "float32" and card.dataset["name"] == "ring"
    assert {"NLL", "entropy", "KL", "mass", "round trip"} == card.metrics.keys()
    assert card.metrics["NLL"]["value"] > card.metrics["entropy"]["value"]
    assert card.metrics["round trip"]["value"] < 1e-4
    assert run("flow", flow.JOBS, flags(tmp_path, name, "--measure")) == card
    more = run("flow", flow.JOBS, flags(tmp_path, name, "--resume"))
    assert more and more.training["epochs"] == 2 and more.sha256 != card.sha256
    first = load_shipped(name, tmp_path / "out").layers[0]  # pyright: ignore
    assert (first.scale != 0).all()  # pyright: ignore


def test_a_flow_of_digits_counts_its_curves_and_says_bits(tmp_path):
    run("classifier", classifier.JOBS, flags(tmp_path, "classifier-mnist"))
    card = run("flow", flow.JOBS, flags(tmp_path, "flow-mnist"))
    assert card and card.dtype == "float16" and card.bytes <= 8e6
    assert card.metrics["bits/dim"]["value"] == pytest.approx(
        card.metrics["bits/dim, 2 draws"]["value"], abs=0.5
    )
    assert {"Fréchet", "coverage", "density", "class entropy"} <= card.metrics.keys()
    model = load_shipped("flow-mnist", tmp_path / "out")
    assert (model.layers[0].logits[:, 0] != 0).any()  # pyright: ignore
    made = model.sample(2, generator=torch.Generator())  # pyright: ignore
    assert made.shape == (2, 1, 28, 28) and made.isfinite().all()


def test_every_job_is_a_flow_of_its_name():
    targets = {name: job.dataset["name"] for name, job in flow.JOBS.items()}
    assert targets.pop("flow-mnist") == "MNIST"
    assert all(name.startswith("realnvp-") for name in targets)
    for job in flow.JOBS.values():
        size = sum(v.numel() for v in job.build(job.config).state_dict().values())
        assert size * (2 if job.dtype == "float16" else 4) <= 8_000_000
