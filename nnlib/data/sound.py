"""Vowels, synthesised from published averages: a source, three resonances, and nothing recorded.

A vowel is what the mouth makes of the voice's buzz: its first three resonances, the formants F1 to F3, tell the
vowels apart, whoever speaks. Times are counted in samples, frequencies in Hz, levels in dB.
"""

from typing import NamedTuple

import numpy as np

from nnlib._arguments import as_float, as_parameter
from nnlib.data._counts import as_count
from nnlib.data.sampling import balanced_labels

_BANDWIDTHS = (50.0, 70.0, 110.0)  # Hz, of F1, F2, F3: Klatt (1980), table I
_GLOTTIS = 100.0  # Hz, the bandwidth of the low-pass that makes a click a puff of air: Klatt (1980), table I
_SILENCE = 1e-10  # power that stands for none, −100 dB: the logarithm of 0 is not finite


class Vowel(NamedTuple):
    """One vowel of American English: a word that has it, its phonetic sign, and averages of three groups.

    Each group's averages are (F0, F1, F2, F3) in Hz, F0 being the pitch of the voice: 33 men, 28 women and 15
    children, as in Peterson & Barney's table II.

    >>> VOWELS["iy"].word, VOWELS["iy"].men
    ('heed', (136.0, 270.0, 2290.0, 3010.0))
    """

    word: str
    sign: str
    men: tuple[float, float, float, float]
    women: tuple[float, float, float, float]
    children: tuple[float, float, float, float]


# Peterson & Barney (1952), Control methods used in a study of the vowels, Journal of the Acoustical Society of
# America 24(2), 175-184, table II. The keys are the ARPAbet's.
VOWELS: dict[str, Vowel] = {
    "iy": Vowel("heed", "i", (136.0, 270.0, 2290.0, 3010.0), (235.0, 310.0, 2790.0, 3310.0), (272.0, 370.0, 3200.0, 3730.0)),
    "ih": Vowel("hid", "ɪ", (135.0, 390.0, 1990.0, 2550.0), (232.0, 430.0, 2480.0, 3070.0), (269.0, 530.0, 2730.0, 3600.0)),
    "eh": Vowel("head", "ɛ", (130.0, 530.0, 1840.0, 2480.0), (223.0, 610.0, 2330.0, 2990.0), (260.0, 690.0, 2610.0, 3570.0)),
    "ae": Vowel("had", "æ", (127.0, 660.0, 1720.0, 2410.0), (210.0, 860.0, 2050.0, 2850.0), (251.0, 1010.0, 2320.0, 3320.0)),
    "aa": Vowel("hod", "ɑ", (124.0, 730.0, 1090.0, 2440.0), (212.0, 850.0, 1220.0, 2810.0), (256.0, 1030.0, 1370.0, 3170.0)),
    "ao": Vowel("hawed", "ɔ", (129.0, 570.0, 840.0, 2410.0), (216.0, 590.0, 920.0, 2710.0), (263.0, 680.0, 1060.0, 3180.0)),
    "uh": Vowel("hood", "ʊ", (137.0, 440.0, 1020.0, 2240.0), (232.0, 470.0, 1160.0, 2680.0), (276.0, 560.0, 1410.0, 3310.0)),
    "uw": Vowel("who'd", "u", (141.0, 300.0, 870.0, 2240.0), (231.0, 370.0, 950.0, 2670.0), (274.0, 430.0, 1170.0, 3260.0)),
    "ah": Vowel("hud", "ʌ", (130.0, 640.0, 1190.0, 2390.0), (221.0, 760.0, 1400.0, 2780.0), (261.0, 850.0, 1590.0, 3360.0)),
    "er": Vowel("heard", "ɜ˞", (133.0, 490.0, 1350.0, 1690.0), (218.0, 500.0, 1640.0, 1960.0), (261.0, 560.0, 1820.0, 2160.0)),
}  # fmt: skip


def resonator(x, frequency, bandwidth, rate=10_000):
    """A digital resonator: lets frequencies near its own ring.

        y_t = a·x_t + b·y_{t−1} + c·y_{t−2},  c = −exp(−2πB/R), b = 2·exp(−πB/R)·cos(2πF/R), a = 1 − b − c

    starting from rest; a makes the gain at 0 Hz one. With F = 0 it is a low-pass.

    Args:
        x: (N, T) float, waveforms.
        frequency: F, one number or (N,) float in Hz, from 0 to R/2.
        bandwidth: B, one number or (N,) float in Hz, positive: the width of the peak 3 dB below its top.
        rate: R, samples a second.
    Returns:
        (N, T) float, the dtype of `x`.
    Raises:
        ValueError: wrong shapes, frequency outside 0 to R/2, bandwidth or rate not positive.
    Source:
        Klatt (1980), Software for a cascade/parallel formant synthesizer, Journal of the Acoustical Society of
        America 67(3), 971-995, equations 1 and 2.

    >>> resonator(np.array([[1.0, 0.0, 0.0, 0.0]]), 2500, 300).round(3)
    array([[ 1.828,  0.   , -1.514, -0.   ]])
    """
    x = as_float(x, "x")
    if x.ndim != 2:
        raise ValueError(f"x must have shape (N, T), got {x.shape}")
    rate = as_parameter("rate", rate, 0 < rate < np.inf, "positive and finite")
    F, B = as_float(frequency, "frequency"), as_float(bandwidth, "bandwidth")
    if not {F.shape, B.shape} <= {(), x.shape[:1]}:
        raise ValueError(
            f"frequency and bandwidth must be numbers or of shape {x.shape[:1]}, got {F.shape} and {B.shape}"
        )
    if not np.all((F >= 0) & (rate / 2 >= F)):
        raise ValueError(f"frequency must be from 0 to {rate / 2:g} Hz, half the rate")
    if not np.all(B > 0):
        raise ValueError("bandwidth must be positive")
    c = -np.exp(-2 * np.pi * B / rate)
    b = 2 * np.exp(-np.pi * B / rate) * np.cos(2 * np.pi * F / rate)
    y = np.ascontiguousarray(x.T) * (1 - b - c)  # (T, N): a step of all waveforms is one contiguous row
    before = last = np.zeros(len(x))
    for row in y:
        row += b * last + c * before
        before, last = last, row
    return np.ascontiguousarray(y.T, dtype=x.dtype)


def source_filter(pitch, formants, samples=800, rate=10_000, phase=0.0):
    """Steady vowels from the source-filter model: clicks at the pitch, through glottis, formants and lips.

    Each click becomes a puff of air (a resonator at 0 Hz, 100 Hz wide), goes through one resonator for each
    formant (50, 70 and 110 Hz wide), and leaves the lips (a difference of neighbouring samples, which models
    radiation). A click between two samples is shared out between them, so that any pitch comes out true. The
    first twentieth of a second, while the sound builds up, is left out.

    Args:
        pitch: (N,) float, clicks a second (F0), in Hz, positive and at most half the rate.
        formants: (N, 3) float, F1, F2 and F3 in Hz, from 0 to half the rate.
        samples: number T of samples, at least 2.
        rate: samples a second.
        phase: one number or (N,) float, where in its period each sound starts, in periods.
    Returns:
        (N, T) float64, waveforms whose root mean square is 1.
    Raises:
        ValueError: another shape, a frequency outside its range, or a pitch so low that no click is heard.
    Source:
        Fant (1960), Acoustic Theory of Speech Production; the filters and their order are Klatt's (1980).

    >>> X = source_filter(np.array([125.0]), np.array([[730.0, 1090.0, 2440.0]]))
    >>> X.shape, np.allclose(X[:, 80:], X[:, :-80], atol=0.001)  # 80 samples are a period: 8 ms
    ((1, 800), True)
    """
    pitch, formants = as_float(pitch, "pitch"), as_float(formants, "formants")
    if pitch.ndim != 1 or formants.shape != (len(pitch), 3):
        raise ValueError(
            f"pitch must have shape (N,) and formants (N, 3), got {pitch.shape} and {formants.shape}"
        )
    rate = as_parameter("rate", rate, 0 < rate < np.inf, "positive and finite")
    if not np.all((pitch > 0) & (pitch <= rate / 2)):
        raise ValueError(f"pitch must be above 0 and at most {rate / 2:g} Hz, half the rate")
    total = as_count("samples", samples, least=2) + int(rate / 20)
    step = pitch / rate  # periods a sample
    phase = as_float(phase, "phase")
    if phase.shape not in ((), pitch.shape):
        raise ValueError(f"phase must be a number or of shape {pitch.shape}, got {phase.shape}")
    x = _clicks(step[:, None], phase.reshape(-1, 1), total)
    if not x.any(axis=1).all():
        raise ValueError(
            "pitch must be high enough for a click within the sound, or a twentieth of a second before"
        )
    x = resonator(x, 0.0, _GLOTTIS, rate)
    for F, B in zip(formants.T, _BANDWIDTHS, strict=True):
        x = resonator(x, F, B, rate)
    x = np.diff(x, axis=1)[:, -samples:]
    return x / np.sqrt(np.mean(x**2, axis=1, keepdims=True))


def vowels(
    n, rng, samples=800, rate=10_000, speakers=("men", "women", "children"), variation=0.05, noise=0.01
):
    """Short recordings, as it were, of ten vowels from many speakers.

    Each comes from a speaker of a random group. With ε standard normal and σ = `variation`, its frequencies are
    the group's averages F times factors near 1:

        pitch = F0·exp(2σ·ε_0),  formant i = F_i·exp(σ·(ε + ε_i))      (ε: the speaker's, long or short of tract)

    A formant that this moves above 0.48 of the rate is set there. Loudness says nothing: the root mean square of
    every waveform is 1 before the noise.

    Args:
        n: number N of sounds, at least 10.
        rng: numpy.random.Generator.
        samples: number T of samples, at least 2; the default is 80 ms.
        rate: samples a second, at least 8000, so that the highest average (3730 Hz) can be represented.
        speakers: the groups to draw from, some of "men", "women", "children".
        variation: σ above, unitless, 0 or more.
        noise: standard deviation of white noise that is added, the sound's own being 1; 0 or more.
    Returns:
        X: (N, T) float64, waveforms.
        y: (N,) int64 in 0..9, in the order of `VOWELS`; classes are as equal in size as N allows.
    Raises:
        ValueError: a number out of its range, no speakers or an unknown group.
    Source:
        Peterson & Barney (1952), table II, for the averages; Klatt (1980) for the synthesis.

    >>> X, y = vowels(20, np.random.default_rng(0))
    >>> X.shape, np.bincount(y)
    ((20, 800), array([2, 2, 2, 2, 2, 2, 2, 2, 2, 2]))
    """
    rate = as_parameter("rate", rate, 8000 <= rate < np.inf, "at least 8000 and finite")
    variation = as_parameter("variation", variation, 0 <= variation < np.inf, "0 or more, and finite")
    noise = as_parameter("noise", noise, 0 <= noise < np.inf, "0 or more, and finite")
    speakers = tuple(speakers)
    if not speakers or not set(speakers) <= {"men", "women", "children"}:
        raise ValueError(f'speakers must be some of "men", "women", "children", got {speakers}')
    averages = np.array([[getattr(vowel, group) for vowel in VOWELS.values()] for group in speakers])
    y = balanced_labels(as_count("n", n, least=len(VOWELS)), len(VOWELS), rng)
    mean = averages[rng.integers(len(speakers), size=len(y)), y]
    strays = rng.normal(scale=variation, size=mean.shape)
    strays[:, 0] *= 2
    strays[:, 1:] += rng.normal(scale=variation, size=(len(y), 1))
    pitch, formants = np.split(np.minimum(mean * np.exp(strays), 0.48 * rate), [1], axis=1)
    X = source_filter(pitch[:, 0], formants, samples, rate, phase=rng.uniform(size=len(y)))
    return X + rng.normal(scale=noise, size=X.shape), y


def spectrogram(X, window=64, hop=32):
    """Power over time and frequency, in dB: what a network that reads sound is usually given.

        S_{m,k} = 10·log10( |Σ_t w_t·x_{t + m·hop}·exp(−2πikt/L)|² / Σ_t w_t² ),  w_t = ½ − ½·cos(2πt/L)

    L is `window`. A short one, under a pitch period, blurs the harmonics and shows the formants; a long one
    shows the harmonics. White noise of variance 1 has the mean power 1 in every bin, that is 0 dB; the mean
    of its dB is lower, −2.5, and −5.5 in the first and last bin. Below −100 dB stands −100.

    Args:
        X: (N, T) float, waveforms, T at least `window`.
        window: length L of a frame, in samples, even, at least 2. Bin k is at k·rate/L Hz.
        hop: samples from one frame to the next, at least 1. What is left at the end is not used.
    Returns:
        (N, M, L/2 + 1) float64 in dB, M = ⌊(T − L)/hop⌋ + 1 frames.
    Raises:
        ValueError: X has not two axes or is shorter than the window; window odd or a size too small.
    Source:
        Allen & Rabiner (1977), A unified approach to short-time Fourier analysis and synthesis, Proceedings of
        the IEEE 65(11), 1558-1564.

    >>> t = np.arange(400)
    >>> spectrogram(np.sin(2 * np.pi * t / 8)[None]).argmax(axis=2)     # 64/8 is bin 8
    array([[8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8]])
    """
    return _decibels(_power(X, window, hop))


def log_spectrum(X, window=64):
    """One spectrum for each sound, in dB: the power of `spectrogram`, averaged over frames half overlapped.

    Args:
        X: (N, T) float, waveforms, T at least `window`.
        window: as for `spectrogram`.
    Returns:
        (N, window/2 + 1) float64 in dB; bin k is at k·rate/window Hz.
    Raises:
        ValueError: as for `spectrogram`.
    Source:
        Welch (1967), The use of fast Fourier transform for the estimation of power spectra, IEEE Transactions
        on Audio and Electroacoustics 15(2), 70-73.

    >>> X, y = vowels(10, np.random.default_rng(0))
    >>> log_spectrum(X).shape
    (10, 33)
    """
    return _decibels(_power(X, window, max(1, as_count("window", window, least=2) // 2)).mean(axis=1))


def _power(X, window, hop):
    X, window, hop = as_float(X, "X"), as_count("window", window, least=2), as_count("hop", hop)
    if window % 2:
        raise ValueError(f"window must be even, got {window}")
    if X.ndim != 2 or X.shape[1] < window:
        raise ValueError(f"X must have shape (N, T) with T at least {window}, got {X.shape}")
    w = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window)
    frames = np.lib.stride_tricks.sliding_window_view(X, window, axis=1)[:, ::hop]
    return np.abs(np.fft.rfft(frames * w, axis=2)) ** 2 / np.sum(w**2)


def _decibels(power):
    return 10 * np.log10(np.maximum(power, _SILENCE))


def _clicks(step, phase, total):
    """(N, total): a unit click whenever the phase passes a whole number, shared by the two samples around it."""
    passed = phase + step * np.arange(-1, total + 1)
    whole = np.floor(passed)
    new = np.diff(whole, axis=1)  # 1 where a click lies between this sample and the one before
    late = new * (passed - whole)[:, 1:] / step  # how long before this sample it came, in samples
    return (new - late)[:, :-1] + late[:, 1:]
