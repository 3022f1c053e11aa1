"""``re.compile`` for the top of a module: the expression is compiled when it is first used.

To compile an expression takes a fifth of a millisecond; the modules of a run have some hundred and use half of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from re import compile as regex
else:
    import re

    class regex:  # noqa: N801 - used as the function that it stands for
        """What :func:`re.compile` gives, as far as attributes go (:mod:`re` itself does not take it for a pattern).

        >>> regex("[a-z]+").fullmatch("abc").group()
        'abc'
        """

        def __init__(self, pattern, flags=0):
            self._compile = lambda: re.compile(pattern, flags)

        def __getattr__(self, name):
            """What the compiled expression has of this name; kept, so that it is looked up but once."""
            found = getattr(self._compile(), name)
            setattr(self, name, found)
            return found


__all__ = ["regex"]
