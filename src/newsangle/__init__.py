"""Reproducible experiments that compare how the news covers something."""

__version__ = "0.1.0"
