"""What regular expression does a keyword pattern stand for, once its aliases are filled in?"""

import re
from collections.abc import Mapping

_ALIAS = re.compile(r"\{([A-Za-z_]\w*)\}")
TARGET = "target"


def expand(pattern: str, aliases: Mapping[str, str], target: str | None = None) -> str:
    """The pattern with each `{alias}` replaced by its expression in brackets; `{target}` by the row's target's.

    Raises ValueError for an alias that isn't declared, or that itself holds an alias (it would match nothing).

    >>> expand(r"{city} fell", {"city": "Raqqa|Mosul"})
    '(?:Raqqa|Mosul) fell'
    """

    def substitute(match: re.Match[str]) -> str:
        name = target if match[1] == TARGET and target is not None else match[1]
        if name not in aliases:
            raise ValueError(f"{{{name}}} is no declared alias; declared are {', '.join(sorted(aliases)) or 'none'}")
        if _ALIAS.search(aliases[name]):
            raise ValueError(f"alias {name!r} holds an alias; write out {aliases[name]!r}, aliases are filled in once")
        return f"(?:{aliases[name]})"

    return _ALIAS.sub(substitute, pattern)
