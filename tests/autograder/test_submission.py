"""What lies in a student's folder: read, or refused in a few words."""

import json

import pytest

from autograder import submission
from autograder.submission import BadSubmission, read, release_of


def hand_in(folder, content, name="01.ipynb"):
    (folder / name).write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return folder / "01.ipynb"


def test_a_notebook_is_read(tmp_path, submitted):
    assert read(hand_in(tmp_path, submitted)) == submitted
    assert read(hand_in(tmp_path, b'\xef\xbb\xbf{"nbformat": 4, "cells": [NaN]}'))["nbformat"] == 4


UNREADABLE = {
    "cut": b'{"nbformat": 4, "cells": [',
    "100,000 levels": b"[" * 100_000,
    "990 levels": b'{"nbformat": ' + b"[" * 900 + b"]" * 900 + b"}",
    "a long integer": b'{"nbformat": ' + b"9" * 10**5 + b"}",
    "a long format": b'{"nbformat": "' + b"x" * 10**6 + b'"}',
    "no cells": b'{"nbformat": 4}',
    "many cells": b'{"nbformat": 4, "cells": [' + b"0," * 1000 + b"0]}",
    "a surrogate for a format": b'{"nbformat": "\\ud800"}',
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_is_no_notebook_is_refused_in_a_few_words(tmp_path, name):
    with pytest.raises(BadSubmission, match=r"^01\.ipynb ") as refused:
        read(hand_in(tmp_path, UNREADABLE[name]))
    assert len(str(refused.value).encode()) < 400


@pytest.mark.parametrize("name", ["my homework.ipynb", "\udcff.ipynb"], ids=ascii)
def test_a_renamed_notebook_is_refused_and_named(tmp_path, name):
    with pytest.raises(BadSubmission, match=r"rename it to 01\.ipynb") as refused:
        read(hand_in(tmp_path, {}, name))
    str(refused.value).encode()


def test_links_and_large_files_are_refused(tmp_path, submitted, monkeypatch):
    hand_in(tmp_path, submitted, "real.ipynb")
    (tmp_path / "a_link.ipynb").symlink_to(tmp_path / "real.ipynb")
    (tmp_path / "folder").symlink_to(tmp_path)
    for link in ("a_link.ipynb", "folder/real.ipynb"):
        with pytest.raises(BadSubmission, match="is a link"):
            read(tmp_path / link)
    monkeypatch.setattr(submission, "MAX_NOTEBOOK_BYTES", 100)
    with pytest.raises(BadSubmission, match="more than"):
        read(tmp_path / "real.ipynb")


RELEASES = [None, 7, "", "../../seed", "a/b", "x" * 65, "a\x00", "𝒜" * 64, ["a"]]


@pytest.mark.parametrize("release", RELEASES, ids=lambda release: ascii(release)[:20])
def test_a_release_that_is_no_short_name_is_none(release):
    assert release_of({"metadata": {"nnlib_course": {"release": release}}}) == ""
    assert release_of({"metadata": {"nnlib_course": release}}) == release_of({"metadata": release}) == ""


def test_the_release_of_the_lesson_is_read(skeleton, submitted):
    assert release_of(submitted) == skeleton.metadata.nnlib_course.release != ""
