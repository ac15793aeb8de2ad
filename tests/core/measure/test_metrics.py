"""The metrics against closed forms, brute force and torch's own."""

import math

import pytest
import torch

from core.inputs import InputError
from core.measure.metrics import (
    density_coverage,
    features_of,
    frechet,
    frechet_gaussians,
    label_accuracy,
    mean_over,
    moments,
)
from core.models.classifier.cnn import Classifier, Config


def draw(*size: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(size, generator=generator, dtype=torch.float64)


def test_moments_equal_torch_cov():
    x = draw(50, 4)
    mean, cov = moments(x.float())
    assert (mean - x.mean(0)).abs().max() < 1e-6
    assert (cov - torch.cov(x.T)).abs().max() < 1e-6
    assert cov.dtype == torch.float64


def test_frechet_of_gaussians_in_one_dimension():
    m, s = draw(2), draw(2, seed=1).abs() + 0.1
    one = frechet_gaussians(m[:1], s[:1, None] ** 2, m[1:], s[1:, None] ** 2)
    assert one == pytest.approx(((m[0] - m[1]) ** 2 + (s[0] - s[1]) ** 2).item(), abs=1e-12)


def test_frechet_where_the_covariances_share_their_axes():
    """C₁ = Q diag(a) Qᵀ, C₂ = Q diag(b) Qᵀ: |m₁ − m₂|² + Σ (√a − √b)²."""
    axes = torch.linalg.qr(draw(6, 6)).Q
    a, b = draw(6, seed=1) ** 2, draw(6, seed=2) ** 2
    m1, m2 = draw(6, seed=3), draw(6, seed=4)
    found = frechet_gaussians(m1, axes * a @ axes.T, m2, axes * b @ axes.T)
    exact = ((m1 - m2) ** 2).sum() + ((a.sqrt() - b.sqrt()) ** 2).sum()
    assert found == pytest.approx(exact.item(), rel=1e-10)


def test_frechet_equals_the_eigenvalues_of_the_product():
    """tr (C₁C₂)^½ from the eigenvalues of the product itself, which is not symmetric."""
    c1, c2 = (torch.cov(draw(8, 40, seed=s)) for s in (1, 2))
    zero = torch.zeros(8, dtype=torch.float64)
    roots = torch.linalg.eigvals(c1 @ c2).real.clamp_min(0).sqrt().sum()
    exact = torch.trace(c1) + torch.trace(c2) - 2 * roots
    assert frechet_gaussians(zero, c1, zero, c2) == pytest.approx(exact.item(), rel=1e-10)


def test_frechet_is_symmetric_zero_on_itself_and_takes_a_flat_covariance():
    x, y = draw(60, 5), draw(80, 5, seed=1) * 2 + 1
    assert frechet(x, y) == pytest.approx(frechet(y, x), rel=1e-10)
    assert frechet(x, x) < 1e-10
    flat = torch.cat([x, torch.zeros(60, 3, dtype=torch.float64)], 1)  # rank 5 of 8
    moved = flat + 1
    assert frechet(flat, moved) == pytest.approx(8, abs=1e-6)


def test_frechet_refuses_what_has_no_covariance():
    with pytest.raises(InputError, match="features"):
        frechet(draw(1, 3), draw(5, 3))
    with pytest.raises(InputError, match="features"):
        frechet(draw(5, 3), draw(5, 4))


def test_density_and_coverage_equal_brute_force():
    real, made, k = draw(30, 3), draw(20, 3, seed=1) * 1.5, 4
    count, covered = 0, 0
    for i in range(30):
        gaps = sorted(math.dist(real[i], other) for other in real)
        hits = sum(math.dist(real[i], one) <= gaps[k] for one in made)  # gaps[0] is itself
        count += hits
        covered += hits > 0
    density, coverage = density_coverage(real, made, k)
    assert density == pytest.approx(count / (k * 20)) and coverage == pytest.approx(covered / 30)


def test_density_and_coverage_of_one_distribution_are_about_one():
    density, coverage = density_coverage(draw(1500, 4), draw(1500, 4, seed=1))
    assert abs(density - 1) < 0.1
    assert abs(coverage - (1 - 0.5**5)) < 0.04  # Naeem et al., eq. 9: 1 − Π (N − i)/(2N − i)
    density, coverage = density_coverage(draw(200, 4), draw(200, 4, seed=1) + 100)
    assert density == coverage == 0


def test_label_accuracy_and_features():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = Classifier(Config(width=4, features=6)).eval()
    x = torch.rand(1200, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        labels = model(x).argmax(1)
    assert label_accuracy(model, x, labels) == 1
    labels[:300] = (labels[:300] + 1) % 10
    assert label_accuracy(model, x, labels) == 0.75
    assert features_of(model, x).shape == (1200, 6)


def test_a_mean_over_batches_is_the_mean():
    x = draw(1100, 1, 2, 2)
    mean, error = mean_over(x, lambda part: part.flatten(1).sum(1))
    values = x.flatten(1).sum(1)
    assert mean == pytest.approx(values.mean().item())
    assert error == pytest.approx(values.std().item() / math.sqrt(1100))
