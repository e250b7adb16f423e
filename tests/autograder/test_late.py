"""What lateness costs is the course's own to say."""

import pytest

from autograder.course import CourseError
from autograder.late import LatePenalty

PLUGIN = """
from nbgrader.plugins import BasePlugin

class Plugin(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return {returns}
"""


@pytest.fixture
def configure(tmp_path, request):
    """A function that writes a plugin and the settings that name it; each test has a module of its own."""

    def configure(returns, name=None):
        module = f"late_{abs(hash(request.node.name))}"
        (tmp_path / f"{module}.py").write_text(PLUGIN.format(returns=returns))
        (tmp_path / "nbgrader_config.py").write_text(
            f"c = get_config()\nc.AssignLatePenalties.plugin_class = {name or f'{module}.Plugin'!r}\n"
        )
        return LatePenalty(tmp_path)

    return configure


def test_without_settings_lateness_costs_nothing(tmp_path):
    assert LatePenalty(tmp_path).of("ann", 10.0, 3600) is None


def test_nbgraders_own_plugin_can_take_everything(tmp_path):
    (tmp_path / "nbgrader_config.py").write_text(
        'c = get_config()\nc.LateSubmissionPlugin.penalty_method = "zero"\n'
    )
    assert LatePenalty(tmp_path).of("ann", 10.0, 3600) == 10
    assert LatePenalty(tmp_path).of("ann", 10.0, 0) is None


def test_a_plugin_beside_the_settings_is_used(configure):
    late = configure(
        "0.1 * score * math.ceil(total_seconds_late / 86400) if (math := __import__('math')) else 0"
    )
    assert late.of("ann", 10.0, 90000) == pytest.approx(2)


@pytest.mark.parametrize(("returns", "taken"), [("-3", 0), ("999", 10), ("None", None)])
def test_a_penalty_stays_between_nothing_and_the_score(configure, returns, taken):
    assert configure(returns).of("ann", 10.0, 1) == taken


@pytest.mark.parametrize("returns", ["1 / 0", "float('nan')", "'much'"])
def test_a_plugin_that_fails_stops_the_grading_and_is_named(configure, returns):
    with pytest.raises(CourseError, match=r"nbgrader_config\.py: its plugin Plugin fails for ann"):
        configure(returns).of("ann", 10.0, 1)


def test_a_plugin_that_is_not_there_is_named(configure):
    with pytest.raises(CourseError, match="nowhere"):
        configure("0", name="nowhere.Plugin")


def test_settings_that_do_not_run_are_named(tmp_path):
    (tmp_path / "nbgrader_config.py").write_text("c = ")
    with pytest.raises(CourseError, match=r"nbgrader_config\.py: cannot be used \(SyntaxError"):
        LatePenalty(tmp_path)
