"""What can go wrong, and whose turn it is: each error knows its exit code.

A message is one line that says what, where (file, row or key, value) and what to do next.
"""


class NewsangleError(Exception):
    """An error whose message is one line for the person at the keyboard; the command line prints it alone."""

    exit_code = 1


class ConfigError(NewsangleError):
    """The command line or an experiment's config says something that can't be carried out (exit code 2)."""

    exit_code = 2


class DataError(NewsangleError):
    """Articles, labels or a sampling frame are missing or not what they are said to be (exit code 3)."""

    exit_code = 3


class MachineError(NewsangleError):
    """The disk, a permission or the network stands in the way (exit code 4)."""

    exit_code = 4


class IntegrityError(NewsangleError):
    """A stored file is not the file that was written (exit code 5)."""

    exit_code = 5
