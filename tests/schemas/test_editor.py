"""The schemas before the language service of VS Code: squiggles, completion and hovers, comments included."""

from __future__ import annotations

import pytest

from .documents import BAD, good, held

NEWEST = {"orthanc.jsonc": "orthanc", "permissions.json": "permissions", "anonymous-profile.json": "anonymous-profile"}
CURSOR = "¦"


def asked(ask: str, written: str, file: str = "orthanc.jsonc") -> dict[str, object]:
    """A question about the place of the cursor in a text."""
    at = written.index(CURSOR)
    return {"ask": ask, "file": file, "text": written.replace(CURSOR, ""), "at": at}


@pytest.fixture(scope="module")
def one(editor):
    """The answer to one question about the newest files."""
    schemas = {file: held(name) for file, name in NEWEST.items()}
    return lambda question: editor(schemas, [question])[0]


def test_good_documents_have_no_squiggle(editor):
    cases = list(good())
    schemas = {f"{number}.json": held(name) for number, (name, _) in enumerate(cases)}
    questions = [{"ask": "validate", "file": f"{number}.json", "text": text} for number, (_, text) in enumerate(cases)]
    assert [[]] * len(cases) == editor(schemas, questions)


def test_bad_documents_have_one_on_their_line(editor):
    schemas = {f"{number}.json": held(bad.schema) for number, bad in enumerate(BAD)}
    questions = [{"ask": "validate", "file": f"{number}.json", "text": bad.text} for number, bad in enumerate(BAD)]
    answers = editor(schemas, questions)
    assert [bad.line for bad in BAD] == [answer[0]["line"] if answer else None for answer in answers]


def test_comments_are_let_through_where_they_are_read(editor):
    written = '{\n  // a note\n  "roles": {},\n}'
    schemas = {"new.json": held("permissions"), "old.json": held("permissions-23.6.1")}
    new, old = editor(schemas, [{"ask": "validate", "file": file, "text": written} for file in schemas])
    assert ([], [2, 3]) == (new, sorted(problem["line"] for problem in old))


def test_keys_are_completed_with_what_they_mean(one):
    found = one(asked("complete", '{\n  // a note\n  "Authorization": {\n    "¦"\n  }\n}'))
    about = {item["label"]: item["about"] for item in found}
    assert {"WebServiceRootUrl", "CheckedLevel", "ExtraPermissions"} <= set(about)
    assert about["CheckedLevel"].startswith("The one level that is checked")


@pytest.mark.parametrize(
    ("file", "written", "expected"),
    [
        ("orthanc.jsonc", '{"Authorization": {"CheckedLevel": ¦}}', '"studies"'),
        ("orthanc.jsonc", '{"Authorization": {"StandardConfigurations": [¦]}}', '"stone-webviewer"'),
        ("orthanc.jsonc", '{"Authorization": {"ExtraPermissions": [¦]}}', '["get","^/my-plugin/report$","all|view"]'),
        ("permissions.json", '{"roles": {"a": {"permissions": ["view", ¦]}}}', '"admin-permissions"'),
        ("permissions.json", '{"roles": {"a": {"¦"}}}', "authorized-labels"),
        ("anonymous-profile.json", '{"¦"}', "validity"),
    ],
)
def test_values_are_completed(one, file: str, written: str, expected: str):
    assert expected in [item["label"] for item in one(asked("complete", written, file))]


def test_a_permission_is_completed_with_its_meaning(one):
    found = one(asked("complete", '{"roles": {"a": {"permissions": [¦]}}}', "permissions.json"))
    about = {item["label"]: item["about"] for item in found}
    assert "read audit logs" == about['"audit-logs"']


@pytest.mark.parametrize(
    ("file", "written", "expected"),
    [
        ("orthanc.jsonc", '{"Authorization": /* here */ {"Web¦ServiceRootUrl": "http://a/"}}', "Base from which"),
        ("orthanc.jsonc", '{"Authorization": {"Permissions": [["g¦et", "^/a$", ""]]}}', "The method of the request"),
        ("orthanc.jsonc", '{"Authorization": {"Permissions": [["get", "^/a¦$", ""]]}}', "regular expression"),
        ("permissions.json", '{"roles": {"a": {"permissions": ["vi¦ew"]}}}', "search and read patients"),
        ("permissions.json", '{"roles": {"a": {"authorized-la¦bels": ["*"]}}}', "Labels of the studies"),
        ("anonymous-profile.json", '{"valid¦ity": 60}', "Seconds that the plugin keeps"),
    ],
)
def test_a_hover_says_what_it_is(one, file: str, written: str, expected: str):
    assert expected in one(asked("hover", written, file))
