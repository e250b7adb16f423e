"""Classical item analysis: how hard each exercise or question is, and whether it goes with the rest.

Scores are (N, K): N students, K exercises, marks as they count; NaN where a student was not given that one.
Intervals are of 95 %; what the data do not define, such as the correlation with an exercise that everybody
solves, is NaN.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

LEAST_STUDENTS = 20  # with fewer, a correlation's interval is wider than ±0.45 and says nothing
OUTER_SHARE = 0.27  # Kelley (1939): where the two groups' difference is surest
RESAMPLES = 2000
_CHUNK = 250
_Z95 = 1.959964


@dataclass(frozen=True)
class Interval:
    """A 95 % interval; NaN at both ends where there is none."""

    low: float
    high: float


@dataclass(frozen=True)
class Item:
    """How one exercise behaves in a class.

    Attributes:
        success: mean share of its marks that the class earned, in [0, 1]; literature calls it the difficulty p.
        rest: corrected item-total correlation, that of its marks with the sum of all the others.
        upper_lower: success of the best 27 % less that of the weakest 27 %, by all marks.
    """

    success: float
    success_interval: Interval
    rest: float
    rest_interval: Interval
    upper_lower: float

    @property
    def against(self) -> bool:
        """Whether those who do well elsewhere do surely worse here."""
        return self.rest_interval.high < 0

    @property
    def says(self) -> str:
        """What the numbers mean, in words; the bounds 0.2 and 0.4 are Ebel's (1965)."""
        if np.isnan(self.rest):
            return "everybody has the same marks here, so it tells nobody apart"
        if self.against:
            return "negative: those who do well elsewhere fail here. Look at the exercise and its cases"
        if self.rest < 0:
            return "negative, but within chance: look at the exercise if the next class shows it too"
        if np.isnan(self.rest_interval.low) or self.rest_interval.low <= 0:
            return "cannot be told from chance in this class"
        if self.success > 0.95:
            return "nearly everybody solves it; what is left goes with the rest"
        if self.rest < 0.2:
            return "weak: it hardly goes with the rest"
        return "fair: it goes with the rest" if self.rest < 0.4 else "good: it goes well with the rest"


def analyse(scores: np.ndarray, points: np.ndarray, rng: np.random.Generator) -> list[Item]:
    """An `Item` for each exercise.

    Args:
        scores: (N, K) marks; NaN where a student was not given that exercise.
        points: (K,) the most that each exercise gives, above 0.
        rng: for the resamples of the correlations' intervals.
    """
    share, given = scores / points, ~np.isnan(scores)
    offered = given @ points
    earned = np.nansum(scores, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):  # who was given nothing else has no rest
        totals = earned / offered
        rest = (earned[:, None] - scores) / (offered[:, None] - points)
    observed = _correlations(np.ones((1, len(scores))), scores, rest)[0]
    resampled = [_correlations(counts, scores, rest) for counts in resamples(len(scores), rng)]
    intervals = map(percentile_interval, np.concatenate(resampled).T)
    found = []
    for k, (r, interval) in enumerate(zip(observed, intervals, strict=True)):
        took = given[:, k]
        success = float(share[took, k].mean()) if took.any() else np.nan
        apart = upper_lower(share[took, k], totals[took]) if took.any() else np.nan
        found.append(Item(success, wilson(success, took.sum()), float(r), interval, apart))
    return found


def cronbach_alpha(scores: np.ndarray, rng: np.random.Generator) -> tuple[float, Interval]:
    """Internal consistency of the marks, K/(K−1)·(1 − Σ var(item) / var(total)), and its interval."""
    observed = _alphas(np.ones((1, len(scores))), scores)[0]
    resampled = [_alphas(counts, scores) for counts in resamples(len(scores), rng)]
    return float(observed), percentile_interval(np.concatenate(resampled))


def upper_lower(share: np.ndarray, totals: np.ndarray) -> float:
    """Mean of `share` in the best 27 % by `totals` less that in the weakest 27 %.

    Students with equal totals at a group's edge share its last places, so that no order of names counts.

    >>> upper_lower(np.array([1.0, 1.0, 0.0, 0.0]), np.array([9, 7, 5, 2]))
    1.0
    """
    upper, lower = upper_shares(totals)
    return float((upper - lower) @ share)


def upper_shares(totals: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each student's weight in the best 27 % by `totals` and in the weakest; either adds up to 1."""
    places = max(1, round(OUTER_SHARE * len(totals)))
    return _places(totals, places) / places, _places(-totals, places) / places


def wilson(share: float, n: int) -> Interval:
    """Wilson's (1927) interval of a proportion.

    It also holds, on the wide side, for a mean of values in [0, 1], whose variance is at most p(1 − p).

    >>> wilson(0.0, 20)
    Interval(low=0.0, high=0.161...)
    """
    if not n:
        return Interval(np.nan, np.nan)
    shrink = 1 + _Z95**2 / n
    middle = (share + _Z95**2 / (2 * n)) / shrink
    half = _Z95 / shrink * np.sqrt(share * (1 - share) / n + _Z95**2 / (4 * n**2))
    return Interval(max(0.0, float(middle - half)), min(1.0, float(middle + half)))


def percentile_interval(values: np.ndarray) -> Interval:
    """The middle 95 % of a statistic's resampled values; none where many resamples leave it undefined."""
    defined = values[~np.isnan(values)]
    if len(defined) < 0.95 * len(values):
        return Interval(np.nan, np.nan)
    low, high = np.percentile(defined, [2.5, 97.5])
    return Interval(float(low), float(high))


def mean_intervals(values: np.ndarray, rng: np.random.Generator) -> list[Interval]:
    """Bootstrapped intervals of the mean of each column, NaN cells left out.

    Where all values are alike, so are all resamples; then the interval is Wilson's, which stays honest.
    """
    given = ~np.isnan(values)
    filled = np.where(given, values, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = np.concatenate([(c @ filled) / (c @ given) for c in resamples(len(values), rng)])
    return [
        percentile_interval(means[:, k]) if np.ptp(column) > 0 else wilson(float(column.mean()), len(column))
        for k, column in enumerate(values[given[:, k], k] for k in range(values.shape[1]))
    ]


def resamples(n: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """How often each student is drawn in each bootstrap sample, (chunk, N) at a time: memory stays bounded."""
    for _ in range(RESAMPLES // _CHUNK):
        yield rng.multinomial(n, np.full(n, 1 / n), size=_CHUNK).astype(float)


def _correlations(counts, x, y):
    """Pearson's r of each column of `x` with that of `y`, for each row of counts, without NaN cells: (B, K)."""
    given = ~np.isnan(x) & ~np.isnan(y)
    x, y = _centred(x, given), _centred(y, given)
    with np.errstate(invalid="ignore", divide="ignore"):
        n = counts @ given
        mean_x, mean_y = counts @ x / n, counts @ y / n
        covariance = counts @ (x * y) / n - mean_x * mean_y
        variances = _spread(counts, x, mean_x, n) * _spread(counts, y, mean_y, n)
        return np.clip(covariance / np.sqrt(variances), -1, 1)


def _centred(x, given):
    """Columns less their means, which keeps the sums of squares small; 0 where nothing is given."""
    x = np.where(given, x, 0.0)
    return np.where(given, x - x.sum(axis=0) / np.maximum(1, given.sum(axis=0)), 0.0)


def _alphas(counts, scores):
    items = np.nansum(_variances(counts, scores), axis=1)  # an exercise without spread adds nothing
    total = _variances(counts, scores.sum(axis=1, keepdims=True))[:, 0]
    k = scores.shape[1]
    with np.errstate(invalid="ignore", divide="ignore"):
        return k / (k - 1) * (1 - items / total) if k > 1 else np.full(len(counts), np.nan)


def _variances(counts, x):
    """Of each column, for each row of counts; NaN where it is rounding error alone."""
    x, n = x - x.mean(axis=0), counts.sum(axis=1, keepdims=True)
    return _spread(counts, x, counts @ x / n, n)


def _spread(counts, x, mean, n):
    variance = counts @ x**2 / n - mean**2
    return np.where(variance > 1e-12 * np.maximum(1, (x**2).max(axis=0)), variance, np.nan)


def _places(totals, places):
    """Each student's part of the first `places`, by descending totals; equal totals share alike."""
    parts = np.zeros(len(totals))
    for total in np.unique(totals)[::-1]:
        equal = totals == total
        parts[equal] = min(places, equal.sum()) / equal.sum()
        places -= min(places, equal.sum())
        if not places:
            break
    return parts
