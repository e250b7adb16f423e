"""Templates: keys, options, seeds."""

from collections import Counter
from types import SimpleNamespace

import pytest

from autograder.quiz import html
from autograder.quiz.activations import TEMPLATES, sigmoid_value
from autograder.quiz.template import grid, mistakes_of

SEEDS = range(500)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.id)
def test_the_key_has_a_second_derivation_on_the_whole_grid(template):
    for z in template.params["z"]:
        draft = template.draft(SimpleNamespace(z=z))
        assert draft.key == pytest.approx(draft.check(), rel=1e-12)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.id)
def test_every_variant_has_one_right_option_and_three_different_wrong_ones(template):
    for i in SEEDS:
        question = template.variant(f"student-{i}")
        assert [option.mistake for option in question.options].count("") == 1
        assert len({option.text for option in question.options}) == 4


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.id)
def test_the_keys_place_is_uniform(template):
    places = Counter([o.mistake for o in template.variant(f"student-{i}").options].index("") for i in SEEDS)
    expected = len(SEEDS) / 4
    chi_squared = sum((places[i] - expected) ** 2 / expected for i in range(4))
    assert chi_squared < 16.3  # false alarm 1 in 1,000 with 3 degrees of freedom


def test_every_mistake_that_can_be_an_option_is_one_somewhere():
    used = {option.mistake for i in SEEDS for option in sigmoid_value.variant(f"student-{i}").options} - {""}
    assert used == {name for name, _, _ in mistakes_of("sigmoid", 1.0)}


def test_a_key_from_a_mistake_fails_its_second_derivation():
    """The gate can fail: each mistake parts from the derivation somewhere on the grid."""
    derived = {z: sigmoid_value.draft(SimpleNamespace(z=z)).check() for z in sigmoid_value.params["z"]}
    wrong = {z: {name: value for name, _, value in mistakes_of("sigmoid", z)} for z in derived}
    for name in wrong[1.0]:
        assert any(wrong[z][name] != pytest.approx(derived[z], rel=1e-3) for z in derived)


def test_a_students_variant_is_found_again():
    assert sigmoid_value.variant(" Someone ") == sigmoid_value.variant("someone")
    assert len({sigmoid_value.variant("someone", attempt).seed for attempt in range(1, 6)}) == 5


def test_too_few_options_are_an_error():
    poor = sigmoid_value.__class__(**{**vars(sigmoid_value), "params": {"z": (0.0,)}})
    with pytest.raises(ValueError, match="sigmoid-value: 1 wrong options differ, 3 are needed"):
        poor.variant("someone")


def test_grid_has_both_ends():
    assert grid(-1, 1, 0.5) == (-1.0, -0.5, 0.0, 0.5, 1.0)


def test_the_page_has_native_controls_maths_and_no_script():
    page = html.page([sigmoid_value.variant("someone")], "Quiz & more")
    assert page.count('type="radio"') == 4
    assert "<math" in page
    assert "<script" not in page
    assert "Quiz &amp; more" in page
