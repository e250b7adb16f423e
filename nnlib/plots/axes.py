"""What all pictures share: colours, line styles, and new axes where none are given."""

import matplotlib.pyplot as plt

# Okabe & Ito (2008), Color universal design, without the yellow, which is faint on white.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#000000", "#E69F00", "#56B4E9")
LINES = ("-", "--", "-.", (0, (1, 1)), (0, (7, 2)), (0, (3, 1, 1, 1, 1, 1)), (0, (2, 1)))  # the second cue
WIDTH = 2  # thinner dotted lines are faint


def axes(ax):
    """`ax`, or those of a new figure where it is None."""
    return plt.subplots()[1] if ax is None else ax


def line(i):
    """Colour, line style and width of the i-th curve: up to seven differ in both, 49 in one of them."""
    shift = i // len(COLOURS)  # the second round of colours starts with another line style
    return {
        "color": COLOURS[i % len(COLOURS)],
        "linestyle": LINES[(i + shift) % len(LINES)],
        "linewidth": WIDTH,
    }
