"""Replay logs against a policy: who would lose and who would gain."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from policy.commands import _complete
from policy.commands._given import deployment_only
from policy.commands._options import version_options
from policy.commands._output import write
from policy.errors import Unreadable, UsageError

if TYPE_CHECKING:
    from policy.engine import Policy
    from policy.questions.replay import Replay, Row
    from policy.questions.replay_tables import Request

_ROWS = 25
_BACKENDS = ("duckdb", "spark")


@click.command(
    "replay",
    no_args_is_help=True,
    context_settings={"max_content_width": 100},
    epilog="Exit codes: 0 nobody loses or gains for certain, 1 somebody does, 2 unusable input or usage.",
)
@click.argument("words", nargs=-1, required=True, metavar="LOG... DEPLOYMENT", type=click.Path())
@click.option(
    "--before",
    metavar="DEPLOYMENT",
    type=click.Path(),
    help="The deployment under which the logs were written: it tells who may have sent a request. Default: not known.",
)
@click.option(
    "--users",
    type=click.Path(dir_okay=False),
    help="JSON file with the roles of the names in the log: {NAME: [ROLE, ...]}. Default: a name that is a role's is that "
    "role.",
)
@click.option(
    "--as", "who", metavar="WHO", help="The sender of all requests: a role, A+B, or anonymous. Default: as logged."
)
@click.option(
    "--prefix",
    metavar="PATH",
    help="What nginx has before Orthanc's paths. Default: told by the deployment's reverse proxy, else /orthanc/ where the "
    "log has it.",
)
@click.option("--identifiers", is_flag=True, help="Show targets as logged, tokens excepted. Default: routes alone.")
@click.option("--all", "everything", is_flag=True, help=f"Show all rows. Default: {_ROWS} of each kind.")
@click.option(
    "--backend",
    type=click.Choice(_BACKENDS),
    default="duckdb",
    show_default=True,
    help="The engine that reads the logs; spark needs Java and pyspark.",
)
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to write it."
)
@click.option(
    "--server",
    metavar="NAME",
    shell_complete=_complete.servers,
    help="Which Orthanc, where the files describe several. Default: the only one.",
)
@version_options
@click.pass_context
def command(
    ctx: click.Context,
    /,
    words: tuple[str, ...],
    *,
    before: str | None,
    users: str | None,
    who: str | None,
    prefix: str | None,
    identifiers: bool,
    everything: bool,
    backend: str,
    form: str,
    server: str | None,
    **versions: str | None,
) -> None:
    """Read LOGs of Orthanc (--verbose), nginx (combined format) and the auth service, plain or packed (gz, zst), and tell
    what the policy of DEPLOYMENT, a folder or file, answers to each request, and where that differs from what happened.

    The report has counts, routes and names of roles; no identifiers unless they are asked for, and never a token.
    """
    from policy.questions.replay import Verdict, replay

    *logs, deployed = words
    if not logs:
        raise click.UsageError("Give at least one log, and the deployment last.")
    policy = _policy(deployed, server, versions)
    earlier = _policy(before, server, versions) if before is not None else None
    found = _requests(
        [Path(log) for log in logs], [one for one in (policy, earlier) if one is not None], prefix, backend, identifiers
    )
    told = replay(policy, found, before=earlier, users=_users(users), who=who, prefix=prefix, identifiers=identifiers)
    if form == "json":
        from policy.report.plain import to_json

        write(to_json(_plain(told)), exact=True)
    else:
        write(_text(told, everything=everything))
    ctx.exit(1 if told.counts[Verdict.LOSES] or told.counts[Verdict.GAINS] else 0)


def _policy(files: str, server: str | None, versions: Mapping[str, str | None]) -> Policy:
    from policy.engine.loading import choose_server, policy_of

    deployment = deployment_only((files,), versions)
    return policy_of(choose_server(deployment, server), deployment.proxies)


def _users(file: str | None) -> dict[str, tuple[str, ...]]:
    if file is None:
        return {}
    try:
        read = json.loads(Path(file).read_text("utf-8"))
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror}", file=file) from None
    except (ValueError, RecursionError):
        read = None
    if not isinstance(read, dict):
        raise UsageError("holds no JSON object with roles by name", file=file)
    found: dict[str, tuple[str, ...]] = {}
    for name, roles in read.items():
        held = [roles] if isinstance(roles, str) else roles
        if not isinstance(held, list) or not all(isinstance(role, str) for role in held):
            raise UsageError("a name in it has something else than a list of roles", file=file)
        found[name] = tuple(held)
    return found


def _requests(
    logs: list[Path],
    policies: list[Policy],
    prefix: str | None,
    backend: str,
    identifiers: bool,  # noqa: FBT001
) -> list[Request]:
    import tempfile

    from policy.questions.replay import Gate
    from policy.questions.replay_kinds import uneven
    from policy.questions.replay_logs import read, size
    from policy.questions.replay_tables import Requests, engine

    # The folder is readable by this user alone, and is gone afterwards: lines of logs can hold tokens.
    with engine(backend) as connection, tempfile.TemporaryDirectory(prefix="policy-replay-") as folder:
        with _progress(size(logs)) as progress:
            tables = read(logs, Path(folder), progress)
        source = Requests(connection, tables)
        if identifiers:
            return source.single()
        grouped = source.grouped()
        apart = uneven(policies, grouped, Gate.of(policies[0], grouped, prefix))
        alike = [one for one in grouped if one.masked not in apart.get(one.kind, ())]
        return alike + (source.single(apart) if apart else [])


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int], None]]:
    """A bar on standard error, where that is a terminal."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    with click.progressbar(length=total, label="reading", file=sys.stderr) as bar:
        yield bar.update


# -- text --

_HEADS = (
    ("loses", "Would lose: it was permitted and is refused now"),
    ("may-lose", "May lose: it was permitted, and is refused now to"),
    ("gains", "Would gain: it was refused and is permitted now"),
    ("may-gain", "May gain: it was refused, and is permitted now to"),
)
_SAID = {
    "same": "have the same answer, or one that fits somebody who may have sent them",
    "loses": "would be refused now",
    "may-lose": "would be refused to some of those who may have sent them",
    "gains": "would be permitted now",
    "may-gain": "would be permitted to some of those who may have sent them",
    "labels": "depend on labels",
    "unknown": "are not told by the log: how they ended, or which path they had",
    "elsewhere": "are answered by the reverse proxy",
}


def _text(told: Replay, *, everything: bool) -> str:
    from policy.questions.replay import Verdict
    from policy.report.visible import visible

    happened = ", ".join(f"{count} {name}" for name, count in sorted(told.happened.items()))
    lines = [
        f"{told.requests} requests, {told.distinct} of them distinct by target, sender and answer: {happened or 'none'}."
    ]
    if told.prefix:
        lines.append(f"Of nginx's requests those below {told.prefix} are taken to reach Orthanc.")
    lines += [f"  {told.counts[verdict]:>9} {_SAID[verdict.value]}" for verdict in Verdict if told.counts[verdict]]
    for name, head in _HEADS:
        rows = told.of(Verdict(name))
        if not rows:
            continue
        lines += ["", f"{head}:"]
        shown = rows if everything else rows[:_ROWS]
        lines += [_row(row) for row in shown]
        if len(rows) > len(shown):
            lines.append(f"            and {len(rows) - len(shown)} more rows: --all shows them")
    return "".join(f"{visible(line)}\n" for line in lines)


def _row(row: Row) -> str:
    many = f" ({row.distinct} distinct)" if row.distinct > 1 else ""
    return f"  {row.requests:>9} {row.route}{many}: {', '.join(row.who)}"


def _plain(told: Replay) -> dict[str, Any]:
    return {
        "version": 1,
        "requests": told.requests,
        "distinct": told.distinct,
        "happened": dict(told.happened),
        "verdicts": {verdict.value: count for verdict, count in told.counts.items()},
        "prefix": told.prefix,
        "rows": [
            {
                "verdict": row.verdict.value,
                "route": row.route,
                "happened": row.happened,
                "who": list(row.who),
                "requests": row.requests,
                "distinct": row.distinct,
            }
            for row in told.rows
        ],
    }
