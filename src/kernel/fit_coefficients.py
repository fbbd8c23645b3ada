#!/usr/bin/env python3
"""Coefficients of vmath.inc: best polynomials in the sense of Chebyshev, found by the Remez exchange.

usage: fit_coefficients.py > coefficients.inc        (needs mpmath)
"""
from mpmath import mp, mpf, matrix, lu_solve, exp, log, sqrt, cos, erf, erfc, pi, tanh

mp.dps = 60


def remez(g, weight, lo, hi, degree, rounds=12, grid=1500):
    """Minimise max |weight (g - p)| on [lo, hi]; coefficients from degree 0 upward, and the error reached."""
    n = degree + 2
    lo, hi = mpf(lo), mpf(hi)
    at = [lo + (hi - lo) * (1 - cos(pi * (i + mpf('0.4')) / n)) / 2 for i in range(n)]  # never where a weight is 0
    xs = [lo + (hi - lo) * (1 - cos(pi * (i + mpf('0.4')) / grid)) / 2 for i in range(grid)]
    gs, ws = [g(x) for x in xs], [weight(x) for x in xs]
    for _ in range(rounds):
        a, b = matrix(n, n), matrix(n, 1)
        for i, x in enumerate(at):
            for j in range(degree + 1):
                a[i, j] = x**j
            a[i, degree + 1] = (-1)**i / weight(x)
            b[i] = g(x)
        c = [v for v in lu_solve(a, b)][: degree + 1]
        err = [w * (y - mp.polyval(c[::-1], x)) for x, y, w in zip(xs, gs, ws)]
        # one extremum per run of equal signs
        runs, best = [], 0
        for i in range(1, len(xs)):
            if err[i] * err[best] > 0:
                best = i if abs(err[i]) > abs(err[best]) else best
            else:
                runs.append(best)
                best = i
        runs.append(best)
        while len(runs) > n:
            runs.pop(0 if abs(err[runs[0]]) < abs(err[runs[-1]]) else -1)
        if len(runs) < n:
            break
        at = [xs[i] for i in runs]
    return c, max(abs(e) for e in err)


def series(coefficients):
    return lambda x: mp.polyval(coefficients[::-1], x)


TERMS = 40
fact = mp.factorial
EXP = series([1 / fact(i + 2) for i in range(TERMS)])                                  # (e^r - 1 - r)/r^2
LOG = series([mpf(2) / (2 * i + 3) for i in range(120)])                               # (log((1+s)/(1-s)) - 2s)/s^3, in s^2
TANH = series([4**(i + 2) * (4**(i + 2) - 1) * mp.bernoulli(2 * i + 4) / fact(2 * i + 4) for i in range(TERMS)])  # (tanh x - x)/x^3
SIN = series([(-1)**(i + 1) / fact(2 * i + 3) for i in range(TERMS)])                  # (sin r - r)/r^3, in r^2
COS = series([(-1)**i / fact(2 * i + 4) for i in range(TERMS)])                        # (cos r - 1 + r^2/2)/r^4, in r^2
ASIN = series([mp.binomial(2 * i + 2, i + 1) / mpf(4)**(i + 1) / (2 * i + 3) for i in range(120)])   # (asin x - x)/x^3, in x^2
ERF = series([2 / sqrt(pi) * (-1)**(i + 1) / (fact(i + 1) * (2 * i + 3)) for i in range(TERMS)])  # (erf x - 2x/sqrt(pi))/x^3


def erfc_scaled(q):
    """erfc(t) e^(t^2) (1 + 2t) with q = (t - 4)/(t + 4)."""
    t = 4 * (1 + q) / (1 - q)
    return erfc(t) * exp(t * t) * (1 + 2 * t)


def q(t):
    return (mpf(t) - 4) / (mpf(t) + 4)


half_ln2 = log(mpf(2)) / 2 * mpf("1.02")
s2 = mpf("0.2")**2 * mpf("1.01")  # s = f/(2 + f), -1/4 <= f <= 1/2
r2 = (pi / 4 * mpf("1.01"))**2
FITS = [  # name, function, weight that makes the error relative to the whole, interval, degree f32, degree f64
    ("exp", EXP, lambda r: r * r * exp(-r), -half_ln2, half_ln2, 4, 9),
    ("log", LOG, lambda s: s, 0, s2, 3, 6),
    ("log1p", LOG, lambda s: s, 0, mpf(1) / 9, 4, 10),
    ("tanh", TANH, lambda s: s, 0, mpf("0.55")**2, 4, 10),
    ("sin", SIN, lambda s: s, 0, r2, 2, 5),
    ("cos", COS, lambda s: s * s, 0, r2, 2, 5),
    ("asin", ASIN, lambda s: s, 0, mpf("0.2505"), None, 11),
    ("erf", ERF, lambda s: s, 0, 1, 6, 11),
    ("erfc_f32", erfc_scaled, lambda s: 1, q("0.99"), q("10.1"), 9, None),
    ("erfc_f64", erfc_scaled, lambda s: 1, q("0.99"), q("27.4"), None, 19),
]


# Piecewise polynomials of 16 pieces, each in x - centre; entry i of a table belongs to piece i.
# The piece at 0 is an odd polynomial, so that small values keep their relative precision.


def pieces_of(f, odd, degree, pieces):
    """pieces: (index, centre, lo, hi); returns [centres, coefficients of degree 0, 1, ...], each a list of 16, and the error."""
    table, worst = [[mpf(0)] * 16 for _ in range(degree + 2)], mpf(0)
    for at, centre, lo, hi in pieces:
        if lo == 0:
            c, error = remez(odd, lambda s: s, 0, mpf(hi)**2, (degree - 3) // 2, grid=400)
            slope = f(mpf(10)**-20) * mpf(10)**20
            row = ([mpf(0), slope] + [x for odd_one in c for x in (mpf(0), odd_one)] + [mpf(0)])[: degree + 1]
        else:
            row, error = remez(lambda u: f(centre + u), lambda u: 1 / f(centre + u), mpf(lo) - centre, mpf(hi) - centre,
                               degree, grid=400)
        worst = max(worst, error)
        for d, x in enumerate([centre] + row):
            table[d][at] = x
    return table, worst


def by_exponent(lo, hi):
    """0 to 2^lo, then halves of binades up to hi; the index is the last bit of the exponent field and the first after it."""
    out = [(2 * (126 + lo) + 1 & 15, mpf(0), 0, mpf(2)**lo)]
    edges = [m * mpf(2)**e for e in range(lo, 10) for m in (1, mpf(3) / 2)]
    for i, (a, b) in enumerate(zip(edges, edges[1:])):
        if a < hi:
            out.append((2 * (127 + lo) + i & 15, (a + min(b, hi)) / 2, a, min(b, hi)))
    return out


def by_quarters(hi):
    """Around multiples of 1/4; the last one to hi."""
    quarter = [mpf(i) / 4 for i in range(16)]
    return [(i, c, max(0, c - mpf(1) / 8), hi if i == 15 else c + mpf(1) / 8) for i, c in enumerate(quarter)]


def print_pieces():
    print("#if REAL_BITS == 32 && defined(QUICK_LOOKUP)")
    powers = ", ".join(mp.nstr(mpf(2)**(mpf(i) / 16), 9, min_fixed=0, max_fixed=0) + "f" for i in range(16))
    print(f"/* 2^(i/16) */\nstatic const float exp_powers[16] = {{{powers}}};")
    for name, f, odd, degree, pieces in (("tanh", tanh, TANH, 6, by_exponent(-3, mpf("9.125"))),
                                         ("erf", erf, ERF, 5, by_quarters(mpf("3.95")))):
        table, error = pieces_of(f, odd, degree, pieces)
        table[2] = [x - (name == "erf") for x in table[2]]  # v_erf adds x - centre itself
        rows = ",\n    ".join("{" + ", ".join(mp.nstr(x, 9, min_fixed=0, max_fixed=0) + "f" for x in row) + "}" for row in table)
        print(f"/* error {mp.nstr(error, 2)}; centres, then coefficients from degree 0 upward */\n"
              f"static const float {name}_pieces[][16] = {{\n    {rows}}};")
    print("#endif")


def main():
    out = {"f32": [], "f64": []}
    for name, g, weight, lo, hi, d32, d64 in FITS:
        for kind, degree, digits in (("f32", d32, 9), ("f64", d64, 17)):
            if degree is None:
                continue
            c, error = remez(g, weight, lo, hi, degree)
            text = ", ".join(mp.nstr(x, digits, min_fixed=0, max_fixed=0) for x in c)
            out[kind].append(f"/* error {mp.nstr(error, 2)} */\n"
                             f"static const double {name.split('_')[0]}_poly[] = {{{text}}};")
    print("/* coefficients.inc - made by fit_coefficients.py: best polynomials, lowest degree first; the error is relative to\n"
          " * the whole function. */")
    print("#if REAL_BITS == 32\n" + "\n".join(out["f32"]) + "\n#else\n" + "\n".join(out["f64"]) + "\n#endif")
    print_pieces()


if __name__ == "__main__":
    main()
