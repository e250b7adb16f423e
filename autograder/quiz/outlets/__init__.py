"""The bank written for software of others: one module for each, with `build` and `left_out`."""
