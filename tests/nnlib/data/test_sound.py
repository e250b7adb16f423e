"""Vowels from published formants: the filters, the averages, and what can be heard in the result."""

import numpy as np
import pytest

from nnlib.data.sound import VOWELS, log_spectrum, resonator, source_filter, spectrogram, vowels

GROUPS = ("men", "women", "children")


def rng(seed=0):
    return np.random.default_rng(seed)


def test_the_averages_are_peterson_and_barneys():
    """Checksums of table II as printed, typed in a second time: row by row, all ten vowels in its order."""
    table = np.array([[getattr(vowel, group) for vowel in VOWELS.values()] for group in GROUPS])
    assert (
        " ".join(vowel.word for vowel in VOWELS.values())
        == "heed hid head had hod hawed hood who'd hud heard"
    )
    assert " ".join(VOWELS) == "iy ih eh ae aa ao uh uw ah er"
    wanted = """
        136 135 130 127 124 129 137 141 130 133   235 232 223 210 212 216 232 231 221 218
        272 269 260 251 256 263 276 274 261 261
        270 390 530 660 730 570 440 300 640 490   310 430 610 860 850 590 470 370 760 500
        370 530 690 1010 1030 680 560 430 850 560
        2290 1990 1840 1720 1090 840 1020 870 1190 1350   2790 2480 2330 2050 1220 920 1160 950 1400 1640
        3200 2730 2610 2320 1370 1060 1410 1170 1590 1820
        3010 2550 2480 2410 2440 2410 2240 2240 2390 1690   3310 3070 2990 2850 2810 2710 2680 2670 2780 1960
        3730 3600 3570 3320 3170 3180 3310 3260 3360 2160"""
    np.testing.assert_array_equal(table.transpose(2, 0, 1).ravel(), [float(word) for word in wanted.split()])
    assert (np.diff(table, axis=2) > 0).all()  # F0 < F1 < F2 < F3


@pytest.mark.parametrize(
    ("F", "B", "rate"), [(500, 60, 10_000), (2500, 300, 10_000), (0, 100, 8000), (3999, 50, 8000)]
)
def test_a_resonator_has_klatts_transfer_function(F, B, rate):
    click = np.zeros((2, 4000))
    click[0, 0], click[1, 3] = 1, -2
    y = resonator(click, F, B, rate)
    z = np.exp(-2j * np.pi * np.fft.rfftfreq(4000))  # one sample of delay
    c = -np.exp(-2 * np.pi * B / rate)
    b = 2 * np.exp(-np.pi * B / rate) * np.cos(2 * np.pi * F / rate)
    H = (1 - b - c) / (1 - b * z - c * z * z)
    np.testing.assert_allclose(np.fft.rfft(y[0]), H, rtol=0, atol=1e-9 * np.abs(H).max())
    np.testing.assert_allclose(np.fft.rfft(y[1]), -2 * z**3 * H, rtol=0, atol=1e-9 * np.abs(H).max())
    assert y[0].sum() == pytest.approx(1, rel=1e-9)  # no gain at 0 Hz


def test_a_resonator_is_as_wide_as_its_bandwidth():
    y = resonator(np.eye(1, 1000), 1500, 80)[0]
    power = np.abs(np.fft.rfft(y, 40_000)) ** 2  # 0.25 Hz a bin
    assert abs(power.argmax() * 0.25 - 1500) <= 0.5
    assert abs(np.count_nonzero(power > power.max() / 2) * 0.25 - 80) <= 1


def test_each_waveform_has_its_own_frequency_and_stays_apart():
    x = rng().normal(size=(3, 50))
    before = x.copy()
    F, B = np.array([300.0, 900.0, 2000.0]), np.array([50.0, 60.0, 70.0])
    together = resonator(x, F, B)
    for i in range(3):
        np.testing.assert_allclose(together[i], resonator(x[i : i + 1], F[i], B[i])[0], rtol=1e-13)
    np.testing.assert_array_equal(x, before)
    narrow = resonator(x.astype(np.float32), F, B)
    assert narrow.dtype == np.float32
    np.testing.assert_allclose(narrow, together, atol=1e-5)


def test_spectral_peaks_lie_at_the_formants():
    cases = [(vowel.word, group, getattr(vowel, group)[1:]) for vowel in VOWELS.values() for group in GROUPS]
    X = source_filter(np.full(30, 10.0), np.array([formants for *_, formants in cases]), samples=5000)
    power = np.abs(np.fft.rfft(X, axis=1)[:, ::5]) ** 2  # the harmonics: every 10 Hz
    for (word, group, formants), p in zip(cases, power, strict=True):
        p = p[15:]  # from 150 Hz: the glottis peaks near 50 Hz
        peaks = 10 * (16 + np.flatnonzero((p[1:-1] > p[:-2]) & (p[1:-1] > p[2:])))
        assert len(peaks) == 3, (word, group)
        # the slopes of the others move a peak a little, that of "heard" the most
        np.testing.assert_allclose(peaks, formants, atol=21, err_msg=f"{word} {group}")


def test_the_spectrum_is_the_product_of_glottis_formants_and_lips():
    formants = (500.0, 1500.0, 2500.0)
    X = source_filter(np.array([100.0]), np.array([formants]), samples=5000)[0]  # clicks on whole samples
    hertz = np.arange(100, 4900, 100)
    z = np.exp(-2j * np.pi * hertz / 10_000)
    wanted = 1 - z
    for F, B in ((0, 100), *zip(formants, (50, 70, 110), strict=True)):
        pole = np.exp((-np.pi * B + 2j * np.pi * F) / 10_000)
        wanted = wanted / ((1 - pole * z) * (1 - pole.conjugate() * z))
    ratio = np.abs(np.fft.rfft(X))[hertz // 2] / np.abs(wanted)
    np.testing.assert_allclose(ratio / ratio[0], 1, atol=0.01)


def test_defaults_are_as_documented():
    for f, arguments, defaults in (
        (resonator, (THREE, 500, 50), {"rate": 10_000}),
        (source_filter, (ONE, THREE), {"samples": 800, "rate": 10_000, "phase": 0.0}),
        (spectrogram, (rng().normal(size=(1, 200)),), {"window": 64, "hop": 32}),
        (log_spectrum, (rng().normal(size=(1, 200)),), {"window": 64}),
    ):
        np.testing.assert_array_equal(f(*arguments), f(*arguments, **defaults))
    explicit = {"samples": 800, "rate": 10_000, "speakers": GROUPS, "variation": 0.05, "noise": 0.01}
    for a, b in zip(vowels(10, rng()), vowels(10, rng(), **explicit), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("pitch", [83.7, 125.0, 241.3])
def test_the_pitch_is_true_also_where_a_period_is_no_whole_number_of_samples(pitch):
    formants = np.array([[500.0, 1500.0, 2500.0]])
    X = source_filter(np.array([pitch]), formants, samples=10_000)[0]
    power = np.abs(np.fft.rfft(X * np.hanning(10_000))) ** 2  # 1 Hz a bin
    k = np.arange(1, int(2400 / pitch))
    near = np.round(k * pitch).astype(int)
    harmonic = sum(power[near + d] for d in range(-3, 4))
    between = power[np.round((k + 0.5) * pitch).astype(int)]
    assert power[:2400].sum() < harmonic.sum() * 1.01
    assert (between < 1e-4 * harmonic).all()


def test_the_phase_shifts_the_sound_and_loudness_is_one():
    formants = np.array([[500.0, 1500.0, 2500.0]] * 2)
    X = source_filter(np.array([100.0, 100.0]), formants, samples=700, phase=np.array([0.0, 0.25]))
    assert X.shape == (2, 700)
    np.testing.assert_allclose(np.sqrt(np.mean(X**2, axis=1)), 1, rtol=1e-14)
    np.testing.assert_allclose(X[0, 25:], X[1, :-25], atol=2e-3)  # a quarter of 100 samples earlier


def test_the_sound_has_settled_when_it_starts():
    X = source_filter(np.array([125.0]), np.array([[270.0, 2290.0, 3010.0]]))[0]
    np.testing.assert_allclose(X[80:], X[:-80], atol=2e-3)


def test_vowels_are_balanced_loud_as_one_and_decided_by_the_seed():
    X, y = vowels(57, rng(1))
    assert (X.shape, X.dtype) == ((57, 800), np.float64)
    assert (y.shape, y.dtype) == ((57,), np.int64)
    assert sorted(np.bincount(y), reverse=True) == [6] * 7 + [5] * 3
    np.testing.assert_allclose(np.sqrt(np.mean(X**2, axis=1)), 1, atol=0.01)
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    again, other = vowels(57, rng(1)), vowels(57, rng(2))
    np.testing.assert_array_equal(X, again[0])
    np.testing.assert_array_equal(y, again[1])
    assert not np.array_equal(X, other[0])
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002


def test_noise_is_white_and_of_the_stated_size():
    clean, labels = vowels(30, rng(4), noise=0)
    noisy, y = vowels(30, rng(4), noise=0.2)
    np.testing.assert_array_equal(y, labels)
    strays = noisy - clean
    assert abs(strays.std() - 0.2) < 0.2 * 5 / np.sqrt(2 * strays.size)
    assert abs(np.mean(strays[:, 1:] * strays[:, :-1])) < 0.04 * 5 / np.sqrt(strays.size)


def recorded(monkeypatch, n=4000, f=lambda pitch, *_, **__: np.zeros((len(pitch), 2)), **arguments):
    """What `vowels` hands to `source_filter`, replaced by `f`, and what it returns."""
    seen = {}

    def spy(pitch, formants, samples, rate, phase):
        seen.update(pitch=pitch, formants=formants, samples=samples, rate=rate, phase=phase)
        return f(pitch, formants, samples, rate, phase)

    monkeypatch.setattr("nnlib.data.sound.source_filter", spy)
    return seen, *vowels(n, rng(6), **arguments)


def test_waveforms_are_those_of_the_source_filter_model(monkeypatch):
    seen, X, _ = recorded(monkeypatch, n=12, f=source_filter, samples=300, rate=9000, noise=0)
    assert (seen["samples"], seen["rate"]) == (300, 9000)
    np.testing.assert_array_equal(X, source_filter(**seen))


def test_frequencies_vary_as_stated(monkeypatch):
    seen, _, y = recorded(monkeypatch, speakers=("women",), variation=0.03)
    mean = np.array([vowel.women for vowel in VOWELS.values()])[y]
    strays = np.log(np.column_stack([seen["pitch"], seen["formants"]]) / mean)
    wanted = 0.03**2 * np.array([[4, 0, 0, 0], [0, 2, 1, 1], [0, 1, 2, 1], [0, 1, 1, 2]])
    np.testing.assert_allclose(np.cov(strays.T), wanted, atol=0.03**2 * 0.4)  # 5 σ of the largest
    assert np.abs(strays.mean(axis=0)).max() < 5 * 0.06 / np.sqrt(4000)
    assert 0 <= seen["phase"].min() < 0.01 < 0.99 < seen["phase"].max() < 1


def test_all_groups_speak_equally_often_and_no_frequency_leaves_the_band(monkeypatch):
    seen, _, y = recorded(monkeypatch, variation=0)
    table = np.array([[getattr(vowel, group) for vowel in VOWELS.values()] for group in GROUPS])
    group = np.argmin(np.abs(table[:, y, 0] - seen["pitch"]), axis=0)  # each vowel's three pitches differ
    drawn = np.column_stack([seen["pitch"], seen["formants"]])
    np.testing.assert_allclose(drawn, table[group, y], rtol=1e-15)
    np.testing.assert_allclose(np.bincount(group) / 4000, 1 / 3, atol=5 * np.sqrt(2 / 9 / 4000))
    wild, *_ = recorded(monkeypatch, variation=1.0, rate=8000)
    assert max(wild["pitch"].max(), wild["formants"].max()) == 0.48 * 8000


def test_a_nearest_centroid_on_log_spectra_is_far_better_than_chance():
    (X, y), (more, labels) = vowels(400, rng(0)), vowels(400, rng(1))
    spectra, unseen = log_spectrum(X), log_spectrum(more)
    centroids = np.stack([spectra[y == k].mean(axis=0) for k in range(10)])
    guess = np.linalg.norm(unseen[:, None] - centroids, axis=2).argmin(axis=1)
    assert np.mean(guess == labels) > 0.6  # chance is 0.1
    by_level = np.abs(np.std(more, axis=1)[:, None] - [np.std(X[y == k]) for k in range(10)]).argmin(axis=1)
    assert np.mean(by_level == labels) < 0.2  # loudness alone tells nothing


def test_spectrogram_is_its_formula():
    X = rng(7).normal(size=(2, 53))
    S = spectrogram(X, window=16, hop=5)
    assert S.shape == (2, 8, 9)
    t = np.arange(16)
    w = 0.5 - 0.5 * np.cos(2 * np.pi * t / 16)
    for n, m, k in [(0, 0, 0), (1, 7, 8), (0, 3, 5), (1, 2, 1)]:
        total = sum(w[i] * X[n, 5 * m + i] * np.exp(-2j * np.pi * k * i / 16) for i in range(16))
        assert S[n, m, k] == pytest.approx(10 * np.log10(abs(total) ** 2 / (w**2).sum()), abs=1e-9)


def test_white_noise_has_zero_decibels_and_silence_a_hundred_below():
    noise = rng(8).normal(size=(20, 4000))
    power = 10 ** (log_spectrum(noise) / 10)
    assert np.abs(power[:, 1:-1].mean(axis=0) - 1).max() < 0.15
    np.testing.assert_array_equal(log_spectrum(np.zeros((1, 100))), -100)
    np.testing.assert_allclose(log_spectrum(10 * noise), log_spectrum(noise) + 20, rtol=1e-9)


def test_the_log_spectrum_is_the_mean_power_of_half_overlapped_frames():
    X = rng(9).normal(size=(3, 200))
    before = X.copy()
    mean = np.mean(10 ** (spectrogram(X, 32, 16) / 10), axis=1)
    np.testing.assert_allclose(log_spectrum(X, 32), 10 * np.log10(mean), rtol=1e-12)
    assert log_spectrum(X, 2).shape == (3, 2)
    np.testing.assert_array_equal(X, before)


ONE, THREE = np.array([100.0]), np.array([[500.0, 1500.0, 2500.0]])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: resonator(np.ones(3), 500, 50), r"x must have shape \(N, T\), got \(3,\)"),
        (lambda: resonator(THREE, 5001, 50), "frequency must be from 0 to 5000 Hz, half the rate"),
        (lambda: resonator(THREE, -1, 50), "frequency must be from 0 to 5000 Hz"),
        (lambda: resonator(THREE, np.nan, 50), "frequency must be from 0"),
        (lambda: resonator(THREE, 500, 0), "bandwidth must be positive"),
        (lambda: resonator(THREE, 500, 50, rate=0), "rate must be positive and finite, got 0"),
        (lambda: resonator(THREE, [1.0, 2.0], 50), r"numbers or of shape \(1,\), got \(2,\) and \(\)"),
        (lambda: resonator(THREE, 500, [50.0] * 3), r"numbers or of shape \(1,\), got \(\) and \(3,\)"),
        (
            lambda: source_filter(ONE, THREE, phase=[0, 0.5]),
            r"phase must be a number or of shape \(1,\), got \(2,\)",
        ),
        (lambda: source_filter(0.01 * ONE, THREE, phase=0.5), "pitch must be high enough for a click"),
        (lambda: source_filter(100.0, THREE), r"pitch must have shape \(N,\) and formants \(N, 3\)"),
        (lambda: source_filter(ONE, THREE[:, :2]), r"got \(1,\) and \(1, 2\)"),
        (lambda: source_filter(-ONE, THREE), "pitch must be above 0 and at most 5000 Hz"),
        (lambda: source_filter(51 * ONE, THREE), "pitch must be above 0 and at most 5000 Hz"),
        (lambda: source_filter(ONE, 3 * THREE), "frequency must be from 0 to 5000 Hz"),
        (lambda: source_filter(ONE, THREE, samples=1), "samples must be a whole number, at least 2, got 1"),
        (lambda: source_filter(ONE, THREE, rate=-1), "rate must be positive and finite, got -1"),
        (lambda: vowels(9, rng()), "n must be a whole number, at least 10, got 9"),
        (lambda: vowels(20, rng(), samples=0), "samples must be a whole number, at least 2, got 0"),
        (lambda: vowels(20, rng(), rate=7999), "rate must be at least 8000 and finite, got 7999"),
        (lambda: vowels(20, rng(), variation=-1), "variation must be 0 or more, and finite, got -1"),
        (lambda: vowels(20, rng(), noise=-1), "noise must be 0 or more, and finite, got -1"),
        (lambda: vowels(20, rng(), speakers=()), r'speakers must be some of "men", .*, got \(\)'),
        (lambda: vowels(20, rng(), speakers=("robots",)), r"got \('robots',\)"),
        (
            lambda: spectrogram(np.ones((1, 63))),
            r"X must have shape \(N, T\) with T at least 64, got \(1, 63\)",
        ),
        (lambda: spectrogram(np.ones(64)), r"X must have shape \(N, T\) with T at least 64, got \(64,\)"),
        (lambda: spectrogram(np.ones((1, 99)), window=5), "window must be even, got 5"),
        (lambda: spectrogram(np.ones((1, 99)), hop=0), "hop must be a whole number, at least 1, got 0"),
        (
            lambda: log_spectrum(np.ones((1, 99)), window=0),
            "window must be a whole number, at least 2, got 0",
        ),
    ],
)
def test_wrong_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
