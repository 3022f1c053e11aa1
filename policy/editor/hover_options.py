"""An option, a key of the auth service's files, a variable, a level, a standard configuration: what it does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from policy.configuration.source import Kind
from policy.editor.markdown import code, plain, sentence
from policy.knowledge import environment, plugin, plugin_options, service
from policy.lint.views.listing import listed

if TYPE_CHECKING:
    from policy.configuration.deployment import AuthService, OrthancServer
    from policy.editor.cursor import Path

_OUTCOMES = {
    plugin_options.NO_START: "Orthanc does not start with a value of another type.",
    plugin_options.DISABLED: "With a value of another type the plugin switches itself off: nothing is filtered.",
    plugin_options.UNNOTICED: "A value of another type is passed over without a word.",
}


def option_text(path: tuple[str, ...], server: OrthancServer | None) -> str:
    """What an option of Orthanc's configuration does, in Markdown; empty for one that is not known."""
    if path[:1] == (plugin_options.SECTION,) and len(path) == 2:
        option = plugin_options.option(path[1])
        return _plugin_option(option, server) if option is not None else ""
    if path == (plugin_options.SECTION,):
        return "**Authorization**\n\nThe section of the Authorization plugin: who may send which request."
    known = environment.option(".".join(path))
    if known is None:
        return ""
    lines = [f"**{plain(known.path)}** ({plain(' or '.join(known.types))})"]
    if known.note:
        lines.append(sentence(known.note))
    default = f"Default: {_value(known.default)}." if known.default is not None else ""
    if not default and known.default_in_words:
        default = f"Default: {plain(known.default_in_words)}."
    if known.has_image_default:
        default += f" The image orthancteam/orthanc sets {_value(known.image_default)}."
    lines.extend(filter(None, [default.strip(), f"Variable of the image: {code(known.variable)}."]))
    return "\n\n".join(lines)


def _plugin_option(option: plugin_options.Option, server: OrthancServer | None) -> str:
    lines = [f"**{plain(option.path)}** ({plain(' or '.join(option.types))})", sentence(option.meaning)]
    versions = option.versions
    since = f"Since the plugin {versions.since}" if versions.since is not None else "In every version of the plugin"
    since += f", until {versions.until}" if versions.until is not None else ""
    if server is not None and server.plugin.version not in versions:
        since += f"; **not read by {server.plugin.version}, which runs here**"
    lines.append(f"{since}. Default: {_default(option.default)}.")
    if option.domain is not None:
        values = (
            [code(value) for value, _ in plugin_options.enumeration(option.domain).values] if _known(option) else []
        )
        lines.extend([f"Values: {listed(values, 'or', most=12)}."] if values else [])
    if option.alias_of:
        lines.append(f"An older name of {code(option.alias_of)}.")
    lines.append("\n".join(f"- {plain(note)}" for note in option.notes))
    lines.append(_OUTCOMES.get(option.wrong_type, ""))
    return "\n\n".join(filter(None, lines))


def _known(option: plugin_options.Option) -> bool:
    return any(one.name == option.domain for one in plugin_options.enumerations())


def _default(value: Any) -> str:
    return "none" if value is None else _value(value)


def _value(value: Any) -> str:
    return code(json.dumps(value, ensure_ascii=False))


def file_key_text(kind: Kind, path: Path, used: AuthService | None) -> str:
    """What a key of permissions.json or anonymous-profile.json is, in Markdown; empty for one that is not known."""
    file = "permissions.json" if kind is Kind.PERMISSIONS else "anonymous-profile.json"
    known = [one for one in service.file_keys() if one.file == file and _same(one.path, path)]
    version = used.version.version if used is not None else service.newest().version
    rows = [one for one in known if version in one.versions] or known[-1:]
    if not rows:
        return ""
    row = rows[0]
    lines = [f"**{plain(str(path[-1]))}** ({plain(row.type)}{', required' if row.required else ''})"]
    if row.note:
        lines.append(sentence(row.note))
    if row.default is not None:
        lines.append(f"Default: {_value(row.default)}.")
    if row not in [one for one in known if version in one.versions]:
        lines.append(f"**The auth service {version} does not read it.**")
    return "\n\n".join(lines)


def _same(template: str, path: Path) -> bool:
    steps = template.split(".")
    return len(steps) == len(path) and all(step in ("*", str(own)) for step, own in zip(steps, path, strict=True))


def variable_text(name: str) -> str:
    """What an environment variable of the images does, in Markdown; empty for one that is not known."""
    for option in environment.options():
        if name == option.variable or name in option.legacy_variables:
            return f"**{plain(name)}**\n\nPuts {code(option.path)} into the configuration.\n\n" + option_text(
                tuple(option.path.split(".")), None
            )
    for switch in environment.plugin_switches():
        if name in (switch.variable, switch.legacy_variable):
            return f"**{plain(name)}**\n\nLoads the plugin {plain(switch.plugin)}. {sentence(switch.note)}".rstrip()
    for runtime in environment.runtime_variables():
        if name == runtime.name:
            return f"**{plain(name)}**\n\n{sentence(runtime.effect)}"
    for variable in service.environment():
        if name == variable.name:
            default = f"\n\nDefault: {_value(variable.default)}." if variable.default is not None else ""
            return f"**{plain(name)}** (auth service)\n\n{sentence(variable.meaning)}{default}"
    if name == environment.WHOLE_CONFIGURATION:
        return f"**{plain(name)}**\n\nA whole configuration as JSON, put over that of the files."
    return ""


def level_text(text: str) -> str:
    """What a level covers, in Markdown; empty for no level."""
    level = plugin_options.access_level(text)
    if level is None:
        return ""
    if level == "system":
        return "**Level** `system`\n\nEvery path that is no patient, study, series or instance."
    return f"**Level** {code(level)}\n\nPaths that touch a {level}: its labels are compared where the level is checked."


def standard_text(name: str, server: OrthancServer | None) -> str:
    """What a standard configuration adds, in Markdown; empty for none."""
    release = plugin.closest(server.plugin.version) if server is not None else plugin.newest()
    known = release.standard_configuration(name)
    if known is None:
        return ""
    lines = [f"**Standard configuration** {code(name)}", f"In the plugin {release.version} it adds:"]
    added: list[str] = []
    for words, values in (
        ("folders that everybody may GET", known.unchecked_folders),
        ("resources that everybody may GET", known.unchecked_resources),
        ("headers that may hold a token", known.token_headers),
        ("arguments that may hold a token", known.token_get_arguments),
    ):
        if values:
            added.append(f"- {words}: {listed([code(one) for one in values], most=12)}")
    lines.append("\n".join(added))
    lines.extend(map(sentence, known.notes))
    return "\n\n".join(lines)
