"""The script here imports PyTorch, which most machines do not have, and holds no tests."""

collect_ignore = ["write_golden.py"]
