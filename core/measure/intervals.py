"""Compute confidence intervals of a share: k right of n.

    Wilson             (p̂ + z²/2n ± z √(p̂(1 − p̂)/n + z²/4n²)) / (1 + z²/n),   p̂ = k/n
    Clopper–Pearson    from B⁻¹(α/2; k, n − k + 1) to B⁻¹(1 − α/2; k + 1, n − k)

z is the normal's quantile at 1 − α/2 and B⁻¹ the beta distribution's. Wilson's covers the true
share about as often as it says, the other one never less often. Both stay in [0, 1], and neither is
of no width at k = 0 or k = n, as p̂ ± z √(p̂(1 − p̂)/n) would be. (Wilson 1927; Clopper, Pearson 1934)
"""

from __future__ import annotations

import math
from statistics import NormalDist

from core.inputs import choice, integer, number

METHODS = ("wilson", "clopper-pearson")
MOST = 1_000_000  # trials


def wilson(right: int, of: int, level: float = 0.95) -> tuple[float, float]:
    """Return Wilson's interval for a share, `right` of `of` trials.

    Args:
        right: k, 0 to n.
        of: n, from 1 on.
        level: 1 − α, in (0, 1).
    """
    z = NormalDist().inv_cdf(0.5 + level / 2)
    p = right / of
    middle = p + z * z / (2 * of)
    half = z * math.sqrt(p * (1 - p) / of + z * z / (4 * of * of))
    low, high = ((middle + way * half) / (1 + z * z / of) for way in (-1, 1))
    return low if right else 0.0, high if right < of else 1.0  # exact there but for rounding


def clopper_pearson(right: int, of: int, level: float = 0.95) -> tuple[float, float]:
    """Return Clopper and Pearson's interval; arguments as of `wilson`."""
    from scipy.special import betaincinv

    tail = (1 - level) / 2
    low = float(betaincinv(right, of - right + 1, tail)) if right else 0.0
    high = float(betaincinv(right + 1, of - right, 1 - tail)) if right < of else 1.0
    return low, high


def interval(
    right: int, of: int, level: float = 0.95, method: str = "wilson"
) -> tuple[float, float]:
    """Return an interval for a share, all arguments checked.

    Raises:
        InputError: one of them is refused.
    """
    n = integer("of", of, 1, MOST)
    k = integer("right", right, 0, n)
    share = number("level", level, 0.5, 0.999)
    how = {"wilson": wilson, "clopper-pearson": clopper_pearson}
    return how[choice("method", method, METHODS)](k, n, share)
