"""Rule ``basic-auth-as-token``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.options import authentication, filter_of, given, key_place, token_names

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


class BasicAuthAsToken(Rule):
    r"""Registered users who can never log in.

    ## What it checks

    Whether `RegisteredUsers` names users while `AuthenticationEnabled` is false and the plugin filters.

    ## Why it matters

    Orthanc does not look at its users while its authentication is off.
    Where the header Authorization is a token, their name and password go to the auth service as one, which reads JWT
    alone: the users are nobody, and refused.

    ## Example

    ```jsonc orthanc.jsonc line=3
    {
      "AuthenticationEnabled": false,
      "RegisteredUsers": {"reader": "secret"},
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "StandardConfigurations": ["orthanc-explorer-2"]
      }
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc
    {
      "AuthenticationEnabled": false,
      "RegisteredUsers": {},
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "TokenHttpHeaders": ["api-key"]
      }
    }
    ```

    ## Exceptions

    With the core's authentication on, the users can log in:

    ```jsonc orthanc.jsonc plugin=0.11.4
    {
      "AuthenticationEnabled": true,
      "RegisteredUsers": {"reader": "secret"},
      "Authorization": {
        "WebServiceUserProfileUrl": "http://own:8000/profile",
        "CheckedLevel": "studies"
      }
    }
    ```
    """

    code: ClassVar[str] = "CFG010"
    name: ClassVar[str] = "basic-auth-as-token"
    title: ClassVar[str] = "Registered users who can never log in"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API2:2023", "nist:IA-2")
    fixable: ClassVar[str] = "whether the users or the switch are meant is not known"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        users = given(server, "RegisteredUsers")
        core = authentication(server)
        if users is None or not users.setting.members or core.enabled or core.entry is None or not filter_of(server).on:
            return
        location = key_place(server, users)
        if location is None:
            return
        token = any(token.header and token.name.lower() == "authorization" for token in token_names(server))
        if token:
            then = "their password goes to the auth service as a token, which it cannot decode"
        else:
            then = "their password is not looked at by anything"
        count = len(users.setting.members)
        yield self.finding(
            location,
            f"The {count} registered user{'s' * (count != 1)} can never log in, because AuthenticationEnabled is false: "
            f"{then}, and they have the rights of whoever sends no token.",
            "Remove RegisteredUsers and give scripts an api-key or a JWT; or set AuthenticationEnabled to true "
            "(plugin 0.9.0 and later) with a service that reads Basic credentials.",
            facts={"subject": "RegisteredUsers", "users": count, "token": token},
        )
