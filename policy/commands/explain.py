"""Explain why a request gets its answer, and what would change it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from policy.commands import _complete
from policy.commands._options import separated, version_options
from policy.commands._output import write
from policy.commands._people import policy_and_server, server_option
from policy.commands._route import label_options, resource_of, route_and_files
from policy.errors import Unreadable, UsageError

if TYPE_CHECKING:
    from policy.questions.explain import Explanation


@click.command("explain", no_args_is_help=True, context_settings={"max_content_width": 100})
@click.argument(
    "words", nargs=-1, required=True, metavar="[METHOD] ROUTE DEPLOYMENT...", shell_complete=_complete.request_and_files
)
@click.option(
    "--as",
    "roles",
    multiple=True,
    metavar="ROLE[,ROLE]",
    shell_complete=_complete.roles,
    help="Roles of the sender. Default: nobody.",
)
@click.option("--anonymous", is_flag=True, help="The sender has no token. Default: so, unless another is named.")
@click.option(
    "--token-file",
    type=click.Path(dir_okay=False),
    help="File with the sender's token: a JWT, or its claims as JSON. It is read, not verified, and never shown. Default: none.",
)
@label_options
@server_option
@version_options
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to write it."
)
def command(
    words: tuple[str, ...],
    *,
    roles: tuple[str, ...],
    anonymous: bool,
    token_file: str | None,
    labels: tuple[str, ...],
    no_label: bool,
    server: str | None,
    form: str,
    **versions: str | None,
) -> None:
    """Explain what DEPLOYMENT (files or a folder) answers to ROUTE, check by check, and what would change the answer.

    ROUTE is a path at Orthanc, with its query string, or a full public address; METHOD is GET unless it is given.
    """
    from policy.questions.explain import explain

    route, files = route_and_files(words)
    names = separated(roles)
    if sum((bool(names), anonymous, token_file is not None)) > 1:
        raise click.UsageError("--as, --anonymous and --token-file exclude each other.")
    token: Any = (names if len(names) > 1 else names[0]) if names else _token(token_file) if token_file else None
    policy, chosen = policy_and_server(files, server, versions)
    _check_roles(policy.roles.roles if policy.roles is not None else None, names)
    told = explain(policy, chosen, route, token, resource=resource_of(labels, no_label=no_label))
    if form == "json":
        from policy.report.plain import to_json

        write(to_json(_plain(told)), exact=True)
    else:
        write(_text(told))


_LONGEST_TOKEN = 1_000_000
"""Bytes; servers take a hundredth of it."""


def _token(file: str) -> Any:
    import json

    try:
        with Path(file).open("rb") as stream:  # a pipe, too: <(...) of a shell
            data = stream.read(_LONGEST_TOKEN + 1)
        text = data.decode("utf-8").strip()
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror}", file=file) from None
    except UnicodeDecodeError:
        raise Unreadable("is no text", file=file) from None
    if len(data) > _LONGEST_TOKEN:
        raise Unreadable("is too large for a token", file=file)
    if text.startswith("{"):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            raise UsageError("holds no JSON object of claims", file=file) from None
    from policy.auth_service import read_claims

    return read_claims(text.removeprefix("Bearer "))


def _check_roles(known: Any, names: tuple[str, ...]) -> None:
    if known is None:
        if names:
            raise UsageError("the files give no roles", help="Add permissions.json to the deployment.")
        return
    from policy.lint.nearby import did_you_mean

    for name in names:
        if name not in known:
            near = did_you_mean(name, known)
            raise UsageError(f"no role is called {name!r}. {near}".strip(), help=f"Roles: {', '.join(known)}.")


def _text(told: Explanation) -> str:
    from policy.report.visible import visible

    lines = [told.decision.explain()]
    if told.changes:
        lines += ["", "What would change the answer:"]
        lines += [f"  - {change.text} -> {change.result}" for change in told.changes]
    if told.needs:
        lines += ["", "Who sends this request:"]
        for need in told.needs:
            weight = "cannot do without it" if need.essential else "uses it"
            symptom = f" (refused: {need.symptom})" if need.symptom and not told.decision else ""
            lines.append(f"  - {need.client}, {need.feature}: {weight}{symptom}")
    return "\n".join(visible(line) for text in lines for line in text.split("\n")) + "\n"


def _plain(told: Explanation) -> dict[str, Any]:
    decision = told.decision
    rule = decision.rule
    return {
        "version": 1,
        "request": decision.request,
        "effect": str(decision.effect),
        "reason": str(decision.reason),
        "status": decision.status,
        "rule": None
        if rule is None
        else {
            "method": rule.method,
            "pattern": rule.pattern,
            "permissions": sorted(rule.permissions),
            "origin": str(rule.origin),
        },
        "conditions": [str(condition) for condition in decision.conditions],
        "trace": [{"step": str(one.step), "text": one.text, "passed": one.passed} for one in decision.trace],
        "changes": [{"kind": one.kind, "text": one.text, "result": str(one.result)} for one in told.changes],
        "needs": [
            {"client": one.client, "feature": one.feature, "essential": one.essential, "symptom": one.symptom}
            for one in told.needs
        ],
    }
