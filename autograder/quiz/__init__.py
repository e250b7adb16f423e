"""Questions from the bank: keys from the reference, wrong options from the named mistakes."""
