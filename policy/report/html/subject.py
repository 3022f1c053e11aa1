"""The server that a page is about: its policy and its people, or why there is none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from policy.engine.loading import choose_server, policy_of
from policy.errors import PolicyError, ServerRefuses
from policy.questions.senders import Sender, senders
from policy.records import dataclass

if TYPE_CHECKING:
    from policy.configuration.deployment import Deployment, OrthancServer
    from policy.engine import Policy


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """A server with its compiled policy, and those who may send requests."""

    server: OrthancServer
    policy: Policy
    people: tuple[Sender, ...]


def subject(deployment: Deployment, server: str | None, combine: Iterable[Sequence[str]]) -> Subject | str:
    """The server that is meant, or a sentence that says why the page can only show findings."""
    try:
        chosen = choose_server(deployment, server)
        policy = policy_of(chosen, deployment.proxies)
        return Subject(chosen, policy, senders([policy], combine=combine, shares=False, labels=("*",)))
    except ServerRefuses as refuses:
        return f"The server does not start with these files, so that nobody may do anything: {refuses}."
    except PolicyError as error:
        if server is not None or combine:
            raise
        return f"Only findings are shown, as {error}. {error.help or ''}".strip()
