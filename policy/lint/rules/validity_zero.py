"""Rule ``validity-zero``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.auth import ASKS_FOR_NOBODY, behaviour_of, servers_of
from policy.lint.views.node_fixes import replace_node
from policy.lint.views.written import profile_in

if TYPE_CHECKING:
    from policy.configuration.deployment import AuthService
    from policy.configuration.source import Source
    from policy.lint.context import Context
    from policy.text import Node

_LONGEST = (1 << 31) - 1
_A_DAY = 86_400


class ValidityZero(Rule):
    r"""An odd validity of the anonymous profile.

    ## What it checks

    `validity` is the number of seconds for which the plugin keeps a profile.
    The auth service hands it on as it is, and takes `true` for 1.

    ## Why it matters

    Zero means for ever: after the profile has lost a right, visitors keep it until Orthanc is restarted.
    A negative number makes the plugin refuse what visitors ask for, also by rules that ask for no permission; one beyond
    2147483647 makes it take the profile for empty.

    ## Example

    ```json anonymous-profile.json line=4
    {
      "name": "Anonymous",
      "permissions": ["upload"],
      "validity": 0
    }
    ```
    ---
    ```json anonymous-profile.json line=1
    {"name": "Anonymous", "permissions": [], "validity": -1}
    ```
    ---
    ```json anonymous-profile.json line=1 severity=info
    {"name": "Anonymous", "permissions": [], "validity": true}
    ```

    ## Use instead

    ```json anonymous-profile.json
    {"name": "Anonymous", "permissions": ["upload"], "validity": 60}
    ```

    ## Exceptions

    ```json anonymous-profile.json
    {"name": "Anonymous", "permissions": ["upload"], "validity": 1}
    ```
    """

    code: ClassVar[str] = "ANO003"
    name: ClassVar[str] = "validity-zero"
    title: ClassVar[str] = "Odd validity of a profile"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API2:2023", "cwe:863", "nist:AC-3")
    fixable: ClassVar[str] = "safe"

    def check_auth_service(self, service: AuthService, context: Context) -> Iterator[Finding]:
        behaviour = behaviour_of(service)
        rights = profile_in(service.anonymous, service.version.version)
        node = rights.node.get("validity") if rights is not None else None
        if behaviour is None or not behaviour.reads_anonymous_profile or rights is None or node is None:
            return
        servers = servers_of(service, context)
        if servers and all(server.plugin.version < ASKS_FOR_NOBODY for server in servers):
            who = "whoever sends a token that is no good"
        else:
            who = "whoever sends no token"
        yield from self._node(rights.source, node, who)

    def _node(self, source: Source, node: Node, who: str) -> Iterator[Finding]:
        value = node.value
        severity = self.severity
        if isinstance(value, bool):
            if not value:
                message = "The auth service takes false for 0, which means for ever: a right that is taken away stays "
                message += "until Orthanc is restarted."
            else:
                message = "The auth service takes true for 1: the plugin asks for the profile again each second."
                severity = Severity.INFO
        elif (number := _number(value)) is None:
            return
        elif number == 0:
            message = f"Zero means for ever: a right that is taken away stays with {who} until Orthanc is restarted."
        elif number < 0:
            message = f"The plugin fails on a negative validity: {who} is refused everything that a rule decides, "
            message += "also by rules that ask for no permission."
        elif number > _LONGEST:
            message = f"The plugin cannot hold a validity beyond {_LONGEST}: it takes the profile for empty."
        elif number > _A_DAY:
            message = f"A right that is taken away stays with {who} for {number // _A_DAY} days, or until Orthanc is restarted."
            severity = Severity.INFO
        else:
            return
        yield self.finding(
            source.place(node.span),
            message,
            "Write 60, as the auth service has it for logins.",
            severity=severity,
            fix=replace_node(source, node, 60, "Write 60", safe=True),
            facts={"subject": "validity", "value": value},
        )


def _number(value: object) -> int | None:
    """What the service takes ``value`` for; None where it drops the file."""
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    if isinstance(value, str):
        text = value.strip()
        return int(text) if text.lstrip("+-").isdecimal() and len(text) < 30 else None
    return None
