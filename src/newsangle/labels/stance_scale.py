"""Which way does a stance point? Written down once, because a flipped sign is the whole finding."""

from enum import IntEnum


class Stance(IntEnum):
    """Stance toward a target: AGAINST −1, NEUTRAL 0 (no evaluation expressed), FAVOR +1."""

    AGAINST = -1
    NEUTRAL = 0
    FAVOR = 1

    @classmethod
    def from_code(cls, code: str) -> "Stance":
        """Which stance does a code of an annotation file mean? `none` and `neutral` are NEUTRAL.

        >>> Stance.from_code("against").value
        -1
        """
        names = {"against": cls.AGAINST, "none": cls.NEUTRAL, "neutral": cls.NEUTRAL, "favor": cls.FAVOR}
        if code not in names:
            raise ValueError(f"stance {code!r} is not one of {', '.join(names)}")
        return names[code]
