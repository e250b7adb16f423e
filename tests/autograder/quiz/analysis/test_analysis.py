"""Item analysis of quizzes: against other people's software, numbers worked by hand, and classes made to a plan."""

import csv
import io
import json
import math
import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from typer.testing import CliRunner

from autograder.__main__ import app
from autograder.course import Course
from autograder.quiz import bank
from autograder.quiz.analysis.class_mistakes import made_in_exercises
from autograder.quiz.analysis.items import analyse_table, matrix
from autograder.quiz.analysis.page import as_csv, as_json, findings, page, write
from autograder.quiz.analysis.response_files import Choice, Response
from autograder.quiz.analysis.responses import Table
from autograder.quiz.question import QuizError

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # pingouin's own imports warn of what is not ours
    import pingouin

HOSTILE = "=cmd|' /C calc'!A0<script>alert(1)</script>\x1b[31m"


def table_of(scores, choices=None, points=1.0):
    """A table from marks (students, items); NaN for an item that was not given."""
    rows = []
    for i, line in enumerate(scores):
        for k, score in enumerate(line):
            if not math.isnan(score):
                picked = (
                    choices[i][k]
                    if choices
                    else (Choice("right", True) if score == points else Choice("wrong", False),)
                )
                picked = picked if isinstance(picked, tuple) else (picked,)
                rows.append(Response(f"s{i:03}", f"item-{k}", float(score), points, "x", choices=picked))
    return Table(rows)


def class_of(n, items, seed=1, turned=()):
    """Marks 0 or 1 of n students whose ability runs through all items, but the wrong way through `turned`."""
    rng = np.random.default_rng(seed)
    ability = rng.normal(size=(n, 1))
    slopes = np.array([-2.0 if k in turned else 2.0 for k in range(items)])
    return (ability * slopes + rng.logistic(size=(n, items)) > 0).astype(float)


@pytest.fixture(scope="module")
def plain_class():
    scores = class_of(60, 8)
    return scores, analyse_table(table_of(scores))


def test_alpha_is_pingouins(plain_class):
    scores, found = plain_class
    alpha, (low, high) = pingouin.cronbach_alpha(data=pd.DataFrame(scores))
    assert found.reliability == pytest.approx(alpha)
    assert found.coefficient == "KR-20"
    assert (found.reliability_interval.low, found.reliability_interval.high) == pytest.approx(
        (low, high), abs=0.12
    )


def test_alpha_of_partial_marks_is_pingouins():
    scores = np.random.default_rng(2).normal(size=(50, 1)) + np.random.default_rng(3).normal(size=(50, 5))
    scores = np.clip((scores + 3) / 6, 0, 1)
    found = analyse_table(table_of(scores))
    assert found.coefficient == "Cronbach's alpha"
    assert found.reliability == pytest.approx(pingouin.cronbach_alpha(data=pd.DataFrame(scores))[0])


def test_the_correlation_is_scipys_point_biserial_with_the_rest(plain_class):
    scores, found = plain_class
    for k, row in enumerate(found.items):
        rest = np.delete(scores, k, axis=1).sum(axis=1)
        assert row.item.rest == pytest.approx(stats.pointbiserialr(scores[:, k], rest).statistic)
        interval = row.item.rest_interval
        fisher = np.tanh(np.arctanh(row.item.rest) + np.array([-1.96, 1.96]) / np.sqrt(len(scores) - 3))
        assert [interval.low, interval.high] == pytest.approx(list(fisher), abs=0.1)


def test_difficulty_and_its_interval_are_scipys(plain_class):
    scores, found = plain_class
    for k, row in enumerate(found.items):
        expected = stats.bootstrap(
            (scores[:, k],), np.mean, method="percentile", n_resamples=4000, rng=np.random.default_rng(9)
        )
        assert row.item.success == pytest.approx(scores[:, k].mean())
        ends = expected.confidence_interval
        assert [row.interval.low, row.interval.high] == pytest.approx([ends.low, ends.high], abs=0.035)


def test_the_upper_lower_index_is_that_of_pandas():
    scores = np.random.default_rng(6).uniform(size=(60, 5))  # no two totals are equal
    found = analyse_table(table_of(scores))
    frame = pd.DataFrame(scores)
    ordered = frame.loc[frame.sum(axis=1).sort_values().index]
    places = round(0.27 * len(frame))
    expected = ordered.tail(places).mean() - ordered.head(places).mean()
    assert [row.item.upper_lower for row in found.items] == pytest.approx(list(expected))


def test_a_table_worked_by_hand():
    """Four students, three items. Totals 0 1 2 3; item 0 = 0 0 1 1 against 0 1 1 2: r = 1/√2; KR-20 = 3/2·(1 − 3/4 / 5/4)."""
    scores = np.array([[0, 0, 0], [0, 1, 0], [1, 0, 1], [1, 1, 1]], float)
    found = analyse_table(table_of(scores))
    assert [row.item.rest for row in found.items] == pytest.approx([2**-0.5, 0, 2**-0.5])
    assert [row.item.success for row in found.items] == [0.5] * 3
    assert [row.item.upper_lower for row in found.items] == pytest.approx([1, 1, 1])
    assert found.reliability == pytest.approx(3 / 2 * (1 - (3 / 4) / (5 / 4)))
    assert found.sem == pytest.approx(
        np.array([0, 1, 2, 3]).std(ddof=1) / 3 * math.sqrt(1 - found.reliability)
    )


def test_an_item_that_was_not_given_counts_for_nobody():
    scores = class_of(60, 6)
    scores[::3, 2] = np.nan
    found = analyse_table(table_of(scores))
    row = found.items[2]
    took = ~np.isnan(scores[:, 2])
    assert row.students == took.sum() == 40
    assert row.item.success == pytest.approx(np.nanmean(scores[:, 2]))
    rest = np.delete(scores, 2, axis=1)[took].sum(axis=1)
    assert row.item.rest == pytest.approx(stats.pointbiserialr(scores[took, 2], rest).statistic)
    assert found.compared == 40  # alpha rests on those who had all
    assert found.reliability == pytest.approx(pingouin.cronbach_alpha(data=pd.DataFrame(scores[took]))[0])


def test_each_its_own_questions_gives_no_alpha_and_no_crash():
    scores = np.full((40, 40), np.nan)
    np.fill_diagonal(scores, np.arange(40) % 2)
    found = analyse_table(table_of(scores))
    assert math.isnan(found.reliability)
    assert all(math.isnan(row.item.rest) for row in found.items)
    assert "No reliability can be given" in page(found, "x")


def test_a_turned_key_is_called_negative_and_no_other():
    found = analyse_table(table_of(class_of(120, 8, turned=(3,))))
    negative = [row.name for row in found.items if row.says[0].startswith("negative: check the key")]
    assert negative == ["item-3"]
    assert found.items[3].alarming
    assert findings(found)[0] == "Negative, check the key of question 4"


@pytest.mark.parametrize(("mark", "says"), [(1, "too easy: everybody"), (0, "too hard: nobody")])
def test_what_all_or_none_solve_is_called_so(mark, says):
    scores = class_of(40, 5)
    scores[:, 1] = mark
    found = analyse_table(table_of(scores))
    assert found.items[1].says[0].startswith(says)
    assert math.isnan(found.items[1].item.rest)
    assert (
        found.items[1].interval.high - found.items[1].interval.low > 0.05
    )  # 40 of 40 do not make it certain


def test_few_answers_are_counted_and_not_judged():
    found = analyse_table(table_of(class_of(7, 5, turned=(1,))))
    assert {row.says for row in found.items} == {("few answers: n = 7, nothing can be said",)}
    assert not any(option.says for row in found.items for option in row.options)
    assert findings(found) == []
    text = page(found, "small")
    assert "Few answers: n = 7" in text
    assert "check the key" not in text
    assert "KR-20 is" not in text


@pytest.mark.parametrize(("students", "judged"), [(19, False), (20, True)])
def test_twenty_students_are_enough_for_words(students, judged):
    found = analyse_table(table_of(class_of(students, 5)))
    assert found.small != judged
    assert all(row.says[0].startswith("few answers") != judged for row in found.items)


def spread(n=100):
    """One choice item by hand beside three that rank the students: 60 right, 25 b, 12 c (the best of those wrong), 3 d."""
    ranking = np.array([[i >= n * t for t in (0.25, 0.5, 0.75)] for i in range(n)], float)
    right, b, c, d = (
        Choice("a", True),
        Choice("b", False, "relu.identity"),
        Choice("c", False),
        Choice("d", False),
    )
    rows = [b if i < 25 else d if i < 28 else right if i < 88 else c for i in range(n)]
    scores = np.column_stack([[float(choice is right) for choice in rows], ranking])
    known = Choice("right", True)
    choices = [[choice, known, known, known] for choice in rows]
    return scores, choices


def test_options_by_hand():
    scores, choices = spread()
    table = table_of(scores, choices)
    offered = (Choice("a", True), Choice("e", False, "relu.wrong_side"))
    table.rows = [replace(row, offered=offered) if row.item == "item-0" else row for row in table.rows]
    row = analyse_table(table).items[0]
    options = {option.label: option for option in row.options}
    assert [(o.label, o.chosen, o.share) for o in row.options] == [
        ("a", 60, 0.6), ("b", 25, 0.25), ("c", 12, 0.12), ("d", 3, 0.03), ("e", 0, 0.0),
    ]  # fmt: skip
    assert options["b"].says == ""
    assert options["b"].lower > 0.8
    assert options["c"].says.startswith("suspicious")
    assert options["c"].lower == 0
    assert options["d"].says.startswith("dead")
    assert options["e"].says.startswith("dead")
    assert row.efficiency == 0.5  # b and c of four
    assert any(word == "dead distractors: “d”, “e”" for word in row.says)
    assert any(word == "suspicious distractor: “c”" for word in row.says)


def test_the_right_option_that_the_best_avoid_is_flagged():
    scores, choices = spread()
    keyed = [
        [Choice(picked[0].label, picked[0].label == "b"), *picked[1:]] for picked in choices
    ]  # b is the weakest's
    options = {option.label: option for option in analyse_table(table_of(scores, keyed)).items[0].options}
    assert options["b"].says == "the best choose it less than the weakest: check the key"
    assert options["a"].says.startswith("suspicious")


def test_typed_answers_are_no_distractors():
    scores, choices = spread()
    table = table_of(scores, choices)
    table.rows = [replace(row, offered=()) for row in table.rows]
    row = analyse_table(table).items[0]
    assert math.isnan(row.efficiency)
    assert [option.says for option in row.options if option.label == "d"] == [""]


def test_many_answers_are_gathered():
    scores = class_of(60, 4)
    choices = [[Choice(f"text {i}", False), *[Choice("right", True)] * 3] for i in range(60)]
    row = analyse_table(table_of(scores, choices)).items[0]
    assert len(row.options) == 9
    assert [(o.label, o.chosen) for o in row.options if o.label == "other answers"] == [("other answers", 52)]


def test_mistakes_are_counted_once_a_student_and_linked_with_the_exercises(tmp_path):
    exercise = Choice("x", False, "relu.identity")
    idea = next(iter(bank.misconceptions()))
    own = Choice("y", False, idea)
    right = Choice("right", True)
    choices = [[exercise, exercise], [exercise, right], [own, right], [right, right]]
    scores = [[0, 0], [0, 1], [0, 1], [1, 1]]
    folder = tmp_path / ".course" / "results" / "01_activations"
    folder.mkdir(parents=True)
    for student in ("s000", "S001@uni.example", "s003"):
        made = [{"exercise": "relu", "mistake": "identity"}, {"exercise": "tanh", "mistake": ""}]
        (folder / f"{student}.json").write_text(json.dumps({"student": student, "exercises": made}))
    found = analyse_table(table_of(scores, choices), made_in_exercises(Course(tmp_path)))
    by_id = {row.id: row for row in found.mistakes}
    relu = by_id["relu.identity"]
    assert (relu.students, relu.of, relu.items, relu.exercise, relu.in_exercise) == (
        2,
        4,
        ("item-0", "item-1"),
        "relu",
        2,
    )
    assert relu.diagnosis == bank.says("relu.identity")
    assert (by_id[idea].students, by_id[idea].exercise, by_id[idea].in_exercise) == (1, "", None)
    assert by_id[idea].card == bank.card_of(idea)
    assert [row.id for row in found.mistakes] == ["relu.identity", idea]


def test_who_was_right_made_no_mistake_whatever_the_file_names():
    found = analyse_table(table_of([[1], [0]], [[Choice("r", True, "relu.identity")], [Choice("w", False)]]))
    assert found.mistakes == ()


def test_a_mistake_that_the_bank_does_not_know_is_listed_without_words():
    found = analyse_table(table_of([[0], [1]], [[Choice("x", False, "gone.away")], [Choice("r", True)]]))
    assert (found.mistakes[0].id, found.mistakes[0].diagnosis) == ("gone.away", "")
    assert "Not in the bank." in page(found, "x")


def test_an_item_with_two_kinds_of_points_is_refused():
    table = Table([Response("a", "i", 1.0, 1.0), Response("b", "i", 1.0, 2.0)])
    with pytest.raises(QuizError, match="i gives 1 marks here and 2 there"):
        matrix(table)


def test_questions_stand_in_the_order_of_the_test():
    rows = [Response("a", f"Question {n}", 1.0, slot=f"Question {n}") for n in (10, 2, 1)]
    assert matrix(Table(rows))[3] == ["Question 1", "Question 2", "Question 10"]


def test_the_same_answers_give_the_same_bytes():
    scores = class_of(40, 5)
    one, two = (analyse_table(table_of(scores)) for _ in range(2))
    assert page(one, "x") == page(two, "x")
    assert as_csv(one) == as_csv(two)
    assert as_json(one, "x") == as_json(two, "x")
    shuffled = table_of(scores)
    shuffled.rows = shuffled.rows[::-1]
    assert page(analyse_table(shuffled), "x") == page(one, "x")


def hostile():
    scores, choices = spread()
    choices = [
        [Choice(HOSTILE, False), *picked[1:]] if picked[0].label == "d" else picked for picked in choices
    ]
    table = table_of(scores, choices)
    table.rows = [replace(row, item=HOSTILE if row.item == "item-0" else row.item) for row in table.rows]
    table.known = {HOSTILE: HOSTILE}
    table.notes = [HOSTILE]
    return analyse_table(table)


def test_text_of_a_student_is_text_everywhere():
    found = hostile()
    html = page(found, HOSTILE)
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    cells = [cell for row in csv.reader(io.StringIO(as_csv(found))) for cell in row]
    assert any(HOSTILE in cell for cell in cells)
    assert not any(cell.startswith(("=", "+", "@")) for cell in cells)
    assert json.loads(as_json(found, "x"))["items"][0]["name"] == HOSTILE


def test_the_page_loads_nothing_and_names_no_student(plain_class):
    html = page(plain_class[1], "quiz")
    assert "default-src 'none'" in html
    assert "http://" not in html.replace("http://www.w3.org/", "")
    assert "s001" not in html
    assert "s001" not in as_json(plain_class[1], "quiz")


def test_csv_and_json_hold_the_numbers(plain_class):
    scores, found = plain_class
    rows = list(csv.DictReader(io.StringIO(as_csv(found))))
    assert [float(row["p"]) for row in rows] == pytest.approx(list(scores.mean(axis=0)), abs=1e-4)
    data = json.loads(as_json(found, "quiz"))
    assert data["reliability"] == found.reliability
    assert len(data["totals"]) == 60
    nobody = json.loads(as_json(analyse_table(table_of([[1.0], [1.0]])), "x"))
    assert nobody["items"][0]["item"]["rest"] is None


def test_the_command_writes_page_table_and_data(tmp_path):
    lines = ["student,item,score,answer"]
    for i, line in enumerate(class_of(30, 4)):
        lines += [f"s{i},q{k},{int(score)},{'a' if score else 'b'}" for k, score in enumerate(line)]
    (tmp_path / "quiz.csv").write_text("\n".join(lines))
    to = [str(tmp_path / name) for name in ("quiz.csv", "out.html", "out.csv", "out.json")]
    result = CliRunner().invoke(
        app, ["quiz", "analyze", to[0], "--to", to[1], "--csv", to[2], "--json", to[3]]
    )
    assert result.exit_code == 0, result.output
    assert "30 students, 4 questions" in result.output
    assert (tmp_path / "out.html").read_text().rstrip().endswith("</html>")
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 5
    assert json.loads((tmp_path / "out.json").read_text())["students"] == 30
    assert not list(tmp_path.glob("*.part"))


def test_a_bad_file_leaves_what_was_there(tmp_path):
    (tmp_path / "bad.csv").write_text("a,b\n1,2\n")
    (tmp_path / "out.html").write_text("old")
    result = CliRunner().invoke(
        app, ["quiz", "analyze", str(tmp_path / "bad.csv"), "--to", str(tmp_path / "out.html")]
    )
    assert isinstance(result.exception, QuizError)
    assert "Expected one of" in str(result.exception)
    assert (tmp_path / "out.html").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.csv", "out.html"]


def test_a_place_that_cannot_be_written_is_named(tmp_path, plain_class):
    (tmp_path / "file").write_text("")
    with pytest.raises(Exception, match="cannot be written"):
        write(plain_class[1], "x", tmp_path / "file" / "a.html")
