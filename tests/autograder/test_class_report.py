"""The class report: its numbers from summaries made by hand, and its page."""

import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from autograder.class_report import LEVELS, page, read, report, summarise
from autograder.course import CourseError
from autograder.exercises import lessons

LESSON = "01_activations"
EXERCISES = lessons()[LESSON]


def answer(exercise, share=1.0, state="judged", mistake="", passed=None):
    cases = {case.name: share == 1 if passed is None else passed for case in exercise.cases}
    return {
        "exercise": exercise.name,
        "points": exercise.points,
        "score": exercise.points * share,
        "share": share,
        "state": state,
        "mistake": mistake,
        "with_references": [],
        "cases": cases if state == "judged" else {},
        "review": [],
    }


def submission(student, shares=(), **settings):
    """Full marks but where `shares` (name -> keyword arguments of `answer`) says otherwise."""
    answers = [answer(e, **dict(shares).get(e.name, {})) for e in EXERCISES]
    return {
        "student": student,
        "lesson": LESSON,
        "submitted": None,
        "seconds_late": 0,
        "seconds": 1.0,
        "score": sum(a["score"] for a in answers),
        "points": sum(a["points"] for a in answers),
        "problem": "",
        "findings": [],
        "waiting": [],
        "exercises": answers,
        **settings,
    }


def first(number=0):
    return EXERCISES[number].name


def wrong(number, share=0.0, **settings):
    return {first(number): {"share": share, **settings}}


def a_class(n):
    """Students of rising ability: number i has the first exercises right, the more the higher i."""
    draw = np.random.default_rng(0)
    return [
        submission(
            f"s{i:03d}",
            {
                e.name: {"share": 0.0, "mistake": e.mistake_name(e.mistakes[i % 2])}
                for k, e in enumerate(EXERCISES)
                if i / n + draw.normal(0, 0.3) < k / 8
            },
        )
        for i in range(n)
    ]


@pytest.fixture
def course(make_course):
    return make_course({})


@pytest.fixture
def graded(course):
    """A function that keeps summaries in the course, as grading does."""

    def keep(summaries):
        course.results(LESSON).mkdir(parents=True, exist_ok=True)
        for number, summary in enumerate(summaries):
            (course.results(LESSON) / f"{number:03d}.json").write_text(json.dumps(summary))
        return course

    return keep


class Page(HTMLParser):
    """What a page has: elements with their attributes, and its text."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.text = [], ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def test_marks_are_of_what_could_be_read():
    found = summarise(
        LESSON,
        [
            submission("a"),
            submission("b", wrong(0)),
            submission("c", problem="no notebook", score=0, exercises=[]),
        ],
    )
    assert found.submissions == 3
    assert found.marks.tolist() == [14, 12]
    assert found.unreadable == [{"student": "c", "what": "no notebook"}]


def test_quartiles_by_hand():
    marks = [submission(str(i), score=mark) for i, mark in enumerate([1, 2, 3, 4, 10])]
    assert summarise(LESSON, marks).quartiles == (2, 3, 4)


def test_every_student_counts_on_one_level_of_every_exercise():
    found = summarise(
        LESSON,
        [
            submission("full"),
            submission("partial", wrong(0, share=0.5)),
            submission("none", wrong(0)),
            submission("missing", wrong(0, state="missing")),
            submission("untouched", wrong(0, state="not started yet")),
            submission("cut", wrong(0, state="stopped")),
        ],
    )
    assert found.exercises[0].counts == dict(zip(LEVELS, (1, 1, 2, 1, 1), strict=True))
    assert all(row.students == 6 for row in found.exercises)


def test_a_case_counts_only_the_answers_that_were_judged():
    rows = summarise(
        LESSON,
        [
            submission("a"),
            submission("b", wrong(0, passed=False)),
            submission("c", wrong(0, state="not started yet")),
        ],
    ).exercises
    assert {(case.passed, case.judged) for case in rows[0].cases} == {(1, 2)}


def test_the_costliest_mistake_comes_first_with_its_diagnosis_and_card():
    exercise, other = EXERCISES[0], EXERCISES[4]
    cheap, dear = exercise.mistakes[0], other.mistakes[1]
    name, dear_name = exercise.mistake_name(cheap), other.mistake_name(dear)
    found = summarise(
        LESSON,
        [
            submission("a", wrong(0, share=0.5, mistake=name) | wrong(4, mistake=dear_name)),
            submission("b", wrong(0, share=0.5, mistake=name)),
            submission("c"),
            submission("d"),
        ],
    ).mistakes
    assert [(row.name, row.students, row.lost) for row in found] == [(dear_name, 1, 3), (name, 2, 2)]
    assert found[0].diagnosis == dear.diagnosis
    assert found[0].card == dear.card
    assert found[1].share == 0.5
    assert found[1].interval.low == pytest.approx(0.150, abs=1e-3)


def test_equally_costly_mistakes_share_the_title():
    two = wrong(0, mistake="sign") | wrong(1, mistake="transpose")
    html = page(summarise(LESSON, [submission(s, two) for s in "abcde"]), "A lesson")
    assert "and 1 more cost the class most: 10.0 marks each" in html


def test_wrong_answers_without_a_name_are_counted():
    rows = summarise(LESSON, [submission("a", wrong(0)), submission("b", wrong(0, mistake="sign"))]).exercises
    assert rows[0].unexplained == 1


def test_slow_stopped_and_late_notebooks_are_named():
    usual = [submission(f"s{i}") for i in range(9)]
    found = summarise(
        LESSON,
        [
            *usual,
            submission("slow", seconds=44.0),
            submission("cut", findings=["stopped: it ran longer than 120 s", "a finding"]),
            submission("late", seconds_late=93_600),
        ],
    )
    assert found.slow == [{"student": "slow", "what": "44.0 s"}]
    assert found.stopped == [{"student": "cut", "what": "stopped: it ran longer than 120 s"}]
    assert found.late == [{"student": "late", "what": "1 d 2 h"}]


def test_a_long_list_of_names_is_folded():
    late = [submission(f"s{i}", seconds_late=60) for i in range(21)]
    assert "<summary>Handed in late: 21</summary>" in page(summarise(LESSON, late), "A lesson")
    assert "<summary>Handed in late" not in page(summarise(LESSON, late[:20]), "A lesson")


def test_a_notebook_that_is_slow_like_all_others_is_not_named():
    assert not summarise(LESSON, [submission(f"s{i}", seconds=20.0 + i) for i in range(9)]).slow


def test_optional_exercises_are_no_part_of_the_item_analysis():
    found = summarise(LESSON, a_class(40))
    assert {row.name for row in found.exercises if not row.item} == {
        e.name for e in EXERCISES if not e.points
    }
    assert found.alpha[0] > 0.4


def test_blank_and_stopped_notebooks_are_left_out_of_the_item_analysis():
    blank = submission("blank", {e.name: {"share": 0.0, "state": "not started yet"} for e in EXERCISES})
    cut = submission("cut", wrong(3, state="stopped"))
    alone, beside = summarise(LESSON, a_class(40)), summarise(LESSON, [*a_class(40), blank, cut])
    assert beside.begun == alone.begun == 40
    assert beside.alpha == alone.alpha


@pytest.mark.parametrize(
    ("n", "says", "drawn"),
    [
        (1, "Only 1 submission could be read", 0),
        (4, "A share of so few is one person's", 0),
        (19, "there is no item analysis", 3),
        (20, "", 4),
    ],
)
def test_a_small_class_is_told_what_it_cannot_show(n, says, drawn):
    found = summarise(LESSON, a_class(n))
    assert says in " ".join(found.caveats)
    assert bool(found.caveats) == bool(says)
    html = page(found, "A lesson")
    assert html.count("<picture>") == drawn
    assert ("Cronbach" in html) == (n >= 20)
    assert ("%)" in html) == (n >= 5)
    assert "nan" not in Page(html).text.split()


def test_nothing_but_broken_notebooks_still_makes_a_page():
    found = summarise(LESSON, [submission(s, problem="broken", score=0, exercises=[]) for s in "ab"])
    text = Page(page(found, "A lesson")).text
    assert "2 submissions, 2 of which could not be graded" in text
    assert "broken" in text


def test_a_perfect_class_makes_a_page():
    html = page(summarise(LESSON, [submission(f"s{i}") for i in range(30)]), "A lesson")
    assert "No mistake of the bank was made." in html
    assert "everybody has the same marks here" in html
    assert "fully solved by 100" in html


def test_a_class_without_any_answer_makes_a_page():
    blank = {e.name: {"share": 0.0, "state": "not started yet"} for e in EXERCISES}
    html = page(summarise(LESSON, [submission(f"s{i}", blank) for i in range(30)]), "A lesson")
    assert "Only 0 submissions got far enough" in html


def test_the_page_is_one_file_with_no_script_and_nothing_from_elsewhere(graded):
    course = graded(a_class(30))
    html = report(course, LESSON).read_text()
    found = Page(html)
    assert html.startswith("<!DOCTYPE html>")
    assert not found.all("script") + found.all("link")
    assert not re.findall(r"https?://|\bon\w+=", html)
    assert "default-src 'none'" in found.all("meta")[1]["content"]
    images = found.all("img") + found.all("source")
    assert len(images) == 8
    assert all(i.get("src", i.get("srcset")).startswith("data:image/png;base64,") for i in images)


def test_the_page_is_put_into_the_courses_own_folder(graded):
    course = graded(a_class(6))
    assert report(course, LESSON) == course.root / "reports" / f"{LESSON}.html"
    assert not list((course.root / "reports").glob("*.part"))


def test_tables_headings_and_pictures_can_be_read_aloud(graded):
    found = Page(report(graded(a_class(30)), LESSON).read_text())
    assert len(found.all("table")) == len(found.all("caption"))
    assert all("scope" in attributes for attributes in found.all("th"))
    levels = [int(tag[1]) for tag, _ in found.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert set(levels[1:]) == {2}
    hardest = min(summarise(LESSON, a_class(30)).exercises[:6], key=lambda row: row.full_share).name
    alts = [attributes["alt"] for attributes in found.all("img")]
    assert any(alt.startswith("Half of the class has at least") for alt in alts)
    assert any(alt.startswith(f"{hardest} was fully solved by fewest") for alt in alts)


def test_what_students_can_choose_is_escaped():
    bad = "<img src=x onerror=alert(1)>"
    summaries = [submission(bad, seconds_late=60), submission("b\x1b[31m", problem=bad, exercises=[])]
    html = page(summarise(LESSON, summaries), "A lesson")
    assert bad not in html
    assert html.count("&lt;img src=x onerror=alert(1)&gt;") == 2
    assert "\x1b" not in html


def test_the_same_results_give_the_same_page():
    assert page(summarise(LESSON, a_class(25)), "A") == page(summarise(LESSON, a_class(25)), "A")


def test_an_ungraded_lesson_is_refused_with_the_remedy(course):
    with pytest.raises(CourseError, match=f"run `autograder grade {LESSON}` first"):
        report(course, LESSON)


def test_a_broken_summary_is_refused_with_the_remedy(graded):
    course = graded([submission("a")])
    (course.results(LESSON) / "000.json").write_text("{")
    with pytest.raises(CourseError, match="is damaged"):
        read(course, LESSON)
