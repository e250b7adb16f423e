"""The item analysis of a quiz in a browser: what it shows with scripts off, and axe-core on it."""

import numpy as np
import pytest

from autograder.quiz import bank
from autograder.quiz.analysis.items import analyse_table
from autograder.quiz.analysis.matching import Matcher
from autograder.quiz.analysis.page import write
from autograder.quiz.analysis.response_files import Response
from autograder.quiz.analysis.responses import Table
from autograder.quiz.question import CHOICE
from autograder.quiz.taking.readable import one_line

from .conftest import THEMES, text_of

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("browser")]

SCRIPT = "</code><script>document.title='owned'</script><img src=x onerror=document.title='owned'>"
QUESTIONS = 6


def answered(students):
    """A class that answers six choice questions of the bank, ability deciding; the key of the third is turned."""
    rng, matcher = np.random.default_rng(4), Matcher()
    asked = [q for q in bank.static().values() if q.kind in CHOICE][:QUESTIONS]
    rows = []
    for i, ability in enumerate(rng.normal(size=students)):
        for k, question in enumerate(asked):
            solved = (ability + rng.logistic() / 2 > 0) != (k == 2)
            fitting = [option for option in question.options if option.right == solved]
            text = fitting[0].text if i else SCRIPT
            rows.append(matcher.match(Response(f"s{i}", question.id, float(solved), answer=text)))
    table = Table(rows, [f"a note with {SCRIPT}"])
    table.known = {question.id: one_line(question.stem) for question in asked}
    return analyse_table(table, made={"relu.identity": {"s1"}})


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    place = tmp_path_factory.mktemp("analysis")
    found = {"many": answered(60), "few": answered(7)}
    return found, {
        size: write(one, f"quiz {SCRIPT}", place / f"{size}.html")[0] for size, one in found.items()
    }


@pytest.mark.parametrize("theme", THEMES)
def test_the_page_shows_numbers_pictures_and_options(pages, read, theme):
    found, paths = pages
    opened = read(paths["many"], theme)
    text = text_of(opened.locator("main"))
    assert "60 students, 6 questions" in text
    assert "Negative, check the key of question 3" in text
    assert f"KR-20 is {found['many'].reliability:.2f}" in text
    items = opened.get_by_role("table", name="Item analysis")
    assert items.locator("tbody th").all_inner_texts() == [row.name for row in found["many"].items]
    assert "check the key" in text_of(items.locator("tbody tr").nth(2))
    options = opened.locator("[aria-label^='Options of'] tbody tr")
    assert options.count() == sum(len(row.options) for row in found["many"].items)
    assert opened.get_by_role("table", name="Named mistakes").locator("tbody tr").count() == len(
        found["many"].mistakes
    )
    pictures = opened.locator("img")
    assert pictures.count() == 2
    for picture in pictures.all():
        assert picture.evaluate("i => i.complete && i.naturalWidth") > 500
        assert len(picture.get_attribute("alt")) > 80
        assert picture.bounding_box()["width"] <= opened.viewport_size["width"]
    bars = opened.locator("td.bar svg")
    assert bars.count() == options.count()
    assert bars.first.bounding_box()["width"] > 50


@pytest.mark.parametrize("theme", THEMES)
def test_a_small_class_gets_counts_and_no_judgement(pages, read, theme):
    opened = read(pages[1]["few"], theme)
    text = text_of(opened.locator("main"))
    assert "Few answers: n = 7, nothing can be said" in text
    assert "check the key" not in text
    assert opened.locator("[aria-label^='Options of'] tbody tr").count() > QUESTIONS
    assert opened.locator("img").count() == 1  # how the answers are spread


def test_what_a_student_typed_is_shown_as_text(pages, read):
    opened = read(pages[1]["few"], "light")
    assert SCRIPT in text_of(opened.locator("#read + ul"))
    assert opened.locator("main script, main img[src='x']").count() == 0
    assert opened.title() != "owned"


def test_by_keyboard_every_wide_table_can_be_reached_and_scrolled(pages, browser):
    tab = browser.new_context(viewport={"width": 360, "height": 800}).new_page()
    tab.goto(pages[1]["many"].as_uri())
    regions = tab.locator("[role=region][tabindex='0']")
    assert regions.count() == QUESTIONS + 2
    first = regions.first
    first.focus()
    tab.keyboard.press("ArrowRight")
    tab.wait_for_timeout(300)
    assert first.evaluate("e => e.scrollWidth > e.clientWidth && e.scrollLeft > 0")
    assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    tab.close()


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_no_fault(pages, faults, theme):
    assert {size: found for size, path in pages[1].items() if (found := faults(path, theme))} == {}


@pytest.mark.parametrize(
    ("rule", "good", "bad"),
    [
        ("image-alt", '<img alt="', '<img data-alt="'),
        ("svg-img-alt", 'aria-label="bar of', 'data-label="bar of'),
        ("color-contrast", "--todo: #8f4700", "--todo: #cccccc"),
    ],
)
def test_axe_does_find_a_fault_that_is_put_in(pages, faults, rule, good, bad):
    text = pages[1]["many"].read_text()
    assert good in text
    assert {fault.split(":")[0] for fault in faults(text.replace(good, bad))} == {rule}
