"""`conjugate_gradient`: its cases and its mistakes, whole wrong answers that a student could have handed in."""

import numpy as np

import nnlib

from ..schema import Case, Compare, Exercise, Mistake


def bowl(rng, n, condition, repeated=False):
    """A symmetric positive definite matrix with eigenvalues from 1 to `condition`."""
    eigenvalues = np.linspace(1.0, condition, n)
    if repeated:
        eigenvalues = np.where(np.arange(n) % 2, condition, 1.0)
    Q, _ = np.linalg.qr(rng.normal(size=(n, n)))
    A = (Q * eigenvalues) @ Q.T
    return (A + A.T) / 2


def systems(rng):
    return [(bowl(rng, n, 6.0), rng.normal(size=n), rng.normal(size=n), 1e-8, 50) for n in (3, 5)]


def few_steps(rng):
    return [(bowl(rng, 7, 10.0), rng.normal(size=7), rng.normal(size=7), 1e-8, k) for k in (1, 2, 4)]


def one_unknown(rng):
    return [(rng.uniform(2, 3, size=(1, 1)), rng.uniform(1, 2, size=1), rng.uniform(3, 4, size=1), 1e-8, 50)]


def repeated_eigenvalues(rng):
    return [(bowl(rng, 6, 4.0, repeated=True), rng.normal(size=6), rng.normal(size=6), 1e-8, 50)]


def already_there(rng):
    x = rng.integers(-3, 4, size=4).astype(float)
    A = np.diag([1.0, 2.0, 4.0, 8.0])  # products of whole numbers are exact: the first residual is exactly 0
    return [(A, A @ x, x, 1e-8, 50), (A, np.zeros(4), np.zeros(4), 1e-8, 50)]


def large_values(rng):
    return [(1e3 * bowl(rng, 4, 5.0), 1e4 * rng.normal(size=4), 1e3 * rng.normal(size=4), 1e-8, 3)]


def other_limits(rng):
    """The limit on ‖r‖ decides the number of steps: ‖r₀‖ sets it first, then ‖b‖.

    The residual's shares of the eigenvectors are the same for every seed, and so is how it shrinks: 1, 0.74,
    0.44, 0.20, 0.07, 0.02, 0. The right limit is at 0.12, and each wrong one is below 0.002.
    """
    drawn, shares = [], 0.5 ** np.arange(6)
    for start, size, tolerance in ((1e3, 10.0, 0.12), (10.0, 1e3, 0.0012)):
        A, b = bowl(rng, 6, 10.0), rng.normal(size=6)
        r = np.linalg.eigh(A).eigenvectors @ shares
        r, b = start * r / np.linalg.norm(r), size * b / np.linalg.norm(b)
        drawn.append((A, b, np.linalg.solve(A, b - r), tolerance, 50))
    return drawn


def conjugate_gradient_steepest_descent(A, b, x0, tolerance=1e-10, max_steps=100):
    x, r = x0.copy(), b - A @ x0
    norms = [np.linalg.norm(r)]
    goal = tolerance * max(np.linalg.norm(b), norms[0])
    while norms[-1] > goal and len(norms) <= max_steps:
        alpha = (r @ r) / (r @ A @ r)
        x, r = x + alpha * r, r - alpha * (A @ r)
        norms.append(np.linalg.norm(r))
    return x, np.array(norms)


def conjugate_gradient_beta_upside_down(A, b, x0, tolerance=1e-10, max_steps=100):
    x, r = x0.copy(), b - A @ x0
    p, norms = r, [np.linalg.norm(r)]
    goal = tolerance * max(np.linalg.norm(b), norms[0])
    while norms[-1] > goal and len(norms) <= max_steps:
        alpha = (r @ r) / (p @ A @ p)
        old = r @ r
        x, r = x + alpha * p, r - alpha * (A @ p)
        norms.append(np.linalg.norm(r))
        p = r + old / max(r @ r, 1e-30) * p
    return x, np.array(norms)


def conjugate_gradient_beta_one(A, b, x0, tolerance=1e-10, max_steps=100):
    x, r = x0.copy(), b - A @ x0
    p, norms = r, [np.linalg.norm(r)]
    goal = tolerance * max(np.linalg.norm(b), norms[0])
    while norms[-1] > goal and len(norms) <= max_steps:
        alpha = (r @ r) / (p @ A @ p)
        x, r = x + alpha * p, r - alpha * (A @ p)
        norms.append(np.linalg.norm(r))
        p = r + p
    return x, np.array(norms)


def conjugate_gradient_beta_without_squares(A, b, x0, tolerance=1e-10, max_steps=100):
    x, r = x0.copy(), b - A @ x0
    p, norms = r, [np.linalg.norm(r)]
    goal = tolerance * max(np.linalg.norm(b), norms[0])
    while norms[-1] > goal and len(norms) <= max_steps:
        alpha = (r @ r) / (p @ A @ p)
        x, r = x + alpha * p, r - alpha * (A @ p)
        norms.append(np.linalg.norm(r))
        p = r + norms[-1] / norms[-2] * p
    return x, np.array(norms)


def conjugate_gradient_start_ignored(A, b, x0, tolerance=1e-10, max_steps=100):
    x, r = x0.copy(), b.copy()
    p, norms = r, [np.linalg.norm(r)]
    goal = tolerance * max(np.linalg.norm(b), norms[0])
    while norms[-1] > goal and len(norms) <= max_steps:
        alpha = (r @ r) / (p @ A @ p)
        old = r @ r
        x, r = x + alpha * p, r - alpha * (A @ p)
        norms.append(np.linalg.norm(r))
        p = r + (r @ r) / old * p
    return x, np.array(norms)


def conjugate_gradient_residual_upside_down(A, b, x0, tolerance=1e-10, max_steps=100):
    x, r = x0.copy(), A @ x0 - b
    p, norms = r, [np.linalg.norm(r)]
    goal = tolerance * max(np.linalg.norm(b), norms[0])
    while norms[-1] > goal and len(norms) <= max_steps:
        alpha = (r @ r) / (p @ A @ p)
        old = r @ r
        x, r = x + alpha * p, r - alpha * (A @ p)
        norms.append(np.linalg.norm(r))
        p = r + (r @ r) / old * p
    return x, np.array(norms)


def conjugate_gradient_never_stops(A, b, x0, tolerance=1e-10, max_steps=100):
    x, r = x0.copy(), b - A @ x0
    p, norms = r, [np.linalg.norm(r)]
    for _ in range(max_steps):
        alpha = (r @ r) / (p @ A @ p)
        old = r @ r
        x, r = x + alpha * p, r - alpha * (A @ p)
        norms.append(np.linalg.norm(r))
        p = r + (r @ r) / old * p
    return x, np.array(norms)


def conjugate_gradient_start_norm_left_out(A, b, x0, tolerance=1e-10, max_steps=100):
    x, r = x0.copy(), b - A @ x0
    p, norms = r, [np.linalg.norm(r)]
    goal = tolerance * max(np.linalg.norm(b), norms[0])
    while norms[-1] > goal and len(norms) <= max_steps:
        alpha = (r @ r) / (p @ A @ p)
        old = r @ r
        x, r = x + alpha * p, r - alpha * (A @ p)
        norms.append(np.linalg.norm(r))
        p = r + (r @ r) / old * p
    return x, np.array(norms[1:])


def conjugate_gradient_p_is_r(A, b, x0, tolerance=1e-10, max_steps=100):
    x, r = x0.copy(), b - A @ x0
    p, norms = r, [np.linalg.norm(r)]
    goal = tolerance * max(np.linalg.norm(b), norms[0])
    while norms[-1] > goal and len(norms) <= max_steps:
        Ap, old = A @ p, r @ r
        alpha = old / (p @ Ap)
        x += alpha * p
        r -= alpha * Ap
        norms.append(np.linalg.norm(r))
        p = r + (r @ r) / old * p
    return x, np.array(norms)


def conjugate_gradient_limit_of_b_alone(A, b, x0, tolerance=1e-10, max_steps=100):
    x, r = x0.copy(), b - A @ x0
    p, norms = r, [np.linalg.norm(r)]
    while norms[-1] > tolerance * np.linalg.norm(b) and len(norms) <= max_steps:
        alpha = (r @ r) / (p @ A @ p)
        old = r @ r
        x, r = x + alpha * p, r - alpha * (A @ p)
        norms.append(np.linalg.norm(r))
        p = r + (r @ r) / old * p
    return x, np.array(norms)


def conjugate_gradient_limit_of_start_alone(A, b, x0, tolerance=1e-10, max_steps=100):
    x, r = x0.copy(), b - A @ x0
    p, norms = r, [np.linalg.norm(r)]
    while norms[-1] > tolerance * norms[0] and len(norms) <= max_steps:
        alpha = (r @ r) / (p @ A @ p)
        old = r @ r
        x, r = x + alpha * p, r - alpha * (A @ p)
        norms.append(np.linalg.norm(r))
        p = r + (r @ r) / old * p
    return x, np.array(norms)


def conjugate_gradient_limit_absolute(A, b, x0, tolerance=1e-10, max_steps=100):
    x, r = x0.copy(), b - A @ x0
    p, norms = r, [np.linalg.norm(r)]
    while norms[-1] > tolerance and len(norms) <= max_steps:
        alpha = (r @ r) / (p @ A @ p)
        old = r @ r
        x, r = x + alpha * p, r - alpha * (A @ p)
        norms.append(np.linalg.norm(r))
        p = r + (r @ r) / old * p
    return x, np.array(norms)


EXERCISE = Exercise(
    name="conjugate_gradient",
    reference=nnlib.conjugate_gradient,
    parts=("x", "norms"),
    points=0,
    # The last residuals are rounding: 1e-16 of the first ones, and different in every right answer.
    compare=Compare(rtol=1e-6, atol=1e-9, dtype=False),
    cases=(
        Case("until it arrives", "3 and 5 unknowns, until the residual is tiny", systems, weight=4),
        Case("few steps", "7 unknowns, stopped by max_steps = 1, 2 and 4", few_steps, weight=3),
        Case("one unknown", "A of shape (1, 1)", one_unknown, weight=1),
        Case("equal curvatures", "6 unknowns but two different eigenvalues", repeated_eigenvalues, weight=1),
        Case("already there", "x0 is the solution, also for b = 0", already_there, weight=2),
        Case(
            "when to stop",
            "6 unknowns, tolerance 0.12 from far away (‖r₀‖ = 100 ‖b‖) and 0.0012 from nearby (‖b‖ = 100 ‖r₀‖)",
            other_limits,
            weight=2,
        ),
        Case("large values", "entries of A, b and x0 in the thousands", large_values, weight=1),
    ),
    mistakes=(
        Mistake(
            conjugate_gradient_steepest_descent,
            "Your first step is right, the later ones go along the residual alone: this is gradient descent with the "
            "best step length. What is added to r to make the next direction?",
            card="cg-direction",
        ),
        Mistake(
            conjugate_gradient_beta_upside_down,
            "Your β grows as you arrive, and the residual hardly shrinks any more. Which of the two products rᵀr, "
            "the old or the new, stands above the line in the formula?",
            card="cg-direction",
        ),
        Mistake(
            conjugate_gradient_beta_one,
            "Your β is always 1, as if the residual had not changed. Which two residuals does it compare, and do you "
            "still have both when you compute it?",
            card="cg-direction",
        ),
        Mistake(
            conjugate_gradient_beta_without_squares,
            "Your β divides two lengths; the formula divides two products rᵀr. What is rᵀr in terms of the length?",
            card="cg-direction",
        ),
        Mistake(
            conjugate_gradient_p_is_r,
            "Your first step is right, and then the direction is lost: `p = r` gives one array two names, so `r -= …` "
            "changes p as well. Which of the lines should make a new array?",
            card="cg-direction",
        ),
        Mistake(
            conjugate_gradient_start_ignored,
            "Your first residual is b, which is right for a start at 0 only. What is minus the gradient at x0?",
            card="cg-residual",
        ),
        Mistake(
            conjugate_gradient_residual_upside_down,
            "Your norms are right, but x walks away from the solution: your first residual is the gradient. What is "
            "the sign between b and A x0?",
            card="cg-residual",
        ),
        Mistake(
            conjugate_gradient_never_stops,
            "You always take max_steps steps. Once the residual is 0, α is 0/0. When should the loop end?",
            card="cg-stop",
            no_distractor="it differs in how many steps it takes",
        ),
        Mistake(
            conjugate_gradient_limit_of_b_alone,
            "From far away you take more steps than asked for: your limit is measured by ‖b‖ alone, and such a start has "
            "a residual that is much longer. What else does the convention measure by?",
            card="cg-stop",
            no_distractor="it differs in how many steps it takes",
        ),
        Mistake(
            conjugate_gradient_limit_of_start_alone,
            "From nearby you take more steps than asked for: your limit is measured by the first residual alone, so a "
            "better start asks for a better end. What else does the convention measure by?",
            card="cg-stop",
            no_distractor="it differs in how many steps it takes",
        ),
        Mistake(
            conjugate_gradient_limit_absolute,
            "You compare ‖r‖ with the tolerance itself, so the number of steps depends on the units of b. What does the "
            "convention multiply it by?",
            card="cg-stop",
            no_distractor="it differs in how many steps it takes",
        ),
        Mistake(
            conjugate_gradient_start_norm_left_out,
            "Your x is right; of the norms the first is missing, that of the start. After k steps there are k + 1.",
            card="cg-stop",
            no_distractor="it differs in the length of the list alone",
        ),
    ),
    hints=(
        "Start with r = b − A x0 and p = r. Compute A p once a step: it is needed twice.",
        "Keep rᵀr of before the step in a name of its own; β is the new one divided by the old one.",
        "Check that you are done *before* a step: at the solution, rᵀr is 0 and so is pᵀA p.",
    ),
)
