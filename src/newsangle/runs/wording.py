"""How is a number written for people? With its interval, a dash for none, real minus signs and never "−0.00"."""

from collections.abc import Sequence
from typing import Any


def percent(value: float | None, digits: int = 0) -> str:
    """A share as a percentage: 0.123 → "12%"."""
    return "–" if value is None or value != value else f"{100 * value:z.{digits}f}%".replace("-", "−")


def number(value: float | None, digits: int = 2) -> str:
    """A number for print; a dash for none, no decimals from 100 on."""
    if value is None or value != value:
        return "–"
    return (f"{value:,.0f}" if abs(value) >= 100 else f"{value:z.{digits}f}").replace("-", "−")


def signed(value: float, digits: int = 2) -> str:
    """A difference for print, with its sign: "+0.04", "−0.01"."""
    return f"{value:+z.{digits}f}".replace("-", "−")


def p_value(p: float) -> str:
    """A p value for print, its sign before it: "= 0.03", "< 0.001"."""
    return "< 0.001" if p < 0.001 else f"= {p:.3f}" if p < 0.01 else f"= {p:.2f}"


def with_interval(record: dict[str, Any], digits: int = 2) -> str:
    """Value and limits: "0.76 [0.71, 0.80]"."""
    if record["value"] is None:
        return f"– ({record['reason']})"
    value = number(record["value"], digits)
    if record["low"] is None:
        return value
    return f"{value} [{number(record['low'], digits)}, {number(record['high'], digits)}]"


def share_with_interval(row: Any) -> str:
    """A share and its limits, from a row with share, low, high: "15% [12, 18]"; without limits where there are none."""
    if row["low"] != row["low"]:
        return percent(row["share"])
    return f"{percent(row['share'])} [{100 * row['low']:.0f}, {100 * row['high']:.0f}]"


def estimate_with_interval(row: Any) -> str:
    """An estimated share and its limits, one decimal below ten percent: "2.9% [1.6, 4.6]"; a dash where none."""
    values = [row["estimate"], row["low"], row["high"]]
    if any(v != v for v in values):
        return "–"
    digits = 1 if row["high"] < 0.1 else 0
    share, low, high = (f"{100 * v:z.{digits}f}" for v in values)
    return f"{share}% [{low}, {high}]"


def find(records: Sequence[dict[str, Any]], **fields: Any) -> dict[str, Any] | None:
    """The first record with these field values."""
    return next((r for r in records if all(r[k] == v for k, v in fields.items())), None)


def point_name(label: str) -> str:
    """How is a point of `vary` called in a figure? Its label without the names of tables, and of the model's key.

    >>> point_name("topics.model=lda, topics.n_topics=20, features.min_df=3")
    'lda, n_topics=20, min_df=3'
    """
    named = []
    for part in label.split(", "):
        key, sign, value = part.partition("=")
        if not sign:  # the rest of a list
            named.append(part)
        else:
            named.append(value if key == "topics.model" else f"{key.rpartition('.')[2]}={value}")
    return ", ".join(named)
