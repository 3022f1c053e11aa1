"""Suggest the smallest change that grants a request, takes it away, or closes a finding."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import click

from policy.commands import _complete
from policy.commands._options import version_options
from policy.commands._output import write
from policy.commands._route import resource_of, route_and_files
from policy.errors import UsageError

if TYPE_CHECKING:
    from policy.configuration.deployment import Deployment
    from policy.questions.suggest import Suggester, Suggestion

_SHOWN = 3
_OTHERS = 8
_PATCH = 24
_Command = Callable[..., None]


@click.group("suggest", no_args_is_help=True, context_settings={"max_content_width": 100})
def command() -> None:
    """Suggest the smallest change of the files of DEPLOYMENT, as a patch.

    Each suggestion was made in memory and read back: the engine says that it does what is asked, and the comparison of
    the two policies what else it changes. Exit codes: 0 a suggestion that changes nothing else, 1 none or none
    such, 2 unusable input or usage.
    """


def _options(function: _Command) -> _Command:
    for option in (
        click.option(
            "--format", "form", type=click.Choice(["text", "patch", "json"]), default="text", show_default=True,
            help="patch: that of the first suggestion, nothing else.",
        ),
        click.option("--all", "everything", is_flag=True, help=f"Show all. Default: the first {_SHOWN}."),
        click.option("--write", "writes", is_flag=True, help="Make the first suggestion. Default: only show."),
        version_options,
        click.option(
            "--server", metavar="NAME", shell_complete=_complete.servers, help="Which Orthanc, where the files describe several. Default: the only one."
        ),
    ):  # fmt: skip
        function = option(function)
    return function


def _label(function: _Command) -> _Command:
    return click.option(
        "--label", "labels", multiple=True, metavar="LABEL", help="A label of the study. Default: not known."
    )(function)


@command.command("grant")
@click.argument("words", nargs=-1, required=True, metavar="WHO [METHOD] ROUTE DEPLOYMENT...")
@_label
@_options
@click.pass_context
def grant(ctx: click.Context, /, words: tuple[str, ...], *, labels: tuple[str, ...], **given: Any) -> None:
    """Let WHO (a role, A+B, or anonymous) send ROUTE."""
    _request(ctx, words, labels, given, wanted="grant")


@command.command("revoke")
@click.argument("words", nargs=-1, required=True, metavar="WHO [METHOD] ROUTE DEPLOYMENT...")
@_label
@_options
@click.pass_context
def revoke(ctx: click.Context, /, words: tuple[str, ...], *, labels: tuple[str, ...], **given: Any) -> None:
    """Refuse ROUTE to WHO (a role, A+B, or anonymous)."""
    _request(ctx, words, labels, given, wanted="revoke")


@command.command("close")
@click.argument("rule", metavar="RULE")
@click.argument("files", nargs=-1, required=True, metavar="DEPLOYMENT...", type=click.Path())
@_options
@click.pass_context
def close(ctx: click.Context, /, rule: str, files: tuple[str, ...], **given: Any) -> None:
    """Mend what the rule RULE of the linter finds, such as patient-level-bypass."""
    from policy.lint.nearby import did_you_mean
    from policy.lint.rule import registry

    if rule not in registry():
        raise UsageError(f"no rule is called {rule!r}. {did_you_mean(rule, registry())}".strip())
    suggester = _suggester(files, given)
    _tell(ctx, f"to close {rule}", suggester.close(rule), given)


def _request(
    ctx: click.Context, words: tuple[str, ...], labels: tuple[str, ...], given: dict[str, Any], *, wanted: str
) -> None:
    who, *rest = words
    if not rest:
        raise click.UsageError("Give WHO, ROUTE and the deployment behind it.")
    route, files = route_and_files(tuple(rest))
    suggester = _suggester(files, given)
    roles = () if who == "anonymous" else tuple(part.strip() for part in who.split("+"))
    known = suggester.policy.roles
    for role in roles:
        if known is None or role not in known:
            others = ", ".join((*(known.roles if known is not None else ()), "anonymous"))
            raise UsageError(f"no role is called {role!r}", help=f"There are: {others}.")
    resource = resource_of(labels, no_label=False)
    ask = suggester.grant if wanted == "grant" else suggester.revoke
    found = ask(route, roles, resource=resource)
    now = suggester.decide(route, roles, resource=resource)
    _tell(ctx, f"{route} for {who} is now {now.effect} ({now.reason})", found, given)


def _suggester(files: tuple[str, ...], given: dict[str, Any]) -> Suggester:
    from policy.configuration.loading import Given, load
    from policy.questions.suggest import Suggester

    versions = Given.of(
        plugin=given["plugin_version"],
        orthanc=given["orthanc_version"],
        auth_service=given["auth_service_version"],
        image=given["image_tag"],
    )

    def reload(texts: Mapping[str, bytes]) -> Deployment:
        return load(files, given=versions, env=None, texts=texts)

    return Suggester(reload, given["server"])


def _tell(ctx: click.Context, head: str, found: tuple[Suggestion, ...], given: dict[str, Any]) -> None:
    form: str = given["form"]
    shown = found if given["everything"] else found[:_SHOWN]
    if given["writes"] and found:
        from policy.text.write import write as replace

        for one in found[0].files:
            replace(one.path, one.after, expected=one.before)
    if form == "json":
        from policy.report.plain import to_json

        write(to_json({"version": 1, "question": head, "suggestions": [_plain(one) for one in shown]}), exact=True)
    elif form == "patch":
        write(found[0].patch() if found else "", exact=True)
    else:
        write(_text(head, shown, len(found)))
    ctx.exit(0 if found and found[0].alone else 1)


def _text(head: str, shown: tuple[Suggestion, ...], count: int) -> str:
    from policy.report.visible import visible

    lines = [f"{head}.", *([] if count else ["No change of these files was found that does it alone."])]
    for number, one in enumerate(shown, 1):
        effect = f" -> {one.effect}" if one.effect is not None else ""
        lines += ["", f"{number}. {one.text}{effect}"]
        if one.alone:
            lines.append(f"   Nothing else changes ({'proved' if one.proved else 'sampled'}).")
        else:
            lines.append("   It also changes:")
            for other in one.others[:_OTHERS]:
                lines.append(
                    f"     {other.request} of {', '.join(other.people)}: {other.old.grant} -> {other.new.grant}"
                )
            if len(one.others) > _OTHERS:
                lines.append(f"     and {len(one.others) - _OTHERS} more kinds of requests")
        patch = one.patch().split("\n")[:-1]
        lines += [f"   | {line}" for line in patch[:_PATCH]]
        if len(patch) > _PATCH:
            lines.append(f"   | ... {len(patch) - _PATCH} more lines: --format json shows them")
    if count > len(shown):
        lines += ["", f"{count - len(shown)} more: --all shows them."]
    return "".join("\t".join(map(visible, line.split("\t"))) + "\n" for line in lines)


def _plain(one: Suggestion) -> dict[str, Any]:
    return {
        "text": one.text,
        "effect": str(one.effect) if one.effect is not None else None,
        "nothing_else": one.alone,
        "proved": one.proved,
        "others": [
            {
                "request": other.request,
                "who": list(other.people),
                "relation": str(other.relation),
                "old": str(other.old.grant),
                "new": str(other.new.grant),
            }
            for other in one.others
        ],
        "patch": one.patch(),
    }
