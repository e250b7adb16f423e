"""Stands in for `autograder.quiz.practise` while a notebook is graded: the bank with its keys stays outside."""


def practise(lesson, count=5, attempt=1):
    return None
