"""The best discriminator between two normal densities on the line, and the distances it knows.

    p = N(0, σ²) of real data,  q = N(μ, σ²) of generated ones
    D*(x) = p(x) / (p(x) + q(x))                   the lowest E_p[−log D] + E_q[−log(1 − D)]
    its loss = 2 log 2 − 2 JS(p, q)                2 log 2 where p = q, towards 0 where they part
    JS = ½ ∫ p log(p / m) + ½ ∫ q log(q / m),  m = (p + q) / 2,   from 0 to log 2
    W₁ = |μ|                                       however far apart they are

Paper: Goodfellow et al. 2014, arXiv 1406.2661, section 4; why JS gives no gradient there: Arjovsky
& Bottou 2017, arXiv 1701.04862. The integrals are sums over an even grid, in nats.
"""

from __future__ import annotations

import numpy as np

REACH, NODES = 12.0, 6001  # of the grid: σ beyond both means; its points


def normal(x: np.ndarray, mean: float, sigma: float) -> np.ndarray:
    """Return the density of N(mean, sigma²) at x, any shape."""
    return np.exp(-0.5 * ((x - mean) / sigma) ** 2) / (sigma * np.sqrt(2 * np.pi))


def best_discriminator(x: np.ndarray, shift: float | np.ndarray, sigma: float) -> np.ndarray:
    """Return D*(x), from the logarithms of p and q: both may be too small for a float."""
    log_ratio = (x**2 - (x - shift) ** 2) / (2 * sigma**2)  # log q − log p
    return np.exp(-np.logaddexp(0.0, log_ratio))


def jensen_shannon(shift: float, sigma: float) -> float:
    """Return JS between N(0, σ²) and N(shift, σ²) in nats."""
    x = np.linspace(min(0, shift) - REACH * sigma, max(0, shift) + REACH * sigma, NODES)
    p, q = normal(x, 0.0, sigma), normal(x, shift, sigma)
    own = best_discriminator(x, shift, sigma)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(p > 0, p * np.log(2 * own), 0) + np.where(
            q > 0, q * np.log(2 * best_discriminator(shift - x, shift, sigma)), 0
        )
    return float(np.trapezoid(terms, x) / 2)
