"""Tell who can call a route."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from policy.commands import _complete
from policy.commands._options import version_options
from policy.commands._output import write
from policy.commands._people import combine_option, combined, policy_and_server, server_option
from policy.commands._route import label_options, resource_of, route_and_files

if TYPE_CHECKING:
    from policy.questions.access import Caller, Callers
    from policy.questions.senders import Sender


@click.command("who-can", no_args_is_help=True, context_settings={"max_content_width": 100})
@click.argument(
    "words", nargs=-1, required=True, metavar="[METHOD] ROUTE DEPLOYMENT...", shell_complete=_complete.request_and_files
)
@combine_option
@label_options
@server_option
@version_options
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to write it."
)
def command(
    words: tuple[str, ...],
    *,
    combine: tuple[str, ...],
    labels: tuple[str, ...],
    no_label: bool,
    server: str | None,
    form: str,
    **versions: str | None,
) -> None:
    """Tell who can call ROUTE in DEPLOYMENT (files or a folder): visitors, roles, holders of share links.

    ROUTE is a path at Orthanc, with its query string, or a full public address; METHOD is GET unless it is given.
    """
    from policy.questions.access import who_can

    route, files = route_and_files(words)
    policy, _ = policy_and_server(files, server, versions)
    told = who_can(policy, route, resource=resource_of(labels, no_label=no_label), combine=combined(combine))
    if form == "json":
        from policy.report.plain import to_json

        write(to_json(_plain(told, route)), exact=True)
    else:
        write(_text(told, route))


def _text(told: Callers, route: str) -> str:
    from policy.report.visible import visible

    anybody = (*told.allowed, *told.refused)
    rule = next((one.decision.rule for one in anybody if one.decision.rule is not None), None)
    lines = [route, f"  rule {rule.index}: {rule}" if rule is not None else "  no rule matches", ""]
    lines += [f"{who}: {why}" for why, who in _grouped(told.allowed)]
    if str(told.share) != "deny":
        lines.append(f"holder of a share link: {told.share}")
    if not told.allowed and str(told.share) == "deny":
        lines.append("nobody")
    if told.refused:
        lines.append("refused: " + "; ".join(f"{who} ({one.decision.reason})" for one, who in _refused(told.refused)))
    return "".join(f"{visible(line)}\n" for line in lines)


def _grouped(callers: Sequence[Caller]) -> Iterator[tuple[str, str]]:
    """Roles one by one; holders of permissions, who stand in where no roles are known, together."""
    from policy.questions.senders import merged

    holders: dict[str, list[Sender]] = {}
    for one in callers:
        if one.who.kind == "permission":
            holders.setdefault(_why(one), []).append(one.who)
        else:
            yield _why(one), str(one.who)
    for why, who in holders.items():
        yield why, ", ".join(merged(who))


def _refused(callers: Sequence[Caller]) -> Iterator[tuple[Caller, str]]:
    from policy.questions.senders import merged

    reasons: dict[str, list[Caller]] = {}
    for one in callers:
        reasons.setdefault(str(one.decision.reason), []).append(one)
    for found in reasons.values():
        yield found[0], ", ".join(merged([one.who for one in found]))


def _why(one: Caller) -> str:
    decision = one.decision
    if decision.conditions:
        return f"{decision.effect}: if {' and '.join(map(str, decision.conditions))}"
    return f"{decision.effect} ({decision.reason})"


def _plain(told: Callers, route: str) -> dict[str, Any]:
    return {
        "version": 1,
        "request": route,
        "callers": [
            {
                "who": str(one.who),
                "kind": one.who.kind,
                "effect": str(one.decision.effect),
                "reason": str(one.decision.reason),
                "rule": None if one.decision.rule is None else one.decision.rule.index,
                "conditions": list(map(str, one.decision.conditions)),
            }
            for one in (*told.allowed, *told.refused)
        ],
        "share": str(told.share),
    }
