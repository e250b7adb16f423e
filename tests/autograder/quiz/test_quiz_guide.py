"""docs/quizzes.md: every command runs as written, and what it adds to the bank passes the gates."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import nnlib
from autograder.quiz import bank, gates, static, template, wrong
from autograder.quiz.build import known

ANSWERS = "student,item,score\nada,a,1\nbob,a,0\ncem,a,1\nada,b,1\nbob,b,0\ncem,b,0\n"


@pytest.fixture(scope="module")
def guide(root):
    return (root / "docs" / "quizzes.md").read_text(encoding="utf-8")


def blocks(guide, language):
    return re.findall(rf"```{language}\n(.*?)```", guide, re.DOTALL)


def test_every_command_runs_as_written(guide, tmp_path):
    (tmp_path / "answers.csv").write_text(ANSWERS)
    environment = os.environ | {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "XDG_STATE_HOME": str(tmp_path / "state"),
    }
    lines = [line for line in "\n".join(blocks(guide, "sh")).splitlines() if line]
    assert len(lines) >= 9
    for line in lines:
        done = subprocess.run(line, shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, (line, done.stdout[-1000:], done.stderr[-1000:])
    assert {path.name for path in (tmp_path / "quiz").iterdir()} == set(known())
    sheets = [(tmp_path / f"sheets/{who}/sheet/sheet.html").read_bytes() for who in ("ada", "bob")]
    assert sheets[0] != sheets[1]
    assert (tmp_path / "analysis.html").exists()
    assert list((tmp_path / "nn2026/lessons").rglob("*.ipynb"))


def test_every_outlet_stands_in_the_table(guide):
    assert set(re.findall(r"^\| `(\w+)` \|", guide, re.MULTILINE)) == set(known())


def test_the_entries_to_add_pass_the_gates(guide, tmp_path, monkeypatch):
    path = tmp_path / "added.yaml"
    path.write_text(blocks(guide, "yaml")[0], encoding="utf-8")
    page = static.read(path)
    ideas = {**bank.misconceptions(), **{idea.id: idea for idea in page.misconceptions}}
    cards = {**bank.cards(), **{card.id: card for card in page.cards}}
    monkeypatch.setattr(bank, "misconceptions", lambda: ideas)
    monkeypatch.setattr(bank, "cards", lambda: cards)
    (question,) = page.questions
    assert list(gates.of_question(question)) == []
    assert list(gates.of_cards()) == []


def test_the_template_to_add_passes_the_gates(guide):
    names = {"template": template.template, "Draft": template.Draft, "misconception": wrong.misconception}
    names |= {"nnlib": nnlib, "np": np}
    exec(blocks(guide, "python")[0], names)
    one = names["central_difference_error_ratio"]
    assert list(gates.of_template(one, 100)) == []
    assert list(gates.of_question(one.variant("somebody"))) == []
    assert all(len(one.question(seed).options) == 4 for seed in range(100))
