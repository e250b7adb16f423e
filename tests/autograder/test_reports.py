"""What an instructor reads: marks that are safe in a spreadsheet, times, the commonest mistake."""

import csv
from datetime import UTC, datetime, timedelta

import pytest

from autograder.evidence import JUDGED, MISSING, NOT_STARTED, STOPPED
from autograder.judge import Verdict
from autograder.reports import commonest_mistake, in_words, parse_time, spreadsheet_safe, write_grades


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x")'])
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text):
    assert spreadsheet_safe(text) == f"'{text}"


@pytest.mark.parametrize("text", ["\n=1", "＝1+1", "－1"])
def test_text_that_some_spreadsheets_would_run_gets_one_too(text):
    assert spreadsheet_safe(text) == f"'{text}"


@pytest.mark.parametrize("value", ["ada", "", "a=1", "1-2", -1.5, 0, None, True])
def test_other_values_stay_as_they_are(value):
    assert spreadsheet_safe(value) is value


def test_the_file_of_marks_reads_back_with_every_odd_name(tmp_path):
    rows = [{"student": name, "score": -0.5} for name in ("=cmd", 'a"b', "a,b", "a\nb", "Åsa", "<b>")]
    write_grades(tmp_path / "deep" / "grades.csv", rows)
    with (tmp_path / "deep" / "grades.csv").open(newline="", encoding="utf-8") as file:
        read = list(csv.DictReader(file))
    assert [row["student"] for row in read] == ["'=cmd", 'a"b', "a,b", "a\nb", "Åsa", "<b>"]
    assert {row["score"] for row in read} == {"-0.5"}
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["grades.csv"]


def test_no_rows_make_an_empty_file(tmp_path):
    write_grades(tmp_path / "grades.csv", [])
    assert (tmp_path / "grades.csv").read_text() == ""


NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01 12:00:00 UTC",
        "2026-03-01 12:00:00.000000 UTC",
        "2026-03-01 12:00:00 GMT",
        "2026-03-01 12:00:00",
        "2026-03-01T12:00:00Z",
        "2026-03-01T13:00:00+01:00",
        "2026-03-01T07:00:00-05:00",
    ],
)
def test_a_time_is_read_in_every_usual_form(text):
    assert parse_time(text) == NOON
    assert parse_time(text).utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026-13-01 12:00:00 UTC",
        "2026-03-01 12:00:00 EST",
        "0",
        "\x00",
        "<script>",
        "\ud800",
        "9" * 200,
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
    ],
)
def test_what_is_no_time_is_none(text):
    assert parse_time(text) is None


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "under a minute"),
        (59, "under a minute"),
        (60, "1 min"),
        (5400, "1 h 30 min"),
        (86400, "1 d"),
        (90061, "1 d 1 h"),
        (86400 * 400, "400 d"),
    ],
)
def test_lateness_is_told_in_its_two_largest_units(seconds, words):
    assert in_words(timedelta(seconds=seconds)) == words


def verdict(exercise, share=0.0, mistake="", state=JUDGED, points=2.0, diagnosis="seen this"):
    return Verdict(exercise, points, share, state=state, mistake=mistake, diagnosis=diagnosis)


@pytest.mark.parametrize(
    ("verdicts", "wanted"),
    [
        ([], ""),
        ([verdict("relu", 1.0)], ""),
        ([verdict("relu", mistake="wrong_side"), verdict("tanh", 1.0)], "relu: wrong side"),
        ([verdict("relu", 0.5, "a"), verdict("tanh", 0.0, "b")], "tanh: b"),
        ([verdict("relu", 0, "a"), verdict("tanh", 0.5, "b"), verdict("gelu", 0.5, "b")], "tanh: b"),
        ([verdict("relu"), verdict("tanh", 0.9, "b")], "tanh: b"),
        ([verdict("relu")], "relu: seen this"),
        ([verdict("relu", state=NOT_STARTED), verdict("tanh", state=NOT_STARTED)], "2 exercises not started"),
        (
            [verdict("relu", state=NOT_STARTED), verdict("swish", state=NOT_STARTED, points=0)],
            "relu: not started",
        ),
        ([verdict("relu", state=STOPPED), verdict("tanh", state=MISSING)], ""),
    ],
)
def test_the_commonest_mistake_is_the_one_that_cost_most(verdicts, wanted):
    assert commonest_mistake(verdicts) == wanted
