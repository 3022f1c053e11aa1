"""A permission, a role, a label: who has it, what it opens, what it means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policy.editor.content import What
from policy.editor.markdown import code, plain, sentence
from policy.knowledge import permissions
from policy.lint.fixing import text_name
from policy.lint.views.listing import listed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from policy.auth_service.roles import Role
    from policy.configuration.deployment import OrthancServer
    from policy.editor.analysis import Analysis
    from policy.editor.buffers import Buffer
    from policy.editor.content import Name
    from policy.editor.state import State
    from policy.engine import Policy

_SHOWN = 8


def _everywhere(what: What, name: str, buffer: Buffer, state: State) -> tuple[Name, ...]:
    """Each place of a name in the files that belong with a text."""
    return tuple(
        one for _, read in state.texts_of(buffer) for one in read.names if one.what is what and one.name == name
    )


def permission_text(name: str, buffer: Buffer, state: State) -> str:
    """What a permission means, who has it, and which routes need it, in Markdown."""
    known = permissions.permission(name)
    lines = [f"**Permission** {code(name)}"]
    if known is not None:
        lines.append(sentence(known.meaning))
        since = [f"auth service {known.service_since}"]
        since += [f"plugin {known.plugin_since}"] if known.plugin_since is not None else []
        lines.append(f"Since {listed(since)}.")
    else:
        lines.append("The auth service does not know this name: it cannot be given to anybody by that service.")
    places = _everywhere(What.PERMISSION, name, buffer, state)
    holders = list(dict.fromkeys(one.holder for one in places if not one.asked))
    told = [code(holder) if holder else "anybody without a token" for holder in holders]
    lines.append(f"Held by {listed(told, most=_SHOWN)}." if told else "No role has it.")
    lines.extend(_routes(name, buffer, state))
    return "\n\n".join(lines)


def _routes(name: str, buffer: Buffer, state: State) -> Iterator[str]:
    analysis = state.analysis(buffer)
    server = analysis.server(buffer.path) if analysis is not None else None
    policy = analysis.policy(server) if analysis is not None and server is not None else None
    if policy is None:
        return
    asking = [rule for rule in policy.rules if name in rule.permissions]
    if not asking:
        yield "No rule asks for it."
        return
    built_in = all(rule.location is None for rule in asking)
    many = "1 rule" if len(asking) == 1 else f"{len(asking)} rules"
    patterns = [code(f"{rule.method} {rule.pattern}") for rule in asking]
    verb = "asks" if len(asking) == 1 else "ask"
    yield f"{many}{' of the built-in list' if built_in else ''} {verb} for it: {listed(patterns, most=_SHOWN)}."


def role_text(name: str, path: str, analysis: Analysis | None) -> str:
    """What a role has and what that makes of whoever has it, in Markdown."""
    lines = [f"**Role** {code(name)}"]
    service = analysis.service(path) if analysis is not None else None
    roles = analysis.context.roles(service) if analysis is not None and service is not None else None
    role = roles.roles.get(name) if roles is not None else None
    if role is None or analysis is None:
        lines.append(
            "The auth service does not read such a role: the file is not usable yet, or has none of that name."
        )
        return "\n\n".join(lines)
    held = [code(one) for one in role.permissions]
    lines.append(f"Permissions: {listed(held, most=20)}." if held else "No permissions: only open rules let it pass.")
    lines.append(_labels(role))
    if role.fails:
        lines.append(f"**Every request of a holder fails**: {plain(role.fails)}.")
    server = next((one for one in analysis.deployment.servers if one.auth_service is service), None)
    policy = analysis.policy(server) if server is not None else None
    if server is not None and policy is not None:
        lines.extend(analysis.context.once(("editor", "role", name), lambda: _outcome(role, server, policy)))
    return "\n\n".join(lines)


def prepare(analysis: Analysis, check: Callable[[], None]) -> None:
    """Work out what takes time for each role, before anybody asks; ``check`` may raise to end this."""
    for service in analysis.deployment.auth_services:
        roles = analysis.context.roles(service)
        path = text_name(service.permissions) if service.permissions is not None else ""
        for name in roles.roles if roles is not None else ():
            check()
            role_text(name, path, analysis)


def _labels(role: Role) -> str:
    if "*" in role.labels:
        return "Labels: `*`, so it sees every study."
    if not role.labels:
        return "No labels: wherever a level is checked, it sees nothing."
    return (
        f"Labels: {listed([code(one) for one in role.labels])}; where a level is checked, it sees what has one of them."
    )


def _outcome(role: Role, server: OrthancServer, policy: Policy) -> tuple[str, ...]:
    """What a holder can do with the clients, in paragraphs."""
    from policy.lint.views.unchecked import dicom_web_root
    from policy.questions.matrix import Mark, feature_rows, matrix
    from policy.questions.senders import sender

    reached = sum(bool(rule.permissions & set(role.permissions)) or rule.open for rule in policy.rules)
    told = [f"Passes {reached} of {len(policy.rules)} rules, as far as permissions go."]
    rows = feature_rows((), dicom_web_root(server))
    cells = [line[0] for line in matrix(policy, rows, [sender([policy], role.name)]).cells]
    for mark, words in (
        (Mark.PERMIT, "Can"),
        (Mark.CONDITIONAL, "Can, where labels allow it"),
        (Mark.PARTLY, "Can in part"),
        (Mark.DENY, "Cannot"),
    ):
        found = [plain(cell.row.title) for cell in cells if cell.mark is mark]
        if found:
            told.append(f"{words}: {listed(found, most=_SHOWN)}.")
    return tuple(told)


def label_text(name: str, buffer: Buffer, state: State) -> str:
    """Who is limited to a label, in Markdown."""
    if name == "*":
        return "**Label** `*`\n\nStands for every label, and for studies without one."
    places = _everywhere(What.LABEL, name, buffer, state)
    holders = [code(one) if one else "anybody without a token" for one in _holders(places)]
    lines = [f"**Label** {code(name)}"]
    lines.append(f"Opens studies with this label to {listed(holders, most=_SHOWN)}." if holders else "No role has it.")
    if any(one.defines for one in places):
        lines.append("Offered in the editor of labels of Orthanc Explorer 2.")
    return "\n\n".join(lines)


def _holders(places: tuple[Name, ...]) -> list[str]:
    return list(dict.fromkeys(one.holder for one in places if not one.defines))
