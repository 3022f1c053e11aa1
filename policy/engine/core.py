"""The core's own authentication, which comes before everything else."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from policy.engine.decision import Reason
from policy.engine.request import Stopped
from policy.engine.settings import Core


def authenticate(core: Core, headers: Mapping[str, str]) -> Stopped | None:
    """Why the core turns the request away, or None. ``headers``: from :func:`policy.engine.request.headers_of`.

    A bearer token that the core made for a plugin, which would skip the filter, is not known here.
    """
    if core.users is None:
        return None
    given = headers.get("authorization", "")
    if given.startswith("Basic "):
        text = given.removeprefix("Basic ")
        for name, password in core.users.items():
            if text == base64.b64encode(f"{name}:{password}".encode("utf-8", "surrogatepass")).decode("ascii"):
                return None
    return Stopped(
        Reason.CORE_AUTHENTICATION, 401, "the core's own authentication is on and the request has no registered user"
    )
