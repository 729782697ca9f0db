"""Approximate numbers and durations in words."""

MINUTE, HOUR = 60, 3600


def approximate_number(number: float) -> str:
    """Return a count with two significant digits, such as 43,000 or 1.2 million."""
    if number < 100:
        return f"{round(number)}"
    rounded = int(float(f"{number:.1e}"))
    return f"{rounded / 1e6:.2g} million" if 1_000_000 <= rounded < 100_000_000 else f"{rounded:,}"


def approximate_duration(seconds: float) -> str:
    """Return a duration such as "a few seconds", "about 40 seconds" or "about 3 hours"."""
    if seconds < 10:
        return "a few seconds"
    if seconds < 55:
        return f"about {round(seconds, -1):.0f} seconds"
    unit, name = (MINUTE, "minute") if seconds < 55 * MINUTE else (HOUR, "hour")
    number = max(1, round(seconds / unit))
    return f"about {number:,} {name}{'' if number == 1 else 's'}"
