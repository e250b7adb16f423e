"""Each module is a command that prints what it measured in one run."""
