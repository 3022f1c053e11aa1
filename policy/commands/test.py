"""Run tests of who may do what, with the coverage of rules and routes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from policy.commands import _complete
from policy.commands._given import deployment_only
from policy.commands._options import version_options
from policy.commands._output import write
from policy.errors import UsageError

if TYPE_CHECKING:
    from policy.questions.coverage import Share
    from policy.questions.testing import Result, Run

_ENDING = ".json5"
_TESTS = (f"*.test{_ENDING}", f"tests/*{_ENDING}")
_MISSING_SHOWN = 20


@click.command(
    "test",
    no_args_is_help=True,
    context_settings={"max_content_width": 100},
    epilog="Exit codes: 0 all pass, 1 some fail or the coverage is too low, 2 unusable input or usage.",
)
@click.argument("words", nargs=-1, required=True, metavar="[TESTFILE...] DEPLOYMENT...", type=click.Path())
@click.option("--coverage", is_flag=True, help="Tell which rules and route classes no case touches. Default: not.")
@click.option(
    "--fail-under",
    type=click.FloatRange(0, 100),
    metavar="PERCENT",
    help="Fail where the coverage of rules, or that of route classes, is below. Default: never.",
)
@click.option("--update-snapshots", is_flag=True, help="Write the snapshots instead of comparing them. Default: not.")
@click.option("--filter", "wanted", metavar="TEXT", help="Only cases whose name has TEXT in it. Default: all.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "junit"]),
    default="text",
    show_default=True,
    help="How to write it.",
)
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, allow_dash=True),
    help="File that the report replaces in one step. Default: standard output.",
)
@click.option(
    "--server",
    metavar="NAME",
    shell_complete=_complete.servers,
    help="Which Orthanc, where the files describe several. Default: the only one.",
)
@click.option("--verbose", "-v", is_flag=True, help="Name the cases that pass, too. Default: not.")
@version_options
@click.pass_context
def command(
    ctx: click.Context,
    /,
    words: tuple[str, ...],
    *,
    coverage: bool,
    fail_under: float | None,
    update_snapshots: bool,
    wanted: str | None,
    form: str,
    output: str | None,
    server: str | None,
    verbose: bool,
    **versions: str | None,
) -> None:
    """Run the tests in TESTFILEs (their names end in .json5) against DEPLOYMENT, files or a folder.

    Without a TESTFILE those of the deployment's folder are run: *.test.json5 and tests/*.json5 in it.
    """
    from policy.engine.loading import choose_server, policy_of
    from policy.questions.cases import read
    from policy.questions.testing import run

    files, deployed = _split(words)
    tests = [read(file) for file in files]
    deployment = deployment_only(deployed, versions)
    policy = policy_of(choose_server(deployment, server), deployment.proxies)
    done = run(tests, policy, update_snapshots=update_snapshots)
    if wanted is not None:
        done.results = [result for result in done.results if wanted.lower() in result.name.lower()]
    shares: tuple[Share, ...] = ()
    if coverage or fail_under is not None:
        from policy.questions.coverage import coverage as measure

        shares = measure(policy, done.decisions)
    report = {"text": _text, "json": _json, "junit": _junit}[form](done, shares, verbose)
    write(report, file=output, exact=form != "text")
    low = fail_under is not None and any(share.percent < fail_under for share in shares)
    if low and form != "text":
        for share in shares:
            click.echo(_share(share), err=True)
    ctx.exit(1 if done.failed or low else 0)


def _split(words: tuple[str, ...]) -> tuple[list[Path], tuple[str, ...]]:
    files = [Path(word) for word in words if word.endswith(_ENDING)]
    deployed = tuple(word for word in words if not word.endswith(_ENDING))
    if not deployed:
        raise click.UsageError("Give the deployment that is tested: a folder, or its files.")
    if not files:
        folders = [Path(word) for word in deployed if os.path.isdir(word)]  # noqa: PTH112 - raises for no name
        files = sorted({file for folder in folders for pattern in _TESTS for file in folder.glob(pattern)})
    if not files:
        raise UsageError(
            "there are no tests",
            help=f"Name a file *{_ENDING}, or put one as access.test{_ENDING} into the deployment's folder.",
        )
    return files, deployed


def _text(done: Run, shares: tuple[Share, ...], verbose: bool) -> str:  # noqa: FBT001
    from policy.report.visible import visible

    lines: list[str] = []
    for result in done.results:
        if result.passed:
            lines += [f"pass  {result.name}"] if verbose else []
            continue
        lines.append(f"FAIL  {_place(result)}: {result.name}")
        lines.append(f"      {result.failure}")
        lines += [f"      | {line}" for line in result.trace.splitlines()]
    lines += [f"wrote {path}" for path in done.written]
    for share in shares:
        lines.append(_share(share))
        lines += [f"      not touched: {text}" for text in share.missing[:_MISSING_SHOWN]]
        if len(share.missing) > _MISSING_SHOWN:
            lines.append(f"      and {len(share.missing) - _MISSING_SHOWN} more")
    failed = len(done.failed)
    lines.append(f"{len(done.results) - failed} passed, {failed} failed")
    return "".join(f"{visible(line)}\n" for line in lines)


def _share(share: Share) -> str:
    return f"coverage of {share.what}: {share.touched} of {share.all} ({share.percent:.1f} %)"


def _place(result: Result) -> str:
    return f"{result.file}:{result.line}:{result.column}"


def _json(done: Run, shares: tuple[Share, ...], _: bool) -> str:  # noqa: FBT001
    from policy.report.plain import to_json

    plain: dict[str, Any] = {
        "version": 1,
        "cases": [
            {
                "suite": result.suite,
                "name": result.name,
                "file": result.file,
                "line": result.line,
                "column": result.column,
                "passed": result.passed,
                "failure": result.failure or None,
                "trace": result.trace.splitlines(),
            }
            for result in done.results
        ],
        "summary": {"passed": len(done.results) - len(done.failed), "failed": len(done.failed)},
    }
    if shares:
        plain["coverage"] = {
            share.what: {
                "touched": share.touched,
                "all": share.all,
                "percent": round(share.percent, 1),
                "missing": list(share.missing),
            }
            for share in shares
        }
    return to_json(plain)


def _junit(done: Run, _: tuple[Share, ...], __: bool) -> str:  # noqa: FBT001
    from policy.report.junit import Case, Suite, document
    from policy.report.visible import visible

    suites: dict[str, list[Case]] = {}
    for result in done.results:
        trace = "\n".join(visible(line) for line in f"{result.failure}\n{result.trace}".splitlines())
        suites.setdefault(f"{result.file}: {result.suite}", []).append(
            Case(
                visible(result.name),
                visible(result.suite),
                visible(result.file),
                result.line,
                failure="" if result.passed else "decision",
                message=visible(result.failure),
                body=trace if result.failure else "",
            )
        )
    return document("policy test", [Suite(name, tuple(cases)) for name, cases in suites.items()])
