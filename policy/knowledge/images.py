"""Container images: which versions of Orthanc, its plugins and the auth service are inside which tag.

:func:`resolve` reads an image reference as a compose file writes it and says what it had to assume.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from types import MappingProxyType

from policy.knowledge._files import read
from policy.knowledge.versions import Version
from policy.records import dataclass, field
from policy.regex import regex

FAMILIES = ("orthanc", "auth-service", "nginx", "keycloak", "ohif")


@dataclass(frozen=True, slots=True)
class OrthancImage:
    """One tag of orthancteam/orthanc (up to 24.1.2: osimis/orthanc)."""

    version: Version
    date: str
    listed: bool
    """Whether the release notes list it; others may never have been published."""
    orthanc: Version
    authorization: Version
    dicomweb: Version
    orthanc_explorer_2: Version | None
    stone_web_viewer: str
    """May name a changeset after a plus sign."""
    ohif: str | None
    volview: str | None
    base: str
    """``debian`` or ``ubuntu``."""
    jsoncpp_package: str
    """Distribution package of the library that reads the configuration; see :func:`jsoncpp`."""
    envsubst: str | None
    """Version of the package that substitutes variables in mounted files; None: no substitution."""
    python: str
    """Version of the interpreter that runs the start script."""
    utf8: bool
    """Whether the script reads files as UTF-8 whatever the locale."""
    remark: str
    doubt: str
    """Why the versions of this tag may not be what the table says; empty: no reason known."""
    source: str


@dataclass(frozen=True, slots=True)
class NginxImage:
    """One tag of orthancteam/orthanc-nginx; what it maps is in :mod:`policy.knowledge.nginx`."""

    version: Version
    base: str
    certbot_base: str | None
    source: str


@dataclass(frozen=True, slots=True)
class KeycloakImage:
    """One tag of orthancteam/orthanc-keycloak."""

    version: Version
    base: str
    public_url_variables: tuple[str, ...]
    admin_variables: tuple[str, ...]
    client_secret: str
    """``by-hand``: to be set up by the administrator; ``generated``: made at the first start, printed in the log."""
    source: str


@dataclass(frozen=True, slots=True)
class OhifImage:
    """One tag of orthancteam/ohif-v3."""

    version: Version
    ohif: str | None
    base: str
    config_path: str
    source: str


@dataclass(frozen=True, slots=True)
class Repository:
    """An image name that is recognised."""

    name: str
    """Without the registry; official images of the hub under ``library/``."""
    family: str
    publisher: str
    last: Version | None
    """The last tag under this name, where the name was given up."""
    note: str
    source: str


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """Where release notes and build matrix disagree."""

    what: str
    release_notes: str | None
    build_matrix: str | None
    source: str


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What an image reference tells."""

    reference: str
    family: str
    publisher: str
    registry: str
    """The registry it names, or the empty text."""
    repository: str
    tag: str | None
    digest: str | None
    version: Version | None
    """The tag of the tables that it is taken for; None if the tables do not reach inside."""
    orthanc: Version | None = None
    authorization: Version | None = None
    dicomweb: Version | None = None
    auth_service: Version | None = None
    exact: bool = True
    """Whether nothing had to be assumed."""
    assumptions: tuple[str, ...] = field(default=())
    """One sentence for each thing that was assumed, for people to read."""


@cache
def orthanc_images() -> tuple[OrthancImage, ...]:
    """All tags of the Orthanc image, oldest first."""
    data = read("images")
    found: list[OrthancImage] = []
    for (
        tag, date, listed, orthanc, authorization, dicomweb, explorer, stone, ohif, volview, base, jsoncpp_package,
        envsubst, python, utf8, remark, doubt, source,
    ) in data["orthanc"]:  # fmt: skip
        found.append(
            OrthancImage(
                version=Version.parse(tag),
                date=date,
                listed=bool(listed),
                orthanc=Version.parse(orthanc),
                authorization=Version.parse(authorization),
                dicomweb=Version.parse(dicomweb),
                orthanc_explorer_2=Version.parse(explorer) if explorer else None,
                stone_web_viewer=stone,
                ohif=ohif,
                volview=volview,
                base=base,
                jsoncpp_package=jsoncpp_package,
                envsubst=envsubst,
                python=python,
                utf8=bool(utf8),
                remark=remark,
                doubt=doubt,
                source=data["sources"][source],
            )
        )
    return tuple(found)


@cache
def nginx_images() -> tuple[NginxImage, ...]:
    """All tags of the nginx image, oldest first."""
    data = read("images-other")
    return tuple(
        NginxImage(Version.parse(tag), base, certbot, data["sources"][source])
        for tag, base, certbot, source in data["nginx"]
    )


@cache
def keycloak_images() -> tuple[KeycloakImage, ...]:
    """All tags of the Keycloak image, oldest first."""
    data = read("images-other")
    return tuple(
        KeycloakImage(Version.parse(tag), base, tuple(urls), tuple(admin), secret, data["sources"][source])
        for tag, base, urls, admin, secret, source in data["keycloak"]
    )


@cache
def ohif_images() -> tuple[OhifImage, ...]:
    """All tags of the OHIF image, oldest first."""
    data = read("images-other")
    return tuple(
        OhifImage(Version.parse(tag), ohif, base, path, data["sources"][source])
        for tag, ohif, base, path, source in data["ohif"]
    )


@cache
def repositories() -> tuple[Repository, ...]:
    """The image names that are recognised."""
    data = read("images-other")
    return tuple(
        Repository(name, family, publisher, Version.parse(last) if last else None, note, data["sources"][source])
        for name, family, publisher, last, note, source in data["repositories"]
    )


@cache
def discrepancies() -> tuple[Discrepancy, ...]:
    """Where release notes and build matrix disagree; the tables follow the build matrix."""
    data = read("images-other")
    return tuple(
        Discrepancy(what, notes, matrix, data["sources"][source])
        for what, notes, matrix, source in data["discrepancies"]
    )


@cache
def jsoncpp() -> Mapping[str, str]:
    """Distribution package → version of the library in it (from distribution packaging)."""
    return MappingProxyType({package: version for package, version, _ in read("images-other")["jsoncpp"]})


def newest() -> OrthancImage:
    """The newest tag of the Orthanc image."""
    return orthanc_images()[-1]


@cache
def image(version: str | Version) -> OrthancImage | None:
    """The Orthanc image with exactly this tag, or None."""
    wanted = Version.parse(version)
    return next((known for known in orthanc_images() if known.version == wanted), None)


def closest(version: str | Version) -> OrthancImage:
    """The newest Orthanc image that is not newer than ``version``; the oldest one if all are newer."""
    wanted = Version.parse(version)
    older = [known for known in orthanc_images() if known.version <= wanted]
    return older[-1] if older else orthanc_images()[0]


def with_plugin(version: str | Version) -> tuple[OrthancImage, ...]:
    """The Orthanc images that carry this version of the Authorization plugin."""
    wanted = Version.parse(version)
    return tuple(known for known in orthanc_images() if known.authorization == wanted)


_REFERENCE = regex(
    r"(?P<name>[a-z0-9]+(?:[._:/-]+[a-z0-9]+)*?)(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?"
    r"(?:@(?P<digest>[a-z0-9]+:[0-9a-fA-F]{32,}))?"
)
_BUILDERS = ("orthancteam", "osimis")
_LONGEST = 512
_FLOATING = ("latest", "stable", "mainline", "unstable", "master", "main", "edge", "nightly", "dev")


@lru_cache(maxsize=256)
def resolve(reference: str) -> ImageFacts | None:
    """What the image ``reference`` of a compose file tells, or None for an image that is none of ours.

    Registries and mirrors in front of a known name are seen through, ``latest`` and tags newer than the tables are
    taken for the newest tag known; each such assumption is one sentence in ``assumptions``.

    >>> str(resolve("registry.example.org:5000/orthancteam/orthanc:25.9.0-full").authorization)
    '0.10.1'
    """
    match = _REFERENCE.fullmatch(reference.strip()) if len(reference) <= _LONGEST else None
    if match is None:
        return None
    registry, path = _split_registry(match["name"])
    assumptions: list[str] = []
    repository = _recognise(registry, path, match["tag"], assumptions)
    if repository is None:
        return None
    tag, digest = match["tag"], match["digest"]
    version = None
    if repository.publisher in _BUILDERS and not repository.name.endswith("-pre-release"):
        version = _pick(repository, tag, digest, assumptions)
    elif repository.note:
        assumptions.append(f"{repository.name}: {repository.note}.")
    inside = image(version) if repository.family == "orthanc" and version is not None else None
    core = Version.try_parse(tag) if tag and repository.publisher == "jodogne" else None
    return ImageFacts(
        reference=reference,
        family=repository.family,
        publisher=repository.publisher,
        registry=registry,
        repository=path,
        tag=tag,
        digest=digest,
        version=version,
        orthanc=inside.orthanc if inside else core,
        authorization=inside.authorization if inside else None,
        dicomweb=inside.dicomweb if inside else None,
        auth_service=version if repository.family == "auth-service" else None,
        exact=not assumptions,
        assumptions=tuple(assumptions),
    )


def _split_registry(name: str) -> tuple[str, str]:
    first, slash, rest = name.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        return first, rest
    return "", name


def _recognise(registry: str, path: str, tag: str | None, assumptions: list[str]) -> Repository | None:
    known = {repository.name: repository for repository in repositories()}
    if path in known:
        if registry not in ("", "docker.io", "index.docker.io", "registry-1.docker.io", "quay.io"):
            assumptions.append(f"{registry}/{path} is taken for a mirror of {path}.")
        return known[path]
    if "/" not in path:
        official = known.get(f"library/{path}")
        if official is not None:
            return official
    parts = path.split("/")
    for start in range(1, len(parts) - 1):
        tail = "/".join(parts[start:])
        if tail in known:
            assumptions.append(f"{path} is taken for a mirror of {tail}.")
            return known[tail]
    original = known.get(f"orthancteam/{parts[-1]}")
    if original is None:
        return None
    # A copy under another name: its versions are believed only if its tag is a tag of ours.
    if _known(original.family, tag) is not None:
        assumptions.append(f"{path} is taken for a copy of {original.name}, as it has its name and one of its tags.")
        return original
    note = f"taken for an image made from {original.name}; what is inside cannot be told"
    return Repository(path, original.family, "unknown", None, note, original.source)


def _known(family: str, tag: str | None) -> Version | None:
    """The version of the tables whose tag is exactly ``tag``, apart from ``-full``."""
    text = tag.removesuffix("-full") if tag else ""
    return next((version for version in _versions(family) if str(version) == text), None)


@cache
def _versions(family: str) -> tuple[Version, ...]:
    if family == "orthanc":
        return tuple(row.version for row in orthanc_images())
    if family == "auth-service":
        from policy.knowledge import service  # here, so that Orthanc images alone do not load that table

        return tuple(row.version for row in service.tags())
    if family == "nginx":
        return tuple(row.version for row in nginx_images())
    return tuple(row.version for row in (keycloak_images() if family == "keycloak" else ohif_images()))


def _pick(repository: Repository, tag: str | None, digest: str | None, assumptions: list[str]) -> Version:
    """The version of the tables that a tag is taken for."""
    name = repository.name
    versions = [v for v in _versions(repository.family) if repository.last is None or v <= repository.last]
    last = versions[-1]
    if tag is None or tag.removesuffix("-full").split("-")[0] in _FLOATING:
        if digest is not None:
            assumptions.append(f"{name} by digest, which does not tell the version: {last} is assumed.")
        else:
            which = "no tag, which is latest" if tag is None else f"the floating tag {tag}"
            assumptions.append(f"{name} with {which}: taken for {last}, the newest tag known.")
        return last
    if digest is not None:
        assumptions.append(f"{name}: the digest decides what runs; its tag {tag} is believed.")
    exact = _known(repository.family, tag)
    if exact is not None:
        if exact not in versions:
            assumptions.append(f"{name} was given up after {last}; its tag {tag} is believed.")
        doubt = _doubt(repository.family, exact)
        if doubt:
            assumptions.append(f"{name}:{tag}: {doubt}.")
        return exact
    wanted = Version.try_parse(tag.removesuffix("-full"))
    if wanted is None or wanted.phase:
        assumptions.append(f"The tag {tag} of {name} is not known: taken for {last}, the newest tag known.")
        return last
    numbers = tuple(map(int, str(wanted).split(".")))
    series = [version for version in versions if tuple(map(int, str(version).split(".")))[: len(numbers)] == numbers]
    if series:
        assumptions.append(f"The tag {tag} of {name} is taken for {series[-1]}, the last one of that series.")
        return series[-1]
    older = [version for version in versions if version <= wanted]
    stand_in = older[-1] if older else versions[0]
    where = "newer than the tables" if wanted > last else "not in the tables"
    assumptions.append(f"The tag {tag} of {name} is {where}: taken for {stand_in}.")
    return stand_in


def _doubt(family: str, version: Version) -> str:
    row = image(version) if family == "orthanc" else None
    return row.doubt if row else ""
