"""The default policy: one for a whole program, set by :func:`use` or read from the variable ``POLICY_FILES``."""

from __future__ import annotations

import os
from typing import Any

from policy.engine.decision import Decision
from policy.engine.policy import Policy
from policy.engine.request import Request
from policy.errors import UsageError

VARIABLE = "POLICY_FILES"


class _Default:
    """The one place where the default policy is kept."""

    chosen: Policy | None = None
    read: tuple[str, Policy] | None = None


def use(policy: Policy | None) -> None:
    """Make ``policy`` the one that :func:`decide` asks; None forgets it, so that the variable counts again."""
    _Default.chosen = policy


def current() -> Policy:
    """The default policy.

    The files named in ``POLICY_FILES``, separated as in ``PATH``, are read once, and anew when the variable changes.
    Raises :class:`policy.errors.UsageError` where neither a policy nor files are given.
    """
    chosen, read = _Default.chosen, _Default.read
    if chosen is not None:
        return chosen
    files = os.environ.get(VARIABLE, "")
    names = [name for name in files.split(os.pathsep) if name]
    if not names:
        raise UsageError(
            "there is no default policy",
            help=f"Call policy.use(policy.load(...)), or name the files in the variable {VARIABLE}.",
        )
    if read is None or read[0] != files:
        from policy.engine.loading import load

        read = _Default.read = files, load(*names)
    return read[1]


def decide(route: str | Request, token: Any = None, **arguments: Any) -> Decision:
    """What the default policy decides; see :meth:`policy.Policy.decide` for the arguments."""
    return current().decide(route, token, **arguments)
