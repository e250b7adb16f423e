"""Stands in for `autograder.quiz.show` while a notebook is graded: the bank with its keys stays outside."""


def quiz(lesson, count=5, attempt=1):
    return None
