"""Workers: what has ended well is handed over, also where another fails."""

from concurrent.futures import wait

import pytest

from autograder import pool


def ends_well(number):
    if number == 3:
        raise ZeroDivisionError
    return number


@pytest.mark.parametrize("_", range(20))  # which of those that have ended comes first is chance
def test_an_error_comes_after_all_that_has_ended_well(_):
    begun, got = [], []
    with pool.local(2) as workers:
        submit = workers.submit
        workers.submit = lambda *task: begun.append(submit(*task)) or begun[-1]
        with pool.running(workers, ends_well, range(6)) as ended:
            wait(begun)
            with pytest.raises(ZeroDivisionError):
                got.extend(ended)  # which keeps what came before an error
    assert sorted(got) == [0, 1, 2, 4, 5]
