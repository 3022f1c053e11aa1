"""Rule ``well-known-credentials``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.containers import place_of
from policy.lint.views.options import given, value_place

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


_KNOWN = {"orthanc": "orthanc", "alice": "orthanctest"}


class WellKnownCredentials(Rule):
    r"""A registered user whose name and password stand in every manual.

    ## What it checks

    Whether `RegisteredUsers` holds orthanc with the password orthanc, or alice with orthanctest.

    ## Why it matters

    Whoever tries these two gets in; Orthanc itself calls such a setup insecure in its log.

    ## Example

    ```yaml docker-compose.yml line=5
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          ORTHANC__REGISTERED_USERS: '{"orthanc": "orthanc"}'
    ```
    ---
    ```jsonc orthanc.json line=2
    {
      "RegisteredUsers": {"alice": "orthanctest"},
      "RemoteAccessAllowed": true
    }
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          ORTHANC__REGISTERED_USERS: '{"orthanc": "a-long-password"}'
    ```

    ## Exceptions

    While authentication is off nobody can log in with them:

    ```jsonc orthanc.json
    {
      "AuthenticationEnabled": false,
      "RegisteredUsers": {"alice": "orthanctest"}
    }
    ```
    """

    code: ClassVar[str] = "DEP020"
    name: ClassVar[str] = "well-known-credentials"
    title: ClassVar[str] = "Registered user with a well-known password"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API2:2023", "cwe:798", "cwe:521", "nist:IA-2")
    fixable: ClassVar[str] = "the new password is yours to choose"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        users = server.configuration.get("RegisteredUsers")
        entry = given(server, "AuthenticationEnabled")
        off = entry is not None and entry.setting.value is False
        if users is None or off:
            return
        for name, password in _KNOWN.items():
            user = users.members.get(name)
            if user is None or user.setting.value != password or not user.setting.known:
                continue
            container = server.container
            variable = container.environment.get(user.setting.origin.name or "") if container is not None else None
            where = place_of(variable) if variable is not None and user.setting.origin.location is None else None
            location = where or value_place(server, user)
            if location is not None:
                yield self.finding(
                    location,
                    f"The password of the user {name} is the one that every manual prints: everybody can log in.",
                    "Choose another password.",
                    facts={"subject": name},
                )
