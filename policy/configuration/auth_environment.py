"""The variables of an auth service as its program gets them: files of secrets, variables, defaults of its version.

Source: orthanc-team/orthanc-auth-service ``sources/orthanc_auth_service/``; the table is in
:mod:`policy.knowledge.service`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from policy.configuration.deployment import Container, EffectiveVariable
from policy.configuration.image import SecretFile
from policy.configuration.setting import Means
from policy.knowledge import service
from policy.knowledge.versions import Version


def effective_environment(
    container: Container | None, secrets: Iterable[SecretFile], version: Version
) -> Mapping[str, EffectiveVariable]:
    """What the service of ``version`` gets for each of its variables; also variables that it does not read.

    For a variable that is read as a secret the file ``/run/secrets/NAME`` wins over the variable.
    """
    given = container.environment if container is not None else {}
    found = {
        name: EffectiveVariable(name, variable.text, Means.VARIABLE, variable.value_location or variable.name_location)
        for name, variable in given.items()
    }
    files = {secret.name: secret for secret in secrets}
    for row in service.environment():
        if version not in row.versions:
            continue
        secret = files.get(row.name)
        if row.secret_file and secret is not None:
            text = secret.text.strip() if secret.text is not None else None
            found[row.name] = EffectiveVariable(row.name, text, Means.SECRET, secret.location)
        elif row.name not in found and row.default is not None:
            found[row.name] = EffectiveVariable(row.name, row.default, Means.IMAGE_DEFAULT)
    return MappingProxyType(found)


def reads(name: str, version: Version) -> bool:
    """Whether the service of ``version`` looks at the variable ``name`` at all."""
    return any(row.name == name and version in row.versions for row in service.environment())
