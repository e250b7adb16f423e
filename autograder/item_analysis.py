"""Classical item analysis: how hard each exercise is, and whether it goes with the rest.

Scores are (N, K): N students, K exercises, marks as they count. Intervals are of 95 %; what the data
do not define, such as the correlation with an exercise that everybody solves, is NaN.
"""

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
        scores: (N, K) marks.
        points: (K,) the most that each exercise gives, above 0.
        rng: for the resamples of the correlations' intervals.
    """
    share = scores / points
    totals = scores.sum(axis=1)
    rest = totals[:, None] - scores
    observed = _correlations(np.ones((1, len(scores))), scores, rest)[0]
    resampled = [_correlations(counts, scores, rest) for counts in _resamples(len(scores), rng)]
    intervals = map(percentile_interval, np.concatenate(resampled).T)
    return [
        Item(
            float(success),
            wilson(success, len(scores)),
            float(r),
            interval,
            upper_lower(share[:, k], totals),
        )
        for k, (success, r, interval) in enumerate(zip(share.mean(axis=0), observed, intervals, strict=True))
    ]


def cronbach_alpha(scores: np.ndarray, rng: np.random.Generator) -> tuple[float, Interval]:
    """Internal consistency of the marks, K/(K−1)·(1 − Σ var(item) / var(total)), and its interval."""
    observed = _alphas(np.ones((1, len(scores))), scores)[0]
    resampled = [_alphas(counts, scores) for counts in _resamples(len(scores), rng)]
    return float(observed), percentile_interval(np.concatenate(resampled))


def upper_lower(share: np.ndarray, totals: np.ndarray) -> float:
    """Mean of `share` in the best 27 % by `totals` less that in the weakest 27 %.

    Students with equal totals at a group's edge share its last places, so that no order of names counts.

    >>> upper_lower(np.array([1.0, 1.0, 0.0, 0.0]), np.array([9, 7, 5, 2]))
    1.0
    """
    places = max(1, round(OUTER_SHARE * len(totals)))
    upper, lower = _places(totals, places), _places(-totals, places)
    return float((upper - lower) @ share / places)


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


def _resamples(n, rng):
    """How often each student is drawn in each bootstrap sample, (chunk, N) at a time: memory stays bounded."""
    for _ in range(RESAMPLES // _CHUNK):
        yield rng.multinomial(n, np.full(n, 1 / n), size=_CHUNK).astype(float)


def _correlations(counts, x, y):
    """Pearson's r of each column of `x` with that of `y`, for each row of counts: (B, K)."""
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)  # keeps the sums of squares small
    n = counts.sum(axis=1, keepdims=True)
    mean_x, mean_y = counts @ x / n, counts @ y / n
    covariance = counts @ (x * y) / n - mean_x * mean_y
    variances = _variances(counts, x) * _variances(counts, y)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.clip(covariance / np.sqrt(variances), -1, 1)


def _alphas(counts, scores):
    items = np.nansum(_variances(counts, scores), axis=1)  # an exercise without spread adds nothing
    total = _variances(counts, scores.sum(axis=1, keepdims=True))[:, 0]
    k = scores.shape[1]
    with np.errstate(invalid="ignore", divide="ignore"):
        return k / (k - 1) * (1 - items / total) if k > 1 else np.full(len(counts), np.nan)


def _variances(counts, x):
    """Of each column, for each row of counts; NaN where it is rounding error alone."""
    x = x - x.mean(axis=0)
    n = counts.sum(axis=1, keepdims=True)
    variance = counts @ x**2 / n - (counts @ x / n) ** 2
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
