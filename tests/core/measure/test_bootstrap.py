"""Bootstrap intervals against closed forms and the spread of fresh samples."""

import math

import numpy as np
import pytest
import torch

from core.measure import bootstrap, metrics
from core.measure.comparison import entropy


def test_counts_of_one_give_the_figure_itself():
    rng = np.random.default_rng(0)
    made, real = (torch.from_numpy(rng.normal(size=(n, 4))) for n in (60, 80))
    ones, labels = np.ones(60, int), rng.integers(0, 10, 60)
    frechet = bootstrap.frechet_of(made, real)(ones)
    assert frechet == pytest.approx(metrics.frechet(real, made), abs=1e-12)
    assert bootstrap.coverage_of(made, real)(ones) == metrics.density_coverage(real, made)[1]
    assert bootstrap.entropy_of(labels)(ones) == pytest.approx(entropy(labels), abs=1e-12)
    values = rng.integers(0, 50, 60)
    assert bootstrap.median_of(values)(ones) == np.median(values)


def test_weights_are_samples_taken_that_often():
    rng = np.random.default_rng(1)
    made, real = (torch.from_numpy(rng.normal(size=(n, 3))) for n in (40, 50))
    counts = rng.multinomial(40, np.full(40, 1 / 40))
    again, values = np.repeat(np.arange(40), counts), rng.integers(0, 9, 40)
    found = bootstrap.frechet_of(made, real)(counts)
    assert found == pytest.approx(metrics.frechet(real, made[again]), abs=1e-12)
    covered = metrics.density_coverage(real, made[again])[1]
    assert bootstrap.coverage_of(made, real)(counts) == covered
    assert bootstrap.median_of(values)(counts) == np.median(values[again])
    assert bootstrap.entropy_of(values)(counts) == pytest.approx(entropy(values[again]), abs=1e-12)


def test_the_interval_of_a_mean_is_the_normals():
    values = np.random.default_rng(2).normal(size=400)
    found = bootstrap.bootstrap(400, lambda counts: float(counts @ values / 400), draws=4000)
    half = 1.96 * values.std() / math.sqrt(400)
    assert found.value == pytest.approx(values.mean())
    assert (found.low, found.high) == pytest.approx(
        (values.mean() - half, values.mean() + half), abs=0.08 * half
    )


def test_a_distance_s_interval_is_as_wide_as_fresh_samples_are_apart():
    rng = np.random.default_rng(3)
    real = torch.from_numpy(rng.normal(size=(2000, 5)))

    def fresh():
        return torch.from_numpy(0.3 + rng.normal(size=(300, 5)))

    several = [metrics.frechet(real, fresh()) for _ in range(200)]
    wide = float(np.diff(np.quantile(several, [0.025, 0.975]))[0])
    widths = []
    for seed in range(10):
        found = bootstrap.bootstrap(300, bootstrap.frechet_of(fresh(), real), draws=200, seed=seed)
        assert found.low < found.value < found.high
        widths.append(found.high - found.low)
    assert np.mean(widths) == pytest.approx(wide, rel=0.2)
