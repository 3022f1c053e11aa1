"""Prove what must never, or always, be granted: PASS, or FAIL with a rule and a request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import click

from policy.commands import _complete
from policy.commands._given import deployment_only
from policy.commands._options import version_options
from policy.commands._output import write

if TYPE_CHECKING:
    from policy.engine import Policy
    from policy.questions.check import Counterexample, Result

_UNDECIDED = 2
_Command = Callable[..., None]


@click.group("check", no_args_is_help=True, context_settings={"max_content_width": 100})
def command() -> None:
    """Prove what must hold of a deployment (files or a folder).

    The answer is PASS, or FAIL with the rule and a request to try; exit codes 0 and 1.
    It covers every path and query string, not a sample: what cannot be decided is told so, with exit code 2.
    """


def _options(function: _Command) -> _Command:
    for option in (
        click.option(
            "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True,
            help="How to write it.",
        ),
        version_options,
        click.option(
            "--server", metavar="NAME", shell_complete=_complete.servers,
            help="Which Orthanc, where the files describe several. Default: the only one that is guarded.",
        ),
    ):  # fmt: skip
        function = option(function)
    return function


_DEPLOYMENT = click.argument(
    "deployment", nargs=-1, required=True, metavar="DEPLOYMENT...", shell_complete=_complete.files
)


@command.command("no-public-access")
@_DEPLOYMENT
@click.option("--strict", is_flag=True, help="Count what the plugin opens by itself, too. Default: not counted.")
@_options
def no_public_access(
    deployment: tuple[str, ...], *, strict: bool, server: str | None, form: str, **versions: str | None
) -> None:
    """Nobody without a token gets further than the plugin's built-in list and standard configurations let them."""
    from policy.questions.check import no_public_access as check

    _tell(check(_policy(deployment, server, versions), strict=strict), form)


@command.command("not-granted")
@click.argument("who", metavar="WHO", shell_complete=_complete.roles)
@click.argument("method", metavar="METHOD")
@click.argument("route", metavar="ROUTE")
@_DEPLOYMENT
@_options
def not_granted(
    who: str, method: str, route: str, deployment: tuple[str, ...], *, server: str | None, form: str,
    **versions: str | None,
) -> None:  # fmt: skip
    """WHO never gets such a request through, not even for some labels.

    WHO is anonymous, anybody, a role, or A+B for roles that somebody has together; METHOD is * for all.
    ROUTE is a path or a pattern that begins with ^. In a path {resource} is an identifier of Orthanc, {uid} one of
    DICOM, any other {name} any text between slashes, and * anything.
    """
    from policy.questions.check import not_granted as check

    _tell(check(_policy(deployment, server, versions), who, method, route), form)


@command.command("always-granted")
@click.argument("who", metavar="WHO", shell_complete=_complete.roles)
@click.argument("method", metavar="METHOD")
@click.argument("route", metavar="ROUTE")
@_DEPLOYMENT
@click.option("--if-labels-allow", is_flag=True, help="What hangs on labels counts as granted. Default: it does not.")
@_options
def always_granted(
    who: str, method: str, route: str, deployment: tuple[str, ...], *, if_labels_allow: bool, server: str | None,
    form: str, **versions: str | None,
) -> None:  # fmt: skip
    """WHO gets every such request through; WHO, METHOD and ROUTE as for not-granted."""
    from policy.questions.check import always_granted as check

    policy = _policy(deployment, server, versions)
    _tell(check(policy, who, method, route, if_labels_allow=if_labels_allow), form)


@command.command("no-new-access")
@click.argument("deployments", nargs=-1, metavar="[OLD] [NEW]", shell_complete=_complete.files)
@click.option(
    "--combine",
    multiple=True,
    metavar="A+B",
    shell_complete=_complete.roles,
    help="Roles that somebody has together. Default: none.",
)
@_options
def no_new_access(
    deployments: tuple[str, ...], *, combine: tuple[str, ...], server: str | None, form: str, **versions: str | None
) -> None:
    """Nobody gets more by NEW than by OLD; both as for policy diff."""
    from policy.commands._sides import sides
    from policy.questions.check import no_new_access as check

    combined = [tuple(part.strip() for part in text.split("+")) for text in combine]
    with sides(deployments, versions, server) as (old, new):
        _tell(check(old, new, combine=combined), form)


def _policy(files: tuple[str, ...], server: str | None, versions: Mapping[str, str | None]) -> Policy:
    from policy.engine.loading import choose_server, policy_of

    deployment = deployment_only(files, versions)
    return policy_of(choose_server(deployment, server), deployment.proxies)


def _tell(result: Result, form: str) -> None:
    if form == "json":
        from policy.report.plain import to_json

        write(to_json(_plain(result)), exact=True)
    else:
        write(_text(result))
    code = {"pass": 0, "fail": 1}.get(str(result.verdict), _UNDECIDED)
    if code:
        raise click.exceptions.Exit(code)


def _text(result: Result) -> str:
    from policy.report.visible import visible

    proved = "proved for " if result.verdict == "pass" else ""
    lines = [f"{result.verdict.upper()} {result.check} ({proved}{result.checked})"]
    for one in result.counterexamples:
        sure = "" if one.certain else " (perhaps: no such request was found by trying)"
        lines.append(f"  {one.request} of {one.who} {one.why}{sure}")
        if one.rule is not None:
            lines.append(f"    rule {one.rule.index}: {one.rule}")
    lines += [f"note: {caveat}" for caveat in result.caveats]
    return "".join(f"{visible(line)}\n" for line in lines)


def _plain(result: Result) -> dict[str, Any]:
    return {
        "version": 1,
        "check": result.check,
        "verdict": str(result.verdict),
        "checked": result.checked,
        "counterexamples": [_plain_example(one) for one in result.counterexamples],
        "caveats": list(result.caveats),
    }


def _plain_example(one: Counterexample) -> dict[str, Any]:
    rule = one.rule
    return {
        "who": one.who,
        "request": one.request if one.certain else None,
        "effect": str(one.answer.grant.effect),
        "reason": str(one.answer.reason),
        "why": one.why,
        "certain": one.certain,
        "rule": None
        if rule is None
        else {
            "index": rule.index,
            "method": rule.method,
            "pattern": rule.pattern,
            "permissions": sorted(rule.permissions),
            "origin": str(rule.origin),
        },
    }
