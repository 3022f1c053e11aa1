"""The orthancteam/orthanc-nginx image as a reverse proxy, by its tag and its variables.

Source: orthanc-team/orthanc-auth-service ``sources/nginx/``; the tables are in :mod:`policy.knowledge.nginx`.
"""

from __future__ import annotations

from collections.abc import Mapping

from policy.configuration.deployment import Container
from policy.configuration.proxy import Answer, Find, ReverseProxy, Route
from policy.knowledge import nginx
from policy.knowledge.versions import Version


def proxy_of_image(container: Container, version: Version, find: Find) -> ReverseProxy:
    """The proxy that a container of the image of that version is."""
    certbot = "certbot" in (container.image or "")
    variables = {name: variable.text or "" for name, variable in container.environment.items()}
    if certbot:
        variables["ENABLE_HTTPS"] = "true"
    https = variables.get("ENABLE_HTTPS") == "true"
    return ReverseProxy(
        name=container.name,
        routes=tuple(
            Route(
                row.prefix,
                upstream=row.upstream,
                port=row.port,
                target=None if row.target == row.prefix else row.target,
                client_certificate=row.condition == "client-certificate",
            )
            for row in nginx.enabled_locations(version, variables)
        ),
        default=_default(version, variables),
        hosts=frozenset({variables["DOMAIN_NAME"]}) if certbot and variables.get("DOMAIN_NAME") else frozenset(),
        ports=frozenset({443, 80} if https else {80}),
        https=https,
        plain_http=_plain_http(version) if https else None,
        container=container,
        find=find,
    )


def _default(version: Version, variables: Mapping[str, str]) -> Answer:
    row = nginx.default_answer(version, variables)
    if row is None:
        return Answer(404, None, "no location of the image fits")
    if row.flag is not None:
        values = {**nginx.flag_defaults_of(version), **variables}
        if values.get(row.flag) != "true":
            return Answer(404, None, f"no location of the image fits, and {row.flag} is not true")
    return Answer(row.status, row.target, "no location of the image fits")


def _plain_http(version: Version) -> Answer | None:
    row = next((r for r in nginx.default_answers() if r.variant == "https-port-80" and version in r.versions), None)
    return Answer(row.status, row.target, "the image redirects http to https") if row is not None else None
