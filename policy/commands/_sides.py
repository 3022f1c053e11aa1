"""The two sides of a comparison: files or folders, revisions of git, or one deployment under two versions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from policy.errors import UsageError

if TYPE_CHECKING:
    from policy.questions.causes import Given

_RANGE = ".."
_BARE = "the plugin's own rules"


@contextmanager
def sides(
    paths: tuple[str, ...], versions: Mapping[str, str | None], server: str | None
) -> Iterator[tuple[Given, Given]]:
    """Both sides, the old one first; files of revisions are there until the end of the context.

    ``versions`` as ``version_options`` gives them; OLD..NEW means one for each side, and then one deployment is enough,
    or none at all, which compares the built-in rules.
    """
    old_versions, new_versions = _split(versions)
    ranged = old_versions != new_versions
    if len(paths) > 2 or (len(paths) < 2 and not ranged):
        raise click.UsageError(
            "Give two deployments, OLD and NEW, or one and a range such as --plugin-version 0.9.4..0.11.4."
        )
    if not paths:
        yield _bare(old_versions), _bare(new_versions)
        return
    with ExitStack() as stack:
        yield (
            stack.enter_context(one_side(paths[0], old_versions, server, named=ranged)),
            stack.enter_context(one_side(paths[-1], new_versions, server, named=ranged)),
        )


def _split(versions: Mapping[str, str | None]) -> tuple[dict[str, str | None], dict[str, str | None]]:
    old, new = dict(versions), dict(versions)
    for name, text in versions.items():
        if text is not None and _RANGE in text:
            first, _, second = text.partition(_RANGE)
            if not first or not second:
                raise UsageError(f"{text!r} is no range of versions", help="Write OLD..NEW, such as 0.9.4..0.11.4.")
            old[name], new[name] = first, second
    return old, new


def _bare(versions: Mapping[str, str | None]) -> Given:
    """A server with the plugin's own rules, tokens in one header and labels of studies."""
    from policy.engine import Policy
    from policy.questions.causes import Given

    version = versions["plugin_version"]
    if version is None:
        raise click.UsageError("Without a deployment only plugin versions can be compared: --plugin-version OLD..NEW.")
    section = {"WebServiceRootUrl": "http://auth/", "TokenHttpHeaders": ["token"], "CheckedLevel": "studies"}
    configuration = {"AuthenticationEnabled": False, "Authorization": section}
    return Given(Policy.from_configuration(configuration, plugin=version), None, f"{_BARE}, {version}")


@contextmanager
def one_side(
    text: str, versions: Mapping[str, str | None], server: str | None, *, named: bool = False
) -> Iterator[Given]:
    """One side: files, a folder or a revision of git, whose files are there until the end of the context.

    ``named``: whether the versions belong to its name.
    """
    from policy.questions.revisions import is_revision, laid_out

    said = [version for version in versions.values() if version is not None] if named else []
    name = f"{text} ({', '.join(said)})" if said else text
    if is_revision(text):
        with laid_out(text) as (folder, path):
            yield _loaded(str(path), versions, server, name, folder)
    else:
        yield _loaded(text, versions, server, name, None)


def _loaded(path: str, versions: Mapping[str, str | None], server: str | None, name: str, here: Path | None) -> Given:
    from policy.configuration.given import Given as Versions
    from policy.configuration.loading import load
    from policy.engine.loading import choose_server, policy_of
    from policy.questions.causes import Given

    given = Versions.of(
        plugin=versions["plugin_version"],
        orthanc=versions["orthanc_version"],
        auth_service=versions["auth_service_version"],
        image=versions["image_tag"],
    )
    deployment = load([path], given=given, env=None, here=here)
    chosen = choose_server(deployment, server)
    return Given(policy_of(chosen, deployment.proxies), chosen, name)
