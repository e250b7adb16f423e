"""A new gradebook is stamped as nbgrader would stamp it, and an old one is left alone."""

import sqlite3

import pytest

from autograder.database import stamp


@pytest.fixture
def asked(monkeypatch):
    """How often nbgrader has asked the program `alembic`."""
    import nbgrader.api

    real, calls = nbgrader.api.get_alembic_version, []
    monkeypatch.setattr(nbgrader.api, "get_alembic_version", lambda: calls.append(1) or real())
    return calls


def version(path):
    with sqlite3.connect(path) as book:
        return book.execute("select version_num from alembic_version").fetchall()


def test_the_stamp_is_the_version_of_nbgraders_own_schema(tmp_path, asked):
    from alembic.script import ScriptDirectory
    from nbgrader.api import Gradebook

    url = f"sqlite:///{tmp_path}/gradebook.db"
    stamp(url)
    Gradebook(url).close()
    assert asked == []  # it was stamped already
    import nbgrader

    newest = ScriptDirectory(f"{nbgrader.__path__[0]}/alembic").get_heads()
    assert version(tmp_path / "gradebook.db") == [(newest[0],)]


def test_a_database_that_has_its_stamp_keeps_it(tmp_path):
    url = f"sqlite:///{tmp_path}/gradebook.db"
    stamp(url)
    with sqlite3.connect(tmp_path / "gradebook.db") as book:
        book.execute("update alembic_version set version_num = 'older'")
    stamp(url)
    assert version(tmp_path / "gradebook.db") == [("older",)]
