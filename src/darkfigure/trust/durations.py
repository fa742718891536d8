"""How long something takes, in words."""


def in_words(seconds: float) -> str:
    """A time as one would say it: "a second", "20 seconds", "3 minutes", "2 hours"."""
    if seconds < 1.5:
        return "a second"
    if seconds < 90:
        unit = 1 if seconds < 10 else 5
        return f"{round(seconds / unit) * unit:g} seconds"
    if seconds < 90 * 60:
        return f"{round(seconds / 60)} minutes"
    return f"{round(seconds / 3600)} hours"
