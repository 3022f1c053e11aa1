"""Tell what another version changes, and bring an old list of rules up to date with a patch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import click

from policy.commands import _complete
from policy.commands._options import version_options
from policy.commands._output import write

if TYPE_CHECKING:
    from policy.questions.diff import Diff, Difference
    from policy.questions.upgrade import Upgrade

_PARTS = ("plugin", "image", "auth-service")


@click.command(
    "upgrade",
    no_args_is_help=True,
    context_settings={"max_content_width": 100},
    epilog="Exit codes: 0 done, 2 unusable input or usage. The patch is for git apply or patch -p1.",
)
@click.argument("files", nargs=-1, required=True, metavar="DEPLOYMENT...", type=click.Path())
@click.option(
    "--to",
    "targets",
    multiple=True,
    metavar="[PART=]VERSION",
    help="The version to go to; PART is plugin, image or auth-service, and may be left out: 0.11.4 is a plugin, 26.4.0 "
    "an image. May be repeated. Default: the newest plugin known.",
)
@click.option(
    "--full-list",
    is_flag=True,
    help="Write out the whole list even where ExtraPermissions holds what is one's own. Default: not.",
)
@click.option(
    "--restore-removed",
    is_flag=True,
    help="Let built-in rules come back that the copy lacks. Default: they count as removed on purpose.",
)
@click.option("--write", "writes", is_flag=True, help="Change the files, each in one step. Default: only show.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "patch", "json"]),
    default="text",
    show_default=True,
    help="text: report and patch; patch: nothing else.",
)
@click.option(
    "--server",
    metavar="NAME",
    shell_complete=_complete.servers,
    help="Which Orthanc, where the files describe several. Default: the only one.",
)
@version_options
def command(
    files: tuple[str, ...],
    *,
    targets: tuple[str, ...],
    full_list: bool,
    restore_removed: bool,
    writes: bool,
    form: str,
    server: str | None,
    **versions: str | None,
) -> None:
    """Tell what breaks and what newly opens where DEPLOYMENT (files or a folder) goes to another version.

    An old copy of the built-in list of rules is merged with the new one: what was changed in the copy stays, and moves
    to ExtraPermissions where the version has it.  The output ends with a patch that keeps every comment.
    """
    from policy.commands._given import deployment_only
    from policy.questions.upgrade import upgrade

    wanted = _targets(targets)
    before = deployment_only(files, versions)
    after = deployment_only(files, {**versions, **wanted})
    found = upgrade(before, after, server=server, full_list=full_list, restore_removed=restore_removed)
    if writes:
        from policy.text.write import write as replace

        for one in found.files:
            replace(one.path, one.after, expected=one.before)
    if form == "patch":
        write(found.patch(), exact=True)
    elif form == "json":
        from policy.report.plain import to_json

        write(to_json(_plain(found)), exact=True)
    else:
        write(_text(found, written=writes))


def _targets(texts: tuple[str, ...]) -> dict[str, str]:
    """The versions by the names of the options that give them."""
    from policy.knowledge import images, plugin, service
    from policy.knowledge.versions import Version

    if not texts:
        return {"plugin_version": str(plugin.newest().version)}
    found: dict[str, str] = {}
    for text in texts:
        part, sign, version = text.rpartition("=")
        number = Version.parse(version)
        if not sign:
            part = "plugin" if number <= plugin.newest().version else "image"
        if part not in _PARTS:
            raise click.UsageError(f"{part!r} has no version of its own: use {', '.join(_PARTS)}.")
        if part == "plugin":
            plugin.release(number)
            found["plugin_version"] = version
        elif part == "image":
            known = {image.version for image in images.orthanc_images()}
            if number not in known:
                raise click.UsageError(f"the image {version} is not known; the newest is {max(known)}.")
            found["image_tag"] = version
        else:
            service.tag(number)
            found["auth_service_version"] = version
    return found


# -- text --


def _text(found: Upgrade, *, written: bool) -> str:
    from policy.report.visible import visible

    lines = [visible(line) for line in _report(found)]
    patch = found.patch()
    if written:
        lines += ["", *(f"wrote {one.path}" for one in found.files)]
    elif patch:
        lines += ["", "Patch:", ""]
    text = "".join(f"{line}\n" for line in lines)
    if written or not patch:
        return text
    # Tabs stay; line ends of two characters are for --format patch.
    shown = ("\t".join(map(visible, line.removesuffix("\r").split("\t"))) for line in patch.split("\n")[:-1])
    return text + "".join(f"{line}\n" for line in shown)


def _report(found: Upgrade) -> Iterator[str]:
    from policy.questions.upgrade import HOW

    yield f"{found.server}: {_versions(found)}"
    yield from (f"  note: {note}" for note in found.notes)
    yield ""
    if found.base is not None:
        yield f"Permissions is a copy of the built-in list of the plugin {found.base}."
    yield f"{HOW[found.how]}."
    if found.merge is not None:
        yield from _locals("kept", found.merge.kept)
        yield from _locals("dropped", found.merge.dropped)
    if found.unchanged is not None:
        yield from _diff("With the files as they are:", found.unchanged)
    if found.patched is not None and found.files:
        yield from _diff("With the patch:", found.patched)
    if found.findings:
        yield from ("", "The linter finds under the new versions:")
        for one in found.findings:
            yield f"  {one.location}: {one.severity} {one.rule}: {one.message}"
    if found.service_changes:
        yield from ("", "The auth service:")
        for change in found.service_changes:
            yield f"  {'from now on' if change.begins else 'no longer'}: {change.what}"
    if found.changes:
        yield from ("", "What the releases of the plugin between them changed:")
        for release in found.changes:
            yield f"  {release.version} ({release.kind}): {release.what}"
            if release.unchanged_configuration not in ("", "None."):
                yield f"    where nothing is done: {release.unchanged_configuration}"


def _versions(found: Upgrade) -> str:
    parts = []
    for name, old, new in (
        ("plugin", found.old.plugin, found.new.plugin),
        ("Orthanc", found.old.orthanc, found.new.orthanc),
        ("image", found.old.image, found.new.image),
        ("auth service", found.old.auth_service, found.new.auth_service),
    ):
        if old is not None and new is not None and (old != new or name == "plugin"):
            parts.append(f"{name} {old} -> {new}")
    return ", ".join(parts)


def _locals(word: str, changes: Iterable[Any]) -> Iterator[str]:
    for one in changes:
        yield f"  {word}: {one}"


_HEADS = {
    "more-permissive": "newly permitted",
    "less-permissive": "no longer permitted",
    "incomparable": "permitted on other conditions",
}


def _diff(title: str, compared: Diff) -> Iterator[str]:
    yield from ("", title)
    if not compared.differences:
        yield f"  nothing changes for anybody ({'proved' if compared.proved else 'sampled'})"
    groups: dict[tuple[str, tuple[str, ...], str], list[Difference]] = {}
    for one in compared.differences:
        condition = str(one.new.grant) if one.new.grant.labels or one.new.grant.shared else ""
        groups.setdefault((str(one.relation), one.people, condition), []).append(one)
    for (relation, people, condition), found in groups.items():
        yield f"  {_HEADS[relation]} to {', '.join(people)}{f', {condition}' if condition else ''}:"
        for one in found:
            more = f" and {len(one.routes) - 1} more routes" if len(one.routes) > 1 else ""
            unsure = "" if one.certain else " (sampled)"
            yield f"    {one.request}{more}{unsure}"
    yield from (f"  note: {caveat}" for caveat in compared.caveats)


# -- JSON --


def _plain(found: Upgrade) -> dict[str, Any]:
    merged = found.merge
    return {
        "version": 1,
        "server": found.server,
        "versions": {
            name: {"old": str(old), "new": str(new)}
            for name, old, new in (
                ("plugin", found.old.plugin, found.new.plugin),
                ("orthanc", found.old.orthanc, found.new.orthanc),
                ("image", found.old.image, found.new.image),
                ("auth-service", found.old.auth_service, found.new.auth_service),
            )
            if old is not None and new is not None
        },
        "list": found.how or "none",
        "copied_from": str(found.base) if found.base is not None else None,
        "kept": [_local(one) for one in merged.kept] if merged is not None else [],
        "dropped": [_local(one) for one in merged.dropped] if merged is not None else [],
        "unchanged": _differences(found.unchanged),
        "patched": _differences(found.patched),
        "findings": [
            {"rule": one.rule, "severity": str(one.severity), "location": str(one.location), "message": one.message}
            for one in found.findings
        ],
        "auth_service": [{"what": one.what, "begins": one.begins} for one in found.service_changes],
        "plugin": [
            {"version": str(one.version), "kind": one.kind, "what": one.what, "routes": list(one.routes)}
            for one in found.changes
        ],
        "notes": list(found.notes),
        "patch": found.patch(),
    }


def _local(one: Any) -> dict[str, Any]:
    return {"kind": one.kind, "rule": list(one.row), "why": one.why}


def _differences(compared: Diff | None) -> dict[str, Any] | None:
    if compared is None:
        return None
    return {
        "relation": str(compared.relation),
        "proved": compared.proved,
        "differences": [
            {
                "relation": str(one.relation),
                "request": one.request,
                "who": list(one.people),
                "old": str(one.old.grant),
                "new": str(one.new.grant),
                "routes": list(one.routes),
                "certain": one.certain,
            }
            for one in compared.differences
        ],
        "caveats": list(compared.caveats),
    }
