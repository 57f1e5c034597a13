"""How does a table come into the README? Between its two marks, whatever stood there."""

from pathlib import Path

README = Path(__file__).parent / "README.md"


def into_readme(name: str, block: str) -> None:
    """Put the block between `<!-- NAME:start -->` and `<!-- NAME:end -->`."""
    start, end = f"<!-- {name}:start -->\n", f"<!-- {name}:end -->"
    before, rest = README.read_text(encoding="utf-8").split(start)
    README.write_text(f"{before}{start}{block}{end}{rest.split(end)[1]}", encoding="utf-8")
