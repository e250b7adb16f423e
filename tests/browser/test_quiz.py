"""The quiz page, the printed sheet and a lesson's quiz cell in a browser, with JavaScript off and the keyboard alone.

axe-core, which needs JavaScript, looks at them in a second context.
"""

import re

import pytest

from autograder.quiz import bank
from autograder.quiz.outlets import html, sheet
from autograder.quiz.practise import practise
from autograder.quiz.question import CHOICE, KINDS

from .conftest import SAMPLED_THEMES, THEMES, ground, text_of

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("browser")]

LESSON = "03_softmax_and_losses"  # has a question of every kind
GROUNDS = {"light": "rgb(255, 255, 255)", "dark": "rgb(18, 18, 18)"}
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1000, "height": 900}
SIGN = "Element content contains only non-text characters"
NAMES = ("quiz.html", "sheet.html", "sheet-key.html", "recap.html")


@pytest.fixture(scope="module")
def questions():
    found = bank.questions(LESSON)
    assert {question.kind for question in found} == set(KINDS)
    return found


@pytest.fixture(scope="module")
def pages(questions, tmp_path_factory):
    """Each page by its name; the lesson's cell twice on one page, as a student may run it twice."""
    place = tmp_path_factory.mktemp("quiz")
    html.build(questions, [], place, "Softmax and losses")
    sheet.build(questions, [], place, "Softmax and losses")
    cell = practise(LESSON, count=99)._repr_html_()
    head = "<title>Cells</title><meta charset=utf-8><style>:root { color-scheme: light dark } body { background: Canvas }</style>"
    text = f'<!DOCTYPE html><html lang="en"><head>{head}</head><body><main><h1>Cells</h1>{cell}</main></body></html>'
    (place / "recap.html").write_text(text, encoding="utf-8")
    return {name: place / name for name in NAMES}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Sheet and key of the whole bank."""
    return sheet.build(bank.questions(), [], tmp_path_factory.mktemp("whole"), "Everything")


@pytest.fixture
def read(browser):
    """A function that opens a page with JavaScript off; it may load nothing from elsewhere."""
    contexts = []

    def read(path, theme="light", size=DESK):
        contexts.append(browser.new_context(java_script_enabled=False, color_scheme=theme, viewport=size))
        tab = contexts[-1].new_page()
        tab.set_default_timeout(3000)
        asked = []
        tab.on("request", lambda request: asked.append(request.url))
        tab.goto(path.as_uri())
        assert asked == [path.as_uri()]
        return tab

    yield read
    for context in contexts:
        context.close()


def press(tab, *keys):
    for key in keys:
        tab.keyboard.press(key)


def tab_to(tab, target, most=400):
    """Press Tab until the focus is on `target`."""
    for _ in range(most):
        if target.evaluate("node => node === document.activeElement"):
            return
        tab.keyboard.press("Tab")
    raise AssertionError(f"{most} times Tab do not lead to {target}")


def focus_shows(tab):
    """Whether the focused element has an outline of some width in a colour other than the ground's."""
    outline = tab.evaluate(
        "() => { const s = getComputedStyle(document.activeElement); return [s.outlineStyle, parseFloat(s.outlineWidth), s.outlineColor] }"
    )
    return outline[0] != "none" and outline[1] >= 2 and outline[2] != ground(tab)


def question_of(tab, questions, kind):
    """The first question of a kind, and where it stands."""
    number = next(i for i, question in enumerate(questions, 1) if question.kind == kind)
    return questions[number - 1], tab.get_by_role("group", name=f"Question {number}", exact=True), number


@pytest.mark.parametrize("theme", THEMES)
def test_the_page_shows_every_question_and_hides_every_answer(pages, questions, read, theme):
    tab = read(pages["quiz.html"], theme)
    assert ground(tab) == GROUNDS[theme]
    assert tab.locator("h1").inner_text() == "Softmax and losses"
    sets = tab.locator("fieldset")
    assert sets.count() == len(questions) > 30
    assert f"{len(questions)} questions." in text_of(tab.locator("main"))
    for number, (question, shown) in enumerate(zip(questions, sets.all(), strict=True), 1):
        text = text_of(shown)
        assert text.startswith(f"Question {number}")
        assert text.endswith(f"Answer to question {number}")
        assert "✓" not in text
        assert "✗" not in text
        plain = re.split(r"[$`\[*\n]", question.stem)[0].strip()
        assert " ".join(plain.split()) in text
        if question.kind in CHOICE:
            assert shown.get_by_role("radio").count() == len(question.options)
        if question.kind == "multiple":
            assert shown.get_by_role("checkbox").count() == len(question.options)
    assert tab.locator("math").first.bounding_box()["height"] > 8


def test_an_option_is_chosen_by_keys_and_says_what_it_stands_for(pages, questions, read):
    tab = read(pages["quiz.html"])
    question, shown, _ = question_of(tab, questions, "single")
    radios = shown.get_by_role("radio")
    tab_to(tab, radios.first)
    assert focus_shows(tab)
    press(tab, "Space")
    for place, option in enumerate(question.options):
        assert radios.nth(place).is_checked()
        says = shown.locator(".says > p:visible")
        assert says.count() == 1
        assert text_of(says).startswith("✓ Right." if option.right else "✗ Wrong.")
        press(tab, "ArrowDown")


def test_several_options_are_chosen_with_the_space_bar(pages, questions, read):
    tab = read(pages["quiz.html"])
    question, shown, _ = question_of(tab, questions, "multiple")
    boxes = shown.get_by_role("checkbox")
    for place in range(len(question.options)):
        tab_to(tab, boxes.nth(place))
        press(tab, "Space")
        assert boxes.nth(place).is_checked()
        assert shown.locator(".says > p:visible").count() == place + 1
    assert text_of(shown).count("✓ Right.") == sum(option.right for option in question.options)
    press(tab, "Space")
    assert shown.locator(".says > p:visible").count() == len(question.options) - 1


def test_numbers_words_and_gaps_are_typed(pages, questions, read):
    tab = read(pages["quiz.html"])
    for kind in ("numeric", "order", "vector", "matrix", "cloze", "short", "essay"):
        question, shown, number = question_of(tab, questions, kind)
        fields = shown.locator("input, textarea").all()
        wanted = {"cloze": len(question.blanks), "order": len(question.options)}.get(kind, 1)
        assert len(fields) == wanted
        for place, field in enumerate(fields, 1):
            tab_to(tab, field)
            assert focus_shows(tab)
            tab.keyboard.type(str(place))
            assert field.input_value() == str(place)
        named = shown.get_by_role("spinbutton" if kind == "order" else "textbox", name=re.compile(r"\w"))
        assert named.count() == wanted
        if kind == "cloze":
            assert shown.get_by_role("textbox", name=f"Question {number}, gap 1").count() == 1


def test_hints_and_answers_unfold_by_keys(pages, questions, read):
    tab = read(pages["quiz.html"])
    number = next(i for i, question in enumerate(questions, 1) if question.hints)
    shown = tab.locator("fieldset").nth(number - 1)
    for key, name in (("Enter", f"Hint 1 to question {number}"), ("Space", f"Answer to question {number}")):
        folded = shown.locator("summary", has_text=name)
        body = folded.locator("xpath=following-sibling::*").first
        assert not body.is_visible()
        tab_to(tab, folded)
        assert focus_shows(tab)
        press(tab, key)
        assert body.is_visible()
        assert text_of(body)
        press(tab, key)
        assert not body.is_visible()


@pytest.mark.parametrize("name", NAMES)
def test_a_phone_needs_no_scrolling_sideways(pages, read, name):
    """Not even with everything unfolded; a long formula scrolls within its question."""
    text = pages[name].read_text(encoding="utf-8").replace("<details", "<details open")
    path = pages[name].with_name(f"open-{name}")
    path.write_text(text, encoding="utf-8")
    tab = read(path, size=PHONE)
    assert tab.evaluate("[document.documentElement.scrollWidth, innerWidth]") == [390, 390]
    right = tab.evaluate(
        "Math.max(...[...document.querySelectorAll('fieldset, section, summary, label, input, textarea')].map(node => node.getBoundingClientRect().right))"
    )
    assert 200 < right <= 390


@pytest.mark.parametrize("theme", SAMPLED_THEMES)
@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_no_fault(pages, faults, name, theme):
    # A lone minus sign in a formula is no text for axe, so that it cannot tell its contrast: that is no fault.
    assert [fault for fault in faults(pages[name], theme) if SIGN not in fault] == []


FAULTY = {
    "label": ('aria-label="Question', 'data-label="Question'),
    "color-contrast": ("light-dark(#a02000", "light-dark(#ffd0c0"),
    "html-has-lang": (' lang="en"', ""),
}


@pytest.mark.parametrize("rule", FAULTY)
def test_axe_does_find_a_fault_that_is_put_in(pages, faults, rule):
    good, bad = FAULTY[rule]
    text = pages["quiz.html"].read_text(encoding="utf-8")
    assert good in text
    found = [fault for fault in faults(text.replace(good, bad)) if SIGN not in fault]
    assert {fault.split(":")[0] for fault in found} == {rule}


MARK = """() => {
    const links = document.createElement("div")
    document.querySelectorAll("section").forEach((section, i) => {
        section.querySelector("h2").id = `top-${i}`
        const end = document.createElement("span")
        end.id = `end-${i}`
        const body = section.lastElementChild
        body.append(end)
        for (const place of ["top", "end"]) {
            const link = document.createElement("a")
            link.href = `#${place}-${i}`
            link.textContent = "."
            links.append(link)
        }
    })
    document.querySelector("main").prepend(links)
}"""


def cut(browser, page):
    """The questions of a printed page whose ends stand on two sheets of paper, and how many there are.

    Chromium writes into a PDF where the target of each link inside it stands: the page's number and the place on it.
    """
    tab = browser.new_page()
    tab.goto(page) if isinstance(page, str) else tab.goto(page.as_uri())
    tab.evaluate(MARK)
    pdf = tab.pdf(format="A4")
    tab.close()
    stands = dict(re.findall(rb"/((?:top|end)-\d+) \[(\d+) 0 R /XYZ", pdf))
    count = len(stands) // 2
    assert len(set(stands.values())) > 3
    return [i for i in range(count) if stands[b"top-%d" % i] != stands[b"end-%d" % i]], count


def test_no_question_is_cut_over_two_pages_in_print(whole, browser):
    for path in whole:
        broken, count = cut(browser, path)
        assert (broken, count) == ([], len(bank.questions()))


def test_a_cut_question_would_be_seen(whole, browser, tmp_path):
    spoilt = tmp_path / "spoilt.html"
    text = whole[0].read_text(encoding="utf-8")
    assert "break-inside: avoid" in text
    spoilt.write_text(text.replace("break-inside: avoid", ""), encoding="utf-8")
    assert len(cut(browser, spoilt)[0]) > 5


def test_the_sheet_shows_every_question_and_the_key_every_answer(whole, read):
    asked, key = (read(path) for path in whole)
    count = len(bank.questions())
    for tab in (asked, key):
        assert tab.locator("section").count() == count
        assert [text_of(h2) for h2 in (tab.locator("h2").first, tab.locator("h2").last)] == [
            "1.",
            f"{count}.",
        ]
    assert "✓" not in asked.locator("main").inner_text()
    assert key.locator("main").inner_text().count("✓ Right:") > 150


def test_a_lessons_cell_opens_by_keys(pages, read):
    tab = read(pages["recap.html"])
    group = tab.get_by_role("group", name=f"Quiz on {LESSON}")
    first = group.get_by_role("group", name="Question 1", exact=True)
    options = first.locator("summary")
    assert options.count() >= 4
    for place, key in ((0, "Enter"), (1, "Space")):
        tab_to(tab, options.nth(place))
        press(tab, key)
    assert len(re.findall("✓ Right|✗ Wrong", text_of(first))) == 2
