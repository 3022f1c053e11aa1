"""Assertions in words, as a test file holds them: what ``policy check`` proves, in a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policy.errors import UsageError
from policy.questions import check

if TYPE_CHECKING:
    from policy.engine import Policy

_SHAPES = (
    "no-public-access [--strict]",
    "not-granted WHO METHOD ROUTE",
    "always-granted WHO METHOD ROUTE [--if-labels-allow]",
)


def failure(policy: Policy, words: str) -> str:
    """Why the assertion does not hold of ``policy``; the empty text where it is proved.

    :raises UsageError: for words that are no assertion.

    >>> from policy.engine import Policy
    >>> p = Policy.from_configuration({"Authorization": {"WebServiceRootUrl": "http://a/"}}, plugin="0.11.4")
    >>> failure(p, "not-granted anonymous * /studies/*")
    ''
    """
    result = _result(policy, words)
    if result:
        return ""
    found = [f"{one.request} of {one.who} {one.why}" for one in result.counterexamples[:3]]
    more = len(result.counterexamples) - len(found)
    rest = f"; and {more} more" if more > 0 else ""
    return f"{result.verdict}: {'; '.join(found)}{rest}"


def _result(policy: Policy, words: str) -> check.Result:
    match words.split():
        case ["no-public-access"]:
            return check.no_public_access(policy)
        case ["no-public-access", "--strict"]:
            return check.no_public_access(policy, strict=True)
        case ["not-granted", who, method, route]:
            return check.not_granted(policy, who, method, route)
        case ["always-granted", who, method, route]:
            return check.always_granted(policy, who, method, route)
        case ["always-granted", who, method, route, "--if-labels-allow"]:
            return check.always_granted(policy, who, method, route, if_labels_allow=True)
    raise UsageError(f"{words!r} is no assertion", help=f"Write one of: {'; '.join(_SHAPES)}.")
