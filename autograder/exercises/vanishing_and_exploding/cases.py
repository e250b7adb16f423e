"""What several exercises of this lesson share: inputs, tolerances, reasons."""

from ..schema import Compare

# Signals of this lesson span 40 decades: only a relative tolerance sees whether the small ones are right.
RELATIVE = Compare(rtol=1e-9, atol=0.0, rtol32=1e-5, atol32=0.0)
# A sum over float32 numbers may be taken in float32, even where the result is a float64.
SINGLE = Compare(rtol=1e-5, atol=0.0, rtol32=1e-5, atol32=1e-30)

SAME_VALUES = "its values are right; only what it does beside them is not"
NO_OVERFLOW = "it differs from the right value only where squares leave the range of the numbers"
TINY_ONLY = "it differs from the right value only for tiny outputs"
