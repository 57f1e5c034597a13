"""How much of the coverage has each class, where and when? Shares with limits that hold, contrasts, trends."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from newsangle.coverage.differences import contrasts
    from newsangle.coverage.estimate import ShareEstimate, estimate_share, fit_share
    from newsangle.coverage.share_table import task_shares
    from newsangle.coverage.trends import Trend, estimate_trend

# Looked up when first used: importing the room loads no heavy library.
_HOMES = {
    "ShareEstimate": "newsangle.coverage.estimate",
    "Trend": "newsangle.coverage.trends",
    "contrasts": "newsangle.coverage.differences",
    "estimate_share": "newsangle.coverage.estimate",
    "estimate_trend": "newsangle.coverage.trends",
    "fit_share": "newsangle.coverage.estimate",
    "task_shares": "newsangle.coverage.share_table",
}

__all__ = ["ShareEstimate", "Trend", "contrasts", "estimate_share", "estimate_trend", "fit_share", "task_shares"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'newsangle.coverage' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
