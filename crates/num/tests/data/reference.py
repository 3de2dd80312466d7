"""Writes the tables of reference values beside this file, in many-digit arithmetic (mpmath).

Not part of any build or test: the tables are kept. Every formula here is another one than the crate's:
plain series in 450 digits, where cancellation does not matter, or quadrature of a definition.
Arguments are binary64 numbers, written so that they read back to the same bits.

    python reference.py [table ...]            (needs mpmath; some minutes)
"""

import csv
import sys
from mpmath import mp, mpf, quad, erfc, exp, log, gamma, loggamma, psi, sqrt, pi, inf, nstr, binomial as comb, atan, findroot, linspace

DPS = 450
mp.dps = DPS


# ---- kernels -------------------------------------------------------------------------------------------------
def p_gamma(a, x):
    """P(a, x) by the series of positive terms."""
    a, x = mpf(a), mpf(x)
    if x == 0:
        return mpf(0)
    term = total = mpf(1)
    n = 0
    eps = mpf(10) ** (-DPS)
    while term > eps * total:
        n += 1
        term *= x / (a + n)
        total += term
    return exp(a * log(x) - x - loggamma(a + 1)) * total


def beta_small(a, b, x):
    term = total = mpf(1)
    n = 0
    eps = mpf(10) ** (-DPS)
    while term > eps * total:
        term *= (a + b + n) / (a + 1 + n) * x
        total += term
        n += 1
    return exp(a * log(x) + b * log(1 - x) + loggamma(a + b) - loggamma(a + 1) - loggamma(b)) * total


def i_beta(a, b, x):
    """I_x(a, b)"""
    a, b, x = mpf(a), mpf(b), mpf(x)
    if x <= 0:
        return mpf(0)
    if x >= 1:
        return mpf(1)
    return beta_small(a, b, x) if x <= mpf(1) / 2 else 1 - beta_small(b, a, 1 - x)


def phi(z):
    return exp(-z * z / 2) / sqrt(2 * pi)


def Phi(z):
    return erfc(-z / sqrt(mpf(2))) / 2


def t_sf(nu, t):
    nu, t = mpf(nu), mpf(t)
    x = nu / (nu + t * t)
    tail = i_beta(nu / 2, mpf(1) / 2, x) / 2
    return tail if t >= 0 else 1 - tail


def t_pdf(nu, t):
    nu, t = mpf(nu), mpf(t)
    return exp(loggamma((nu + 1) / 2) - loggamma(nu / 2) - log(nu * pi) / 2 - (nu + 1) / 2 * log(1 + t * t / nu))


def g_pdf(k, x):
    k, x = mpf(k), mpf(x)
    return exp((k - 1) * log(x) - x - loggamma(k))


def b_pdf(a, b, x):
    a, b, x = mpf(a), mpf(b), mpf(x)
    return exp((a - 1) * log(x) + (b - 1) * log(1 - x) + loggamma(a + b) - loggamma(a) - loggamma(b))


def poisson_sum(mean, start, step):
    """Sum of Poisson(j; mean) * tail(j), where tail(0) = start and tail(j+1) = tail(j) - step(j)."""
    weight, tail, total, j = exp(-mean), start, mpf(0), 0
    eps = mpf(10) ** (-DPS)
    while j < mean or weight > eps:
        total += weight * tail
        tail -= step(j)
        j += 1
        weight *= mean / j
    return total


def ncx2_cdf(nu, lam, x):
    a, y = mpf(nu) / 2, mpf(x) / 2
    steps = {"at": exp(a * log(y) - y - loggamma(a + 1))}

    def step(j):
        now = steps["at"]
        steps["at"] = now * y / (a + j + 1)
        return now

    return poisson_sum(mpf(lam) / 2, p_gamma(a, y), step)


def ncf_cdf(d1, d2, lam, x):
    a, b = mpf(d1) / 2, mpf(d2) / 2
    u = mpf(d1) * x / (mpf(d1) * x + d2)
    steps = {"at": exp(a * log(u) + b * log(1 - u) + loggamma(a + b) - loggamma(a + 1) - loggamma(b))}

    def step(j):
        now = steps["at"]
        steps["at"] = now * u * (a + b + j) / (a + j + 1)
        return now

    return poisson_sum(mpf(lam) / 2, i_beta(a, b, u), step)


def nct_cdf(nu, delta, t):
    """Lenth's series (AS 243), in so many digits that its cancellation does not matter."""
    nu, delta, t = mpf(nu), mpf(delta), mpf(t)
    if t < 0:
        return 1 - nct_cdf(nu, -delta, -t)
    if t == 0:
        return Phi(-delta)
    u = t * t / (nu + t * t)
    b, half = nu / 2, mpf(1) / 2
    lam = delta * delta / 2
    i1, i2 = i_beta(half, b, u), i_beta(mpf(1), b, u)
    s1 = exp(half * log(u) + b * log(1 - u) + loggamma(half + b) - loggamma(half + 1) - loggamma(b))
    s2 = exp(log(u) + b * log(1 - u) + loggamma(1 + b) - loggamma(mpf(2)) - loggamma(b))
    p = exp(-lam)
    q = exp(-lam) * delta / sqrt(mpf(2)) / gamma(mpf(3) / 2)
    total, j = mpf(0), 0
    eps = mpf(10) ** (-DPS)
    while j < lam or abs(p) + abs(q) > eps:
        total += p * i1 + q * i2
        i1 -= s1
        i2 -= s2
        s1 *= u * (half + b + j) / (half + j + 1)
        s2 *= u * (1 + b + j) / (j + 2)
        j += 1
        p *= lam / j
        q *= lam / (j + half)
    return Phi(-delta) + total / 2


def nct_pdf(nu, delta, t):
    nu, t = mpf(nu), mpf(t)
    return nu / t * (nct_cdf(nu + 2, delta, t * sqrt(1 + 2 / nu)) - nct_cdf(nu, delta, t))


def chi_log_density(nu, s):
    return (nu - 1) * log(s) - nu * s * s / 2 + log(mpf(2)) + nu / 2 * log(nu / 2) - loggamma(nu / 2)


def around_peak(ln_f, low, high, spread, digits=30):
    """Integral of exp(ln_f) by tanh-sinh quadrature in pieces around its peak, found by bisection of the slope."""
    mp.dps = digits
    a, b = mpf(low), mpf(high)
    slope = lambda s: ln_f(s * (1 + mpf(10) ** -15)) - ln_f(s)
    lo, hi = a if a > 0 else mpf(10) ** -10, b
    for _ in range(60):
        mid = (lo + hi) / 2
        if slope(mid) > 0:
            lo = mid
        else:
            hi = mid
    peak = (lo + hi) / 2
    top = ln_f(peak)
    points = sorted({a, b} | {p for k in (-12, -7, -4, -2, 0, 2, 4, 7, 12) for p in [peak + k * spread] if a < p < b})
    value = quad(lambda s: exp(ln_f(s) - top) if s > 0 else mpf(0), points) * exp(top)
    mp.dps = DPS
    return value


def owen_q(nu, t, delta, r):
    mp.dps = 30
    nu, t, delta, r = mpf(nu), mpf(t), mpf(delta), mpf(r)
    f = lambda s: log(Phi(t * s - delta)) + chi_log_density(nu, s)
    width = 1 / sqrt(2 * nu + t * t)
    return around_peak(f, 0, r / sqrt(nu), width)


def owen_t(h, a):
    mp.dps = 30
    h, a = mpf(h), mpf(a)
    end = min(a, mpf(16) / h) if h > 0 else a
    pieces = linspace(mpf(0), end, 9)
    value = quad(lambda x: exp(-h * h * x * x / 2) / (1 + x * x), pieces) * exp(-h * h / 2) / (2 * pi)
    mp.dps = DPS
    return value


def bvn_cdf(rho, h, k):
    mp.dps = 30
    rho, h, k = mpf(rho), mpf(h), mpf(k)
    c = sqrt((1 - rho) * (1 + rho))
    f = lambda x: exp(-x * x / 2) / sqrt(2 * pi) * Phi((k - rho * x) / c)
    edge = k / rho
    low = min(mpf(-45), h - 45)
    points = sorted({low, h} | {p for q in (edge, mpf(0), h) for m in (-8, -3, 0, 3, 8) for w in (c, mpf(1)) for p in [q + m * w] if low < p < h})
    # quad stops at an absolute error: scale by the largest value met
    top = max(f(a + (b - a) * i / 8) for a, b in zip(points, points[1:]) for i in range(9))
    value = quad(lambda x: f(x) / top, points) * top
    mp.dps = DPS
    return value


GRID = {}


def grid(j, h):
    """Phi and phi at j h, kept."""
    if j not in GRID:
        GRID[j] = (Phi(j * h), phi(j * h))
    return GRID[j]


def range_parts(k, w):
    """W(w) and 1 - W(w), trapezoidal sums with a fine step."""
    h = mpf(1) / 10
    lower = upper = mpf(0)
    j = int(-13 / h)
    while j * h < 13 + min(w, 13):
        f, p = grid(j, h)
        g = Phi(j * h - w)
        between = (f - g) ** (k - 1)
        lower += p * between
        upper += p * (f ** (k - 1) - between)
        j += 1
    return k * h * lower, k * h * upper


def ptukey(k, nu, q):
    """cdf and sf of the studentised range."""
    mp.dps = 45
    k, q = int(k), mpf(q)
    if nu == float("inf"):
        value = range_parts(k, q)
    else:
        nu = mpf(nu)
        h = 1 / sqrt(2 * nu) / 6
        # trapezoidal sum in ln s
        lower = upper = mpf(0)
        # in ln s the density is s f(s); left until nothing is left, right likewise
        span = 110 / nu + 6 / sqrt(2 * nu)
        j = int(-span / h)
        while True:
            s = exp(j * h)
            weight = s * exp(chi_log_density(nu, s))
            if j > 0 and weight < mpf(10) ** -40:
                break
            if weight > mpf(10) ** -40:
                a, b = range_parts(k, q * s)
                lower += weight * a
                upper += weight * b
            j += 1
        value = lower * h, upper * h
    mp.dps = DPS
    return value


# ---- tables --------------------------------------------------------------------------------------------------
rows = []


def text(x):
    return repr(float(x)) if float(x) != int(float(x)) or abs(x) > 1e15 else repr(int(x))


def add(function, region, args, value, how):
    value = mpf(value)
    if abs(value) < mpf(10) ** -305:  # below what a binary64 number keeps in full
        return
    rows.append([function, region, " ".join(text(a) for a in args), nstr(value, 30), f"mpmath {how}"])


def tails(name, region, args, x, cdf, sf, how):
    add(f"{name}::cdf", region, [*args, x], cdf, how)
    add(f"{name}::sf", region, [*args, x], sf, how)
    add(f"{name}::ln_cdf", region, [*args, x], log(cdf), how)
    add(f"{name}::ln_sf", region, [*args, x], log(sf), how)


def quantiles(name, region, args, x, cdf, sf, pdf, how):
    """x moved to where the tail is exactly a binary64 number: one Newton step, whose own error is of order 1e-32."""
    x = mpf(x)
    for method, p, sign in (("quantile", cdf, 1), ("quantile_upper", sf, -1)):
        if not mpf(10) ** -307 < p < mpf("0.9"):
            continue
        rounded = mpf(float(p))
        add(f"{name}::{method}", region, [*args, float(p)], x + sign * (rounded - p) / pdf, how + ", one Newton step")


def write(name):
    global rows
    with open(f"{name}.csv", "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["function", "region", "arguments", "expected", "source"])
        out.writerows(rows)
    print(name, len(rows))
    rows = []


def elementary():
    mp.dps = 60
    series = "60 digits: "
    for x in [1e-300, 1e-10, 0.1, 0.5, 0.84, 1.0, 1.5, 2.3, 4.7, 5.9]:
        for s in (1, -1):
            add("erf", "body", [s * x], mp.erf(mpf(s * x)), series + "erf(x)")
    for x in [-5.0, -1.0, -0.1, 0.1, 0.5, 1.0, 2.0, 3.3]:
        add("erfc", "body", [x], erfc(mpf(x)), series + "erfc(x)")
    for x in [5.5, 10.1, 17.7, 25.3, 26.2]:
        add("erfc", "upper tail", [x], erfc(mpf(x)), series + "erfc(x)")
    for x in [-25.0, -3.0, -0.2, 0.0, 0.3, 1.7, 3.999, 4.0, 7.3, 15.1, 24.9, 25.0, 25.1, 60.0, 1e5, 1e20, 1e200]:
        v = mpf(x)
        value = exp(v * v) * erfc(v) if x < 1e4 else 1 / (v * sqrt(pi)) * (1 - 1 / (2 * v * v) + 3 / (4 * v**4))
        add("erfcx", "body" if x < 4 else "upper tail", [x], value, series + "exp(x^2) erfc(x)")
    for x in [1e-300, 1e-5, 0.1, 0.5, 0.9, 1.1, 1.46, 1.9, 2.1, 3.3, 9.99, 10.0, 55.5, 171.0]:
        add("gamma", "body", [x], gamma(mpf(x)), series + "gamma(x)")
        add("ln_gamma", "body", [x], loggamma(mpf(x)), series + "loggamma(x)")
    for x in [500.5, 1e4, 1e8, 1e15]:
        add("ln_gamma", "large parameters", [x], loggamma(mpf(x)), series + "loggamma(x)")
    for x in [1e-8, 0.1, 0.7, 1.0, 1.3, 1.7, 2.5, 9.7, 12.0, 100.0, 1e6, -0.3, -2.7, -10.5]:
        add("digamma", "body", [x], psi(0, mpf(x)), series + "psi(0, x)")
        add("trigamma", "body", [x], psi(1, mpf(x)), series + "psi(1, x)")
    for a in [1e-6, 0.1, 0.5, 1.0, 3.7, 9.99, 10.0, 33.0, 1e4]:
        for b in [0.3, 2.0, 11.5, 800.0, 1e7]:
            v = loggamma(mpf(a)) + loggamma(mpf(b)) - loggamma(mpf(a) + mpf(b))
            add("ln_beta", "large parameters" if max(a, b) > 100 else "body", [a, b], v, series + "loggamma differences")
    mp.dps = DPS


def incomplete():
    how = "450 digits: series of P(a, x), Q = 1 - P"
    for a in [1e-3, 0.05, 0.3, 0.5, 0.99, 1.0, 1.5, 3.0, 9.9, 10.0, 17.0, 45.5, 150.0, 1000.0, 10000.0]:
        s = a**0.5
        xs = [a * f for f in (1e-30, 1e-5, 0.01, 0.2, 0.6, 0.95, 1.0, 1.05, 1.6, 3.0)] + [a + 1.01, a + 5 * s + 1, a + 9 * s + 20, a + 20 * s + 100, a + 25 * s + 500]
        for x in xs:
            if a > 500 and (x < 0.4 * a):
                continue
            p = p_gamma(a, x)
            q = 1 - p
            if q < mpf(10) ** -320 or p < mpf(10) ** -4000:
                continue
            region = "small parameters" if a < 0.5 else "large parameters" if a > 100 else "lower tail" if p < 1e-6 else "upper tail" if q < 1e-6 else "body"
            for name, v in (("gamma_p", p), ("gamma_q", q), ("ln_gamma_p", log(p)), ("ln_gamma_q", log(q))):
                add(name, region, [a, x], v, how)
    how = "450 digits: hypergeometric series of I_x(a, b), upper tail 1 - I"
    for a, b in [(0.01, 0.02), (0.05, 3.0), (3.0, 0.05), (0.3, 40.0), (0.5, 0.5), (0.5, 5.0), (11.0, 0.5), (1.0, 7.3), (2.5, 2.5), (3.0, 30.0), (60.0, 8.0), (9.99, 12.0), (300.0, 200.0), (0.5, 2000.0), (2000.0, 0.5), (1500.0, 9000.0), (20.0, 1e5)]:
        m = a / (a + b)
        sd = (m * (1 - m) / (a + b + 1)) ** 0.5
        xs = {1e-30, 1e-8, 1e-3, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 1 - 1e-6, m} | {m + k * sd for k in (-25, -8, -4, -2, -1, 1, 2, 4, 8, 25)}
        for x in sorted(x for x in xs if 0 < x < 1):
            if max(a, b) > 100 and abs(x - m) > 40 * sd and not 0.5 in (a, b):
                continue
            p = i_beta(a, b, x)
            q = 1 - p
            if min(p, q) < mpf(10) ** -320:
                continue
            region = "small parameters" if min(a, b) < 0.3 else "large parameters" if max(a, b) > 100 else "lower tail" if p < 1e-6 else "upper tail" if q < 1e-6 else "body"
            for name, v in (("beta_inc", p), ("beta_inc_upper", q), ("ln_beta_inc", log(p)), ("ln_beta_inc_upper", log(q))):
                add(name, region, [a, b, x], v, how)


def region_of(p, q, large=False):
    if large:
        return "large parameters"
    return "lower tail" if p < 1e-6 else "upper tail" if q < 1e-6 else "body"


def continuous():
    how = "450 digits: erfc"
    for x in [-37.6, -30.3, -12.5, -6.1, -2.2, -1.0, -0.3, -1e-9, 1e-9, 0.1, 0.67, 1.0, 1.96, 3.3, 5.1, 8.2, 20.4, 37.4]:
        v = mpf(x)
        cdf, sf = Phi(v), Phi(-v)
        region = region_of(cdf, sf)
        tails("Normal", region, [], x, cdf, sf, how)
        add("Normal::pdf", region, [x], phi(v), how)
        quantiles("Normal", region, [], x, cdf, sf, phi(v), how)
    for x in [-1e4, -100.0, 50.0, 1e3]:
        add("Normal::ln_cdf" if x < 0 else "Normal::ln_sf", "lower tail" if x < 0 else "upper tail", [x], log(Phi(-abs(mpf(x)))) if abs(x) < 2e3 else -mpf(x) ** 2 / 2 - log(abs(mpf(x)) * sqrt(2 * pi)) + log(1 - 1 / mpf(x) ** 2 + 3 / mpf(x) ** 4 - 15 / mpf(x) ** 6 + 105 / mpf(x) ** 8), how)

    how = "450 digits: series of the incomplete beta function"
    for nu in [0.3, 1.0, 2.0, 3.5, 7.0, 22.0, 101.0, 1500.0, 20000.0, 1e6]:
        ts = [1e-12, 0.01, 0.4, 1.1, 1.7, 2.6, 4.4, 9.0]
        ts += {True: [1e3, 1e8, 1e25], False: [30.0] if nu < 1000 else []}[nu < 10]
        if nu in (1.0, 2.0, 3.5, 7.0):
            ts.append(10 ** (295.0 / nu))
        if nu in (22.0, 101.0):
            ts.append({22.0: 1e13, 101.0: 9000.0}[nu])
        for t in ts:
            sf = t_sf(nu, t)
            pdf = t_pdf(nu, t)
            region = region_of(1 - sf, sf, nu > 1000)
            tails("StudentsT", region, [nu], t, 1 - sf, sf, how)
            add("StudentsT::pdf", region, [nu, t], pdf, how)
            quantiles("StudentsT", region, [nu], t, 1 - sf, sf, pdf, how)
            if sf > 0.1:
                quantiles("StudentsT", region, [nu], -t, sf, 1 - sf, pdf, how)

    how = "450 digits: series of the incomplete gamma function"
    for nu in [0.1, 1.0, 2.0, 5.0, 19.0, 64.0, 500.0, 10000.0]:
        m, sd = nu, (2 * nu) ** 0.5
        xs = {m * f for f in (1e-40, 1e-6, 0.05, 0.4, 0.8, 1.0, 1.2, 2.0)} | {m + k * sd for k in (-7, -3, -1, 1, 3, 7, 15)} | {1300.0 if nu < 100 else m + 30 * sd}
        for x in sorted(x for x in xs if x > 0 and (nu < 300 or x > 0.5 * m)):
            p = p_gamma(nu / 2, mpf(x) / 2)
            q = 1 - p
            if min(p, q) < mpf(10) ** -306:
                continue
            pdf = g_pdf(mpf(nu) / 2, mpf(x) / 2) / 2
            region = region_of(p, q, nu > 300)
            tails("ChiSquared", region, [nu], x, p, q, how)
            add("ChiSquared::pdf", region, [nu, x], pdf, how)
            quantiles("ChiSquared", region, [nu], x, p, q, pdf, how)
    for k, theta in [(0.2, 3.0), (4.5, 0.25), (80.0, 7.0)]:
        for f in (1e-20, 0.1, 0.7, 1.0, 1.5, 6.0):
            x = k * theta * f
            z = mpf(x) / mpf(theta)
            p = p_gamma(k, z)
            q = 1 - p
            pdf = g_pdf(k, z) / mpf(theta)
            if min(p, q) < mpf(10) ** -306:
                continue
            tails("Gamma", region_of(p, q), [k, theta], x, p, q, how)
            add("Gamma::pdf", region_of(p, q), [k, theta, x], pdf, how)
            quantiles("Gamma", region_of(p, q), [k, theta], x, p, q, pdf, how)

    how = "450 digits: series of the incomplete beta function"
    for d1, d2 in [(1.0, 1.0), (1.0, 22.0), (3.0, 5.5), (7.0, 40.0), (50.0, 2.0), (200.0, 900.0), (4.0, 5000.0)]:
        for x in [1e-20, 1e-3, 0.1, 0.5, 0.9, 1.0, 1.3, 2.2, 4.0, 11.0, 60.0, 1e4, 1e12]:
            u = mpf(d1) * x / (mpf(d1) * x + mpf(d2))
            p = i_beta(mpf(d1) / 2, mpf(d2) / 2, u)
            q = 1 - p
            if min(p, q) < mpf(10) ** -306:
                continue
            pdf = b_pdf(mpf(d1) / 2, mpf(d2) / 2, u) * u * (1 - u) / mpf(x)
            region = region_of(p, q, max(d1, d2) > 500)
            tails("FisherF", region, [d1, d2], x, p, q, how)
            add("FisherF::pdf", region, [d1, d2, x], pdf, how)
            quantiles("FisherF", region, [d1, d2], x, p, q, pdf, how)
    for a, b in [(0.4, 0.7), (1.0, 3.0), (5.0, 2.0), (12.0, 31.0), (81.0, 183.0), (3.0, 4000.0), (700.0, 500.0)]:
        for x in [1e-25, 1e-4, 0.02, 0.2, 0.35, 0.5, 0.58, 0.7, 0.9, 0.999]:
            p = i_beta(a, b, x)
            q = 1 - p
            if min(p, q) < mpf(10) ** -306:
                continue
            pdf = b_pdf(a, b, x)
            region = region_of(p, q, max(a, b) > 400)
            tails("Beta", region, [a, b], x, p, q, how)
            add("Beta::pdf", region, [a, b, x], pdf, how)
            quantiles("Beta", region, [a, b], x, p, q, pdf, how)


def noncentral():
    how = "450 digits: Lenth's series"
    for nu, delta in [(1.0, 0.5), (2.5, -3.0), (4.0, 12.0), (10.0, 1.0), (10.0, 40.0), (22.0, -2.5), (38.0, 4.0), (120.0, 25.0), (1000.0, -6.0), (9998.0, 3.3)]:
        for k in (-12, -5, -2, -0.5, 0.3, 1, 3, 9):
            t = round(delta + k * (1 + delta * delta / (2 * nu)) ** 0.5 * (1 if k < 0 or nu > 3 else 3), 3)
            if t == 0:
                continue
            cdf = nct_cdf(nu, delta, t)
            sf = 1 - cdf
            pdf = nct_pdf(nu, delta, t)
            region = region_of(cdf, sf, nu > 500)
            tails("NoncentralT", region, [nu, delta], t, cdf, sf, how)
            add("NoncentralT::pdf", region, [nu, delta, t], pdf, how)
            quantiles("NoncentralT", region, [nu, delta], t, cdf, sf, pdf, how)
    how = "450 digits: Poisson sum"
    for nu, lam in [(0.5, 0.1), (1.0, 2.0), (3.0, 9.5), (12.0, 100.0), (4.0, 1500.0), (300.0, 40.0), (50.0, 10000.0)]:
        m, sd = nu + lam, (2 * (nu + 2 * lam)) ** 0.5
        for x in sorted({round(v, 6) for v in [m + k * sd for k in (-12, -6, -3, -1, 0.1, 1, 4, 10, 30)] + [0.003, 0.1 * m] if v > 0}):
            p = ncx2_cdf(nu, lam, x)
            q = 1 - p
            if min(p, q) < mpf(10) ** -306:
                continue
            h = mpf(x) * mpf(10) ** -60
            pdf = (ncx2_cdf(nu, lam, mpf(x) + h) - ncx2_cdf(nu, lam, mpf(x) - h)) / (2 * h)
            region = region_of(p, q, lam > 1000)
            tails("NoncentralChiSquared", region, [nu, lam], x, p, q, how)
            add("NoncentralChiSquared::pdf", region, [nu, lam, x], pdf, how + ", difference quotient")
            quantiles("NoncentralChiSquared", region, [nu, lam], x, p, q, pdf, how)
    for d1, d2, lam in [(1.0, 10.0, 2.25), (3.0, 22.0, 11.0), (5.0, 4.0, 0.3), (2.0, 300.0, 60.0), (10.0, 40.0, 1200.0)]:
        for x in [1e-3, 0.2, 1.0, 3.0, 9.0, 40.0, 150.0, 2e3]:
            p = ncf_cdf(d1, d2, lam, x)
            q = 1 - p
            if min(p, q) < mpf(10) ** -306:
                continue
            h = mpf(x) * mpf(10) ** -60
            pdf = (ncf_cdf(d1, d2, lam, mpf(x) + h) - ncf_cdf(d1, d2, lam, mpf(x) - h)) / (2 * h)
            region = region_of(p, q, lam > 1000)
            tails("NoncentralF", region, [d1, d2, lam], x, p, q, how)
            add("NoncentralF::pdf", region, [d1, d2, lam, x], pdf, how + ", difference quotient")
            quantiles("NoncentralF", region, [d1, d2, lam], x, p, q, pdf, how)


def owen():
    how = "30 digits: quadrature of the definition"
    for h in [0.0, 0.2, 0.8, 2.5, 6.5, 20.0, 37.0]:
        for a in [1e-4, 0.3, 0.5, 0.98, 1.0, 1.02, 3.3, 200.0]:
            add("owen::t", "body" if h < 5 else "upper tail", [h, a], owen_t(h, a), how)
    for nu, t, delta, r in [
        (10, 2.2281, 1.0, 5.0), (4, 2.13, 3.0, 1.1), (22, 1.717, 2.9, 8.1), (22, -1.717, -2.9, 8.1), (22, -1.717, 0.4, 8.1),
        (38, 1.686, 4.4, 9.0), (38, -1.686, -4.4, 9.0), (118, 1.658, 5.1, 12.0), (998, 1.646, 6.0, 33.0), (998, -1.646, -6.0, 33.0),
        (3998, 1.645, 4.0, 90.0), (3998, -1.645, -7.5, 60.0), (9998, 1.645, 3.0, 101.0), (9998, -1.645, -9.0, 99.5), (9998, 1.645, 8.0, 90.0),
        (19998, 1.645, 20.0, 200.0), (200, 1.65, 10.0, 3.0), (1, 6.3, 2.0, 0.7), (6, 1.94, 60.0, 40.0), (50.5, -1.68, -1.0, 7.0),
    ]:
        add("owen::q", "large parameters" if nu > 500 else "body", [nu, t, delta, r], owen_q(nu, t, delta, r), how)


def bivariate():
    how = "30 digits: quadrature of the definition"
    for rho in [-0.99999, -0.9, -0.4, 0.1, 0.5, 0.925, 0.999, 1 - 1e-9]:
        for h, k in [(0.0, 0.3), (-1.2, -0.7), (2.5, 1.0), (-4.0, 1.0), (-6.0, -5.0), (-20.0, -15.0), (3.0, -3.0), (1.0, 1.0 + 1e-5)]:
            value = bvn_cdf(rho, h, k)
            add("BivariateNormal::cdf", "lower tail" if value < 1e-6 else "body", [rho, h, k], value, how)
            add("BivariateNormal::ln_cdf", "lower tail" if value < 1e-6 else "body", [rho, h, k], log(value), how)


def studentized():
    how = "45 digits: trapezoidal sums"
    for k, nu, q in [(3, 10.0, 3.877), (3, 10.0, 0.2), (5, 20.0, 4.232), (10, 60.0, 4.646), (4, 4.5, 12.0), (6, 300.0, 9.0), (20, 40.0, 9.0), (3, float("inf"), 3.314), (20, float("inf"), 5.012), (20, float("inf"), 0.6), (100, float("inf"), 6.0), (12, float("inf"), 13.0)]:
        cdf, sf = ptukey(k, nu, q)
        region = region_of(cdf, sf)
        name = [k, nu if nu != float("inf") else 1e308]
        add("StudentizedRange::cdf", region, [k, nu, q] if nu != float("inf") else [k, 0, q], cdf, how)
        add("StudentizedRange::sf", region, [k, nu, q] if nu != float("inf") else [k, 0, q], sf, how)


def discrete():
    how = "450 digits: sum of the probabilities"

    def put(name, args, pmf, least, most, ks):
        for k in ks:
            if not least <= k <= most:
                continue
            at = pmf(k)
            below = sum((pmf(j) for j in range(least, k + 1)), mpf(0))
            p, q = below, 1 - below
            region = region_of(p, q, max(args) > 500)
            add(f"{name}::pmf", region, [*args, k], at, how)
            if q > mpf(10) ** -400:
                add(f"{name}::cdf", region, [*args, k], p, how)
                if k < most:
                    add(f"{name}::sf", region, [*args, k], q, how)
                    add(f"{name}::ln_cdf", region, [*args, k], log(p), how)
                    add(f"{name}::ln_sf", region, [*args, k], log(q), how)

    for n, p in [(1, 0.3), (10, 0.5), (25, 0.01), (400, 0.25), (2000, 0.9)]:
        m = int(n * p)
        pmf = lambda k: comb(mpf(n), k) * mpf(p) ** k * (1 - mpf(p)) ** (n - k)
        put("Binomial", [n, p], pmf, 0, n, sorted({0, 1, m // 4, m // 2, m, m + 1, m + n // 10, m + n // 4, n - 1, n}))
    for mu in [0.01, 2.0, 30.5, 700.0]:
        pmf = lambda k: exp(k * log(mpf(mu)) - mu - loggamma(mpf(k + 1)))
        m = int(mu)
        put("Poisson", [mu], pmf, 0, 10**9, sorted({0, 1, m // 3, m, m + 1, m + 3 * int(mu**0.5) + 2, 2 * m + 5, 3 * m + 20}))
    for r, p in [(0.3, 0.02), (1.0, 0.5), (7.5, 0.3), (900.0, 0.7)]:
        pmf = lambda k: exp(loggamma(mpf(k) + mpf(r)) - loggamma(mpf(k + 1)) - loggamma(mpf(r)) + r * log(mpf(p)) + k * log(1 - mpf(p)))
        m = int(r * (1 - p) / p)
        put("NegativeBinomial", [r, p], pmf, 0, 10**9, sorted({0, 1, m // 4, m, 2 * m + 3, 4 * m + 30}))
    for N, K, n in [(8, 4, 4), (60, 20, 13), (5000, 800, 300), (100000, 300, 20000)]:
        pmf = lambda k: comb(mpf(K), k) * comb(mpf(N - K), n - k) / comb(mpf(N), n)
        m = n * K // N
        put("Hypergeometric", [N, K, n], pmf, max(0, n + K - N), min(n, K), sorted({0, 1, m // 3, m - 2, m, m + 1, m + 10, 2 * m, min(n, K) - 1, min(n, K)}))


if __name__ == "__main__":
    tables = {"elementary": elementary, "incomplete": incomplete, "continuous": continuous, "noncentral": noncentral, "owen": owen, "bivariate": bivariate, "studentized": studentized, "discrete": discrete}
    for name in sys.argv[1:] or tables:
        tables[name]()
        write(name)
