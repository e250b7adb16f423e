"""Stands in for `autograder.check` while a notebook is graded.

The check cells themselves are not run then: their answers are probed from outside. A check that a
student added elsewhere says so and costs nothing.
"""


class Mark(float):
    def __repr__(self):
        return "this notebook is being graded; the marks are made outside it"


def check(name, answer=None):
    return Mark(0.0)


def hint(name):
    return None
