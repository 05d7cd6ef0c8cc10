"""Tails and quantiles of the distributions far out and for many degrees of freedom, by mpmath.

Usage: python3 make_tails.py > tails.csv
Columns: function, argument, df1, df2, value. Arguments are the doubles printed; values have 25
digits. A tail is the integral of the density from its edge, with 50 digits; where mpmath's own
incomplete functions reach, they agree (`check`).
"""
from mpmath import mp, mpf, erfc, exp, findroot, gammainc, betainc, inf, log, loggamma, nstr, quad, sqrt

mp.dps = 50


def integral(slope, bend, end, exponent):
    """The integral of exp(exponent(s)) from 0, by pieces, until 1e-45 of it is left."""
    reach = 1 / (slope + sqrt(bend)) if slope > 0 else 1 / sqrt(bend)
    edges = [mpf(0)]
    while edges[-1] < end:
        edges.append(min(edges[-1] + 4 * reach if edges[-1] else 2 * reach, end))
        if exponent(edges[-1]) < -110:
            break
    return quad(lambda s: exp(exponent(s)), edges)


def gamma_tails(a, x):
    """P and Q; one from its series or integral, the other the rest."""
    if x <= 0:
        return mpf(0), mpf(1)
    if a <= 500:
        upper = gammainc(a, x, inf, regularized=True)
        lower = gammainc(a, 0, x, regularized=True)
        return lower, upper
    front = a * log(x) - x - loggamma(a)
    if x < a:
        body = integral(a - 1 - x, a / 2, mpf(1), lambda s: (a - 1) * log(1 - s) + x * s if s < 1 else mpf(-10) ** 9)
        lower = exp(front) * body
        return lower, 1 - lower
    body = integral(x - a + 1, a / 2, mpf(10) ** 9, lambda s: (a - 1) * log(1 + s) - x * s)
    upper = exp(front) * body
    return 1 - upper, upper


def beta_lower(a, b, x, y):
    front = a * log(x) + b * log(y) - loggamma(a) - loggamma(b) + loggamma(a + b)
    # series of DLMF 8.17.8: sum of positive terms, for x well below 1 or few of them
    if min(a, b) < 2000:
        total, term, n = mpf(0), mpf(1), mpf(0)
        while term > total * mpf(10) ** (5 - mp.dps) or n < 5:
            total += term
            term *= (a + b + n) * x / (a + 1 + n)
            n += 1
            if n > 2000000:
                raise ValueError("series")
        return exp(front) / a * total
    odds = x / y
    slope = (a - 1) - (b - 1) * odds
    bend = (a + b * odds**2) / 2
    body = integral(slope, bend, mpf(1), lambda s: (a - 1) * log(1 - s) + (b - 1) * log(1 + s * odds) if s < 1 else mpf(-10) ** 9)
    return exp(front) / y * body


def beta_tails(a, b, x, y):
    """I_x(a, b) and the rest."""
    if min(a, b) >= 2000:
        if x < a / (a + b):
            lower = beta_lower(a, b, x, y)
            return lower, 1 - lower
        upper = beta_lower(b, a, y, x)
        return 1 - upper, upper
    # the series that ends soon; one minus it may cancel, so it gets as many digits more
    digits = cancelled_digits(a, b, x, y)
    if digits > 400:  # no double is as small
        return (mpf(0), mpf(1)) if x < a / (a + b) else (mpf(1), mpf(0))
    mp.dps = 50 + int(digits)
    x, y = (x, 1 - x) if x < y else (1 - y, y)
    if b >= 2000 or (a < 2000 and x <= y):
        lower = beta_lower(a, b, x, y)
        result = lower, 1 - lower
    else:
        upper = beta_lower(b, a, y, x)
        result = 1 - upper, upper
    mp.dps = 50
    return result


def cancelled_digits(a, b, x, y):
    """The digits that one minus a tail may cancel."""
    front = a * log(x) + b * log(y) - loggamma(a) - loggamma(b) + loggamma(a + b)
    return max(0, -front / log(mpf(10))) + 20


def chi_squared(x, df):
    return gamma_tails(mpf(df) / 2, mpf(x) / 2)


def f_tails(f, df1, df2):
    """(above f, below f)"""
    f, df1, df2 = mpf(f), mpf(df1), mpf(df2)
    return beta_tails(df2 / 2, df1 / 2, df2 / (df2 + df1 * f), df1 * f / (df2 + df1 * f))


def t_tails(t, df):
    return f_tails(mpf(t) ** 2, 1, df)


def root(f, guess):
    """The root of a falling function of a positive number in the logarithm."""
    lower = upper = mpf(guess)
    while f(upper) > 0:
        lower, upper = upper, upper * 2
    while f(lower) < 0:
        lower, upper = lower / 2, lower
    if lower == upper:
        return lower
    mp.dps = 50
    return exp(findroot(lambda z: f(exp(z)), (log(lower), log(upper)), solver="anderson", tol=mpf(10) ** -50, maxsteps=200, verify=False))


def row(name, x, df1, df2, value):
    if abs(value) > 1e-318:
        print(f"{name},{x!r},{df1!r},{df2!r},{nstr(value, 25)}", flush=True)


def scaled(value, digits=3):
    """A double with few digits near a value."""
    return float(nstr(value, digits))


def tails():
    for z in [1e-9, 0.1, 0.7, 3.3, 8.0, 15.0, 26.0, 37.5, 38.0, 38.4]:
        row("normal_upper_tail", z, 0.0, 0.0, erfc(mpf(z) / sqrt(mpf(2))) / 2)
        row("normal_upper_tail", -z, 0.0, 0.0, erfc(-mpf(z) / sqrt(mpf(2))) / 2)
        row("normal_two_sided", z, 0.0, 0.0, erfc(mpf(z) / sqrt(mpf(2))))
    for df in [0.01, 0.1, 0.7, 1.0, 2.0, 3.5, 9.0, 40.0, 300.0, 1999.0, 2001.0, 1e4, 12345.6, 1e6, 1e9, 1e12]:
        for z in [-30, -9, -3, -1, -0.1, 0, 0.1, 1, 3, 9, 20, 37]:
            # Wilson and Hilferty's normal scale
            x = df * float(max(mpf(10) ** -9, (1 - mpf(2) / (9 * df) + z * sqrt(mpf(2) / (9 * df))))) ** 3
            x = scaled(x, 13 if df > 1e5 else 5)
            row("chi_squared_upper_tail", x, df, 0.0, chi_squared(x, df)[1])
    for df in [1.0, 3.0, 27.5, 400.0]:
        for x in [700.0, 1380.0, 1400.0, 1450.0]:
            row("chi_squared_upper_tail", x, df, 0.0, chi_squared(x, df)[1])
    for df in [0.01, 0.3, 1.0, 2.0, 4.4, 30.0, 517.0, 1e4, 1e6, 1e9, 1e12]:
        for t in [1e-6, 0.01, 0.5, 0.999, 1.0, 1.7, 2.5, 6.0, 13.0, 25.0, 37.0, 100.0, 1e5, 1e20, 1e150, 1e200, 1e300]:
            if df > 500 and t > 40:
                continue
            a = mpf(df) / 2
            if t > 1e30:  # the first term of the series in df/t² is all of it
                value = exp(a * (log(mpf(df)) - 2 * log(mpf(t))) - loggamma(a) - loggamma(mpf(0.5)) + loggamma(a + 0.5)) / a
                row("t_two_sided", t, df, 0.0, value)
            else:
                row("t_two_sided", t, df, 0.0, t_tails(t, df)[0])
    sizes = [0.5, 1.0, 2.0, 7.0, 60.0, 1500.0, 2500.0, 1e6, 1e12]
    for df1 in sizes:
        for df2 in sizes:
            spread = sqrt(mpf(2) / df1 + mpf(2) / df2)
            for z in [-8, -1, -0.01, 0, 0.01, 1, 4, 12, 36]:
                f = scaled(exp(z * spread), 13 if min(df1, df2) > 1e5 else 5)
                if mpf(10) ** -8 < f < mpf(10) ** 12:
                    row("f_upper_tail", f, df1, df2, f_tails(f, df1, df2)[0])


def quantiles():
    for p in [1e-320, 1e-300, 1e-100, 1e-20, 1e-6, 0.01, 0.074, 0.076, 0.3, 0.499, 0.5000001, 0.9, 0.999999]:
        low = min(mpf(p), 1 - mpf(p))
        sign = -1 if p < 0.5 else 1
        z = root(lambda z: log(erfc(z / sqrt(mpf(2))) / 2) - log(low), 1)
        row("normal_quantile", p, 0.0, 0.0, sign * z)
    for df in [0.5, 1.0, 2.0, 7.0, 64.0, 999.0, 2500.0, 1e6, 1e12]:
        for p in [1e-300, 1e-12, 0.001, 0.025, 0.3, 0.49, 0.51, 0.9, 0.975, 0.9999, 1 - 2**-40]:
            def falling(x):
                low, high = chi_squared(x, df)
                return log(high) - log(mpf(p)) if p < 0.5 else log(1 - mpf(p)) - log(low)
            row("chi_squared_upper_quantile", p, df, 0.0, root(falling, df))
    for df in [0.5, 1.0, 2.0, 3.7, 29.0, 800.0, 1e4, 1e6, 1e12]:
        for p in [0.5 + 2**-40, 0.51, 0.6, 0.74, 0.76, 0.9, 0.975, 0.9995, 1 - 2**-30, 1 - 2**-50]:
            def falling(t):
                beyond, within = t_tails(t, df)
                return log(beyond) - log(2 * (1 - mpf(p))) if p > 0.75 else log(2 * mpf(p) - 1) - log(within)
            row("t_quantile", p, df, 0.0, root(falling, 1))
    for a, b in [(1.0, 1.0), (0.5, 0.5), (1.0, 50.0), (3.0, 1e6), (2.0, 1e9), (17.0, 4.0), (900.0, 1100.0), (5e3, 7e4), (1e6, 3e6), (1e9, 1e10)]:
        for p in [1e-12, 0.001, 0.025, 0.45, 0.55, 0.975, 0.9999]:
            def falling(x):
                low, high = beta_tails(mpf(a), mpf(b), x, 1 - x)
                return log(mpf(p)) - log(low) if p < 0.5 else log(high) - log(1 - mpf(p))
            mean = mpf(a) / (a + b)
            # in the odds, which are free
            odds = root(lambda o: falling(o / (1 + o)), mean / (1 - mean))
            row("beta_quantile", p, a, b, odds / (1 + odds))


def check():
    """mpmath's own functions, where they reach."""
    for a, x in [(mpf(600), mpf(500)), (mpf(600), mpf(800)), (mpf(5000), mpf(5100))]:
        own = gammainc(a, x, inf, regularized=True)
        assert abs(gamma_tails(a, x)[1] / own - 1) < mpf(10) ** -30, (a, x)
    for a, b, x in [(3, 5, 0.2), (3, 5, 0.9), (2500, 2600, 0.47), (2500, 2600, 0.52), (40, 0.5, 0.99)]:
        a, b, x = mpf(a), mpf(b), mpf(x)
        own = betainc(a, b, 0, x, regularized=True)
        assert abs(beta_tails(a, b, x, 1 - x)[0] / own - 1) < mpf(10) ** -30, (a, b, x)


check()
print("function,argument,df1,df2,value")
tails()
quantiles()
