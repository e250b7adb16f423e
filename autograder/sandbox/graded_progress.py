"""Stands in for `autograder.progress` while a notebook is graded: a student's own marks are not kept there."""


def progress():
    return None
