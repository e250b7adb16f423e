"""Submissions that attack the grader, honest ones that only look odd, and a fuzzer.

Each hostile submission is one row: what it tries, how it is made from lesson 01's small notebook, the mark it
deserves, the evidence that the attack ran, and its control, the same notebook with right answers and without the
attack. All rows are graded as one class, honest neighbours between them.

    pytest tests/hostile                 what CI runs: every quick row, and a fixed sample of the slow ones
    HOSTILE=all pytest tests/hostile     every row, and ten times as many examples for the fuzzer

A new attack is a new row in `mark.py`, `machine.py`, `reader.py` or `malformed.py`; a new honest oddity one in
`odd.py`. A row whose attack succeeds today says so in `open`, and its test is expected to fail, strictly.
"""
