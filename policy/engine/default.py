"""The default policy: one for a whole program, set by :func:`use` or read from the variable ``POLICY_FILES``."""

from __future__ import annotations

import os
from typing import Any

from policy.engine.decision import Decision
from policy.engine.policy import Policy
from policy.engine.request import Request
from policy.errors import UsageError

VARIABLE = "POLICY_FILES"

_chosen: Policy | None = None
_read: tuple[str, Policy] | None = None


def use(policy: Policy | None) -> None:
    """Make ``policy`` the one that :func:`decide` asks; None forgets it, so that the variable counts again."""
    global _chosen
    _chosen = policy


def current() -> Policy:
    """The default policy.

    The files named in ``POLICY_FILES``, separated as in ``PATH``, are read once, and anew when the variable changes.
    Raises :class:`policy.errors.UsageError` where neither a policy nor files are given.
    """
    global _read
    if _chosen is not None:
        return _chosen
    files = os.environ.get(VARIABLE, "")
    names = [name for name in files.split(os.pathsep) if name]
    if not names:
        raise UsageError(
            "there is no default policy",
            help=f"Call policy.use(policy.load(...)), or name the files in the variable {VARIABLE}.",
        )
    if _read is None or _read[0] != files:
        from policy.engine.loading import load

        _read = files, load(*names)
    return _read[1]


def decide(route: str | Request, token: Any = None, **arguments: Any) -> Decision:
    """What the default policy decides; see :meth:`policy.Policy.decide` for the arguments."""
    return current().decide(route, token, **arguments)
