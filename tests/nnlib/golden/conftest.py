"""The scripts here import PyTorch, which most machines do not have, and hold no tests."""

collect_ignore_glob = ["*.py"]
