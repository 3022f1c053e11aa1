"""Rule ``demo-secrets``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.knowledge.sample_secrets import is_sample
from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.containers import AUTH_SERVICE, KEYCLOAK, known_text, place_of
from policy.lint.views.options import value_place

if TYPE_CHECKING:
    from policy.configuration.deployment import Container, OrthancServer, Variable
    from policy.configuration.setting import Entry
    from policy.configuration.source import Location
    from policy.lint.context import Context


class DemoSecrets(Rule):
    r"""A password or a key that stands in a published sample.

    ## What it checks

    Passwords and keys of Orthanc, of the auth service and of Keycloak that are those of the samples, such as `change-me`; and one
    value that stands for two of the keys.

    ## Why it matters

    Everybody who has seen the samples knows them.
    `SECRET_KEY` makes share links, the password of the service gives profiles and changes roles, that of Keycloak makes an
    administrator of whoever knows it.

    ## Example

    ```yaml docker-compose.yml line=5,6
    services:
      auth:
        image: orthancteam/orthanc-auth-service:25.9.0
        environment:
          SECRET_KEY: "change-me-I-am-a-secret-key"
          USERS: '{"share-user": "change-me"}'
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      auth:
        image: orthancteam/orthanc-auth-service:25.9.0
        environment:
          SECRET_KEY: "a key of your own, long and by chance"
          USERS: '{"share-user": "${SHARE_PASSWORD:-a-long-password}"}'
    ```

    ## Exceptions

    Values of other programs in the Compose file are not looked at.
    """

    code: ClassVar[str] = "DEP049"
    name: ClassVar[str] = "demo-secrets"
    title: ClassVar[str] = "Secret of a published sample"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API2:2023", "cwe:798", "cwe:1188", "nist:IA-2", "cis:4.1")
    fixable: ClassVar[str] = "the new secret is yours to choose"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        from policy.configuration.secrets import is_secret_option

        pending: list[tuple[tuple[str, ...], Entry]] = [
            ((key,), entry) for key, entry in server.configuration.members.items()
        ]
        while pending:
            path, entry = pending.pop()
            pending.extend(((*path, key), member) for key, member in entry.setting.members.items())
            value = entry.setting.value
            if isinstance(value, str) and entry.setting.known and is_secret_option(path) and is_sample(value):
                location = value_place(server, entry)
                if location is not None:
                    yield self._report(location, ".".join(path))

    def check_container(self, container: Container, context: Context) -> Iterator[Finding]:
        if container.role not in (AUTH_SERVICE, KEYCLOAK):
            return
        from policy.configuration.secrets import is_secret_variable

        seen: dict[str, str] = {}
        for variable in container.environment.values():
            text = known_text(variable)
            if not text:
                continue
            if variable.name == "USERS":
                for place, password in _passwords(variable):
                    if is_sample(password):
                        yield self._report(place, variable.name)
            elif is_secret_variable(variable.name):
                if is_sample(text):
                    yield self._report(place_of(variable), variable.name)
                elif text in seen and len(text) > 3:
                    yield self._twice(variable, seen[text])
                seen.setdefault(text, variable.name)

    def _report(self, location: Location, subject: str) -> Finding:
        return self.finding(
            location,
            f"The value of {subject} stands in published samples: everybody can know it.",
            "Choose a value of your own, best in a secret or a file of variables that is not shared.",
            facts={"subject": subject},
        )

    def _twice(self, variable: Variable, other: str) -> Finding:
        return self.finding(
            place_of(variable),
            f"{variable.name} has the same value as {other}: who learns one knows both.",
            "Choose a value of its own for each.",
            severity=Severity.INFO,
            facts={"subject": variable.name, "other": other},
        )


def _passwords(variable: Variable) -> Iterator[tuple[Location, str]]:
    """The passwords in ``USERS`` with their places, also where it is no strict JSON."""
    from policy.configuration.carried import carried

    held = carried(variable)
    root = held.document.root if held.document is not None else None
    for member in root.members if root is not None else ():
        if isinstance(member.value.value, str):
            yield place_of(variable).source.place(held.place(member.value.span)), member.value.value
