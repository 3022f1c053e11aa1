"""Serve editors: findings while typing, and what the files mean, by the Language Server Protocol."""

from __future__ import annotations

import click


@click.command("lsp", context_settings={"max_content_width": 100})
@click.option("--stdio", is_flag=True, help="Speak over standard input and output, which is the only way. Default: so.")
def command(*, stdio: bool) -> None:  # noqa: ARG001 - editors give the option whether it is needed or not
    """Serve an editor over standard input and output until it says shutdown.

    Needs the extra lsp: pip install 'policy-lint[lsp]'. docs/editors.md tells how to set up editors.
    """
    import sys

    from policy.errors import UsageError

    try:
        from policy.editor.binding import make
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in ("pygls", "lsprotocol"):
            raise
        raise UsageError(
            "the language server needs pygls and lsprotocol, which are not installed",
            help="Install the extra: pip install 'policy-lint[lsp]'.",
        ) from None
    # The worker computes without a pause: a question should not have to wait for its turn.
    sys.setswitchinterval(0.001)
    make().start_io()
