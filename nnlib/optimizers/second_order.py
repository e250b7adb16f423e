"""Methods that know the curvature: conjugate gradients, and Newton's."""

import numpy as np

from nnlib._arguments import as_float, as_parameter


def conjugate_gradient(A_times, b, x0=None, tolerance=1e-10, max_steps=None):
    """Conjugate gradients: solves A x = b, and so minimises ½·xᵀA x − bᵀx, from products with A alone.

        r₀ = b − A x₀,  p₀ = r₀                       (the residual r is minus the gradient at x)
        α = (rᵀr) / (pᵀA p)                           (the best step along p: no learning rate)
        x ← x + α·p,  r' = r − α·A p
        p ← r' + β·p,  β = (r'ᵀr') / (rᵀr),  r ← r'   (p is conjugate, pᵀA q = 0, to all q before it)

    Without rounding it ends after as many steps as A has different eigenvalues, n at most; gradient descent
    at a fixed rate in general only comes closer. The error after k steps is at most 2·((√κ − 1)/(√κ + 1))ᵏ times the first, in the norm
    √(xᵀA x), κ being the condition number: about √κ steps where gradient descent needs κ.

    Args:
        A_times: function from p, (n,) float, to the product A p, (n,) float; or A itself, (n, n) float. A must be
            symmetric (a function's symmetry is not checked) and positive definite.
        b: (n,) float, the right side.
        x0: (n,) float, where to start; zeros by default.
        tolerance: it stops when ‖r‖ is at most this share of the larger of ‖b‖ and ‖r₀‖; in (0, 1).
        max_steps: it stops at the latest after so many steps; 10·n by default. Whether it had arrived then, the
            last of the residual norms tells.
    Returns:
        x: (n,) float, the solution, of the dtype of `b`.
        residual_norms: (steps + 1,) float, ‖r‖ at the start and after each step. With rounding the r of the
            recurrence, which this is, can fall below the true b − A x.
    Raises:
        ValueError: shapes do not fit, A is not symmetric, some pᵀA p is not positive, so that A is not positive
            definite, or a setting is outside its range.
    Source:
        Hestenes & Stiefel (1952), Methods of conjugate gradients for solving linear systems, section 3;
        Shewchuk (1994), An introduction to the conjugate gradient method without the agonizing pain.

    >>> x, residual_norms = conjugate_gradient(np.array([[4.0, 1.0], [1.0, 3.0]]), np.array([1.0, 2.0]))
    >>> x, len(residual_norms) - 1
    (array([0.09090909, 0.63636364]), 2)
    """
    b = as_float(b, "b")
    if b.ndim != 1:
        raise ValueError(f"b must have shape (n,), got {b.shape}")
    tolerance = as_parameter("tolerance", tolerance, 0 < tolerance < 1, "in (0, 1)")
    steps = 10 * b.size if max_steps is None else max_steps
    if steps < 0 or steps % 1:
        raise ValueError(f"max_steps must be a whole number from 0 on, got {max_steps}")
    A_times = A_times if callable(A_times) else _symmetric(A_times, b.size).dot
    x = np.zeros_like(b) if x0 is None else _vector("x0", x0, b).copy()
    r = b.copy() if x0 is None else b - _vector("A_times(x0)", A_times(x), b)
    p = r.copy()
    rr = float(r @ r)
    residual_norms = [rr**0.5]
    goal = tolerance * max(float(np.linalg.norm(b)), residual_norms[0])
    while residual_norms[-1] > goal and len(residual_norms) <= steps:
        Ap = _vector("A_times(p)", A_times(p), b)
        curvature = float(p @ Ap)
        if not curvature > 0:
            raise ValueError(f"A must be positive definite, got pᵀA p = {curvature:g} for a direction p")
        alpha = rr / curvature
        x += alpha * p
        r -= alpha * Ap
        rr, rr_before = float(r @ r), rr
        p = r + rr / rr_before * p
        residual_norms.append(rr**0.5)
    return x, np.array(residual_norms)


def _symmetric(A, n):
    A = as_float(A, "A")
    if A.shape != (n, n):
        raise ValueError(f"A must have shape {(n, n)} to fit b, got {A.shape}")
    if not np.allclose(A, A.T, rtol=0, atol=1e-6 * np.abs(A).max(initial=0)):
        raise ValueError(f"A must be symmetric, got entries that differ by {np.abs(A - A.T).max():g}")
    return A


def _vector(name, value, b):
    vector = as_float(value, name)
    if vector.shape != b.shape:
        raise ValueError(f"{name} must have the shape of b, {b.shape}, got {vector.shape}")
    return vector.astype(b.dtype, copy=False)


def newton_step(w, g, H, damping=0.0):
    """Newton's method: one step to where the quadratic that fits loss, gradient and curvature at `w` is flat.

        w ← w − p,  (H + δ·I) p = g

    It ends in one step on a quadratic, of any condition number, and near a solution the number of right digits
    doubles with each step. But it looks for a point where the gradient is zero, not for a minimum: where H has
    negative eigenvalues it goes *up* along them, towards a saddle or a maximum. A damping δ above the most
    negative eigenvalue's size turns the step downhill, and a large one makes it gradient descent's with η = 1/δ.

    Args:
        w: (...) float, the parameters, P numbers in all.
        g: (...) float, ∂loss/∂w.
        H: (P, P) float, the Hessian ∂²loss/∂w², rows and columns in the order of `w.ravel()`.
        damping: δ, in the units of `H`, at least 0.
    Returns:
        w: (...) float, the new parameters. Solved in float64, returned in the dtype of `w`.
    Raises:
        ValueError: shapes do not fit, damping outside its range, or H + δ·I is singular, so that no step p, or no
            trustworthy one, solves the equation.
    Source:
        Nocedal & Wright (2006), Numerical Optimization, 2nd edition, sections 2.2 and 3.3; on saddles: Dauphin et
        al. (2014), Identifying and attacking the saddle point problem, arXiv:1406.2572.

    >>> newton_step(np.array([3.0, 2.0]), np.array([6.0, -4.0]), np.diag([2.0, -2.0]))  # x² − y²: to the saddle
    array([0., 0.])
    >>> newton_step(np.array([3.0, 2.0]), np.array([6.0, -4.0]), np.diag([2.0, -2.0]), damping=4.0)
    array([2., 4.])
    """
    w, g, H = as_float(w, "w"), as_float(g, "g").astype(np.float64), as_float(H, "H").astype(np.float64)
    damping = as_parameter("damping", damping, 0 <= damping < np.inf, "at least 0 and finite")
    if g.shape != w.shape or H.shape != (w.size, w.size):
        raise ValueError(
            f"g and H must have shapes {w.shape} and {(w.size, w.size)}, got {g.shape} and {H.shape}"
        )
    g, H = g.ravel(), H + damping * np.eye(w.size)
    try:
        p = np.linalg.solve(H, g)
    except np.linalg.LinAlgError:
        p = np.full_like(g, np.nan)
    # Rounding hides a singular matrix from the solver, but not from this; a large condition number alone is well.
    if not np.linalg.norm(H @ p - g) <= 1e-6 * np.linalg.norm(g):
        raise ValueError(f"H + damping·I must be invertible, and is not with damping = {damping:g}")
    return (w - p.reshape(w.shape)).astype(w.dtype)
