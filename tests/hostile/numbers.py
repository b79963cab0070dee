"""Numbers and moments at the ends of what there is, computed again and again."""

from __future__ import annotations

from hostile.case import VALUE, Family, limit

import pydmn

arithmetic = Family("arithmetic")
moments = Family("moments")

FAMILIES = (arithmetic, moments)

HUGE = {
    "h": 10**6_100, "t": pydmn.feel("10 ** -6100"), "n": int("7" * 34),
    "f": pydmn.feel("0.1234567890123456789012345678901234"),
}  # fmt: skip
for text in (
    "h + t", "h * h", "t * t", "h / t", "t / h", "h ** h", "h ** t", "t ** h", "n ** n",
    "1.000000001 ** 999999999", "f ** n", "f ** f", "2 ** 0.5 ** 0.5", "-h", "abs(-h)", "sqrt(h)",
    "sqrt(n)", "exp(n)", "exp(f * 14000)", "exp(-h)", "log(h)", "log(t)", "log(f)", "modulo(h, t)",
    "modulo(h, n)", "modulo(-t, h)", "modulo(h, f)", "modulo(n, -t)", "decimal(h, 6000)",
    "decimal(t, 6176)", "decimal(f, 6176)", "decimal(n, -6111)", "decimal(n, h)", "floor(h)",
    "ceiling(t)", "round up(t, 6000)", "round down(h, -6000)", "round half up(f, 33)",
    "round half down(f, n)", "even(h)", "odd(h)", "even(t)", "string(h)", "string(t)",
    'number("1" + string(n), null, null)', "sum(h, t, -h)", "product(n, n, n)", "mean(h, t)",
    "median(h, t)", "stddev(h, t)", "mode(h, t)", "min(h, t)", "h = t", "h in [t..n]", "[h..h]",
    'substring("a", h)', "[1, 2][h]", "[1, 2][t]", "sublist([1], h, h)", "remove([1], h)",
    "date(h, h, h)", "time(h, h, h)", "time(1, 1, t)", "count(for j in h..h return j)",
    'duration("P1D") * h', 'duration("P1D") * t', 'duration("P1D") / t', 'duration("P1Y") / t',
    'duration("P1Y") * h', 'duration("P1Y") * n',
):  # fmt: skip
    arithmetic.add(
        text,
        limit("steps"),
        lambda limits, each=text: pydmn.feel(
            f"every i in 1..1000000000 satisfies [{each}] != null", HUGE, limits=limits
        ),
    )

for text in (
    'date("999999999-12-31")', 'date("-999999999-01-01") - date("999999999-12-31")',
    'date("2024-02-29") + duration("P999999999Y")', 'duration("P9999999999999999999999D")',
    f'duration("P{"9" * 40}D")', f'duration("P{"9" * 40}Y")', f'duration("PT{"9" * 4_000}S")',
    f'duration("PT0.{"9" * 4_000}S")', f'date("{"9" * 4_000}-01-01")', 'date("2024-02-30")',
    'date and time("2024-01-01T00:00:00@Europe/Paris")',
    'date and time("2024-10-27T02:30:00@Europe/Paris") + duration("PT1H")',
    'date and time("-999999999-01-01T00:00:00@Asia/Kolkata") + duration("P1D")',
    'date and time("2024-01-01T00:00:00@Europe/Paris") < date and time("2024-01-01T00:00:00Z")',
    'time("00:00:00@America/New_York") - time("00:00:00Z")',
    'time("12:00:00") + duration("P999999999999D")', 'time("24:00:00")', 'time("99:99:99")',
    'date and time("2024-01-01T00:00:00@No/Such")', 'date and time("2024-01-01T00:00:00@../../etc/passwd")',
    f'date and time("2024-01-01T00:00:00@{"a/" * 2_000}a")', f'time("00:00:00.{"9" * 4_000}")',
    'years and months duration(date("-999999999-01-01"), date("999999999-12-31"))',
    'string(duration("P9999999999999999D"))', 'string(date("999999999-12-31"))',
    'week of year(date("999999999-12-31"))', 'day of year(date("-999999999-12-31"))',
    'day of week(date("999999999-12-31"))', 'month of year(date("-999999999-12-31"))',
    'date("2024-01-01").weekday', 'date and time("2024-01-01T00:00:00@Europe/Paris").time offset',
    'duration("P1D") / duration("PT0S")', 'duration("PT0S") * 0', 'abs(duration("-P1D"))',
    'duration("P1Y") in [duration("P1M")..duration("P9Y")]', "now() - now()", "today() - today()",
    '@"2024-01-01T00:00:00@Europe/Paris" = @"2024-01-01T00:00:00@Asia/Tokyo"',
):  # fmt: skip
    shown = text if len(text) <= 70 else text[:70] + "..."
    moments.add(
        shown,
        limit("steps"),
        lambda limits, each=text: pydmn.feel(
            f"every i in 1..1000000000 satisfies [{each}] != null", limits=limits
        ),
    )
moments.feel("a date beyond the years", VALUE, 'date("999999999-12-31") + duration("P1D")')
moments.feel("every day of many years", limit("steps"),
             'for d in @"0001-01-01"..@"9999-12-31" return week of year(d)')  # fmt: skip
