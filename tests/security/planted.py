"""Files with a secret in them, one for each way in which people write secrets down.

``%S%`` is where the secret stands.  Around it is something that rules find fault with, so that reports show the place.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path

_AROUND = '"Permisions": [], "Enabled": "yes", "WebServiceRootUrl": "http://auth:8000", "CheckedLevel": "studies"'
_LIST = '"Permissions": [["get", "^/studies(", "view"], ["gte", "^/x$", "view "]]'


def orthanc(section: str = "", *, top: str = "", comment: str = "") -> dict[str, str]:
    """A configuration with mistakes and a secret on the same lines."""
    top = f"{top}, " if top else ""
    section = f"{section}, " if section else ""
    return {"orthanc.json": f'{{ {top}"Naem": 1, "Authorization": {{ {section}{_AROUND}, {_LIST} }} {comment}\n}}\n'}


def compose(environment: str, *, service: str = "orthanc", more: str = "") -> dict[str, str]:
    """A Compose file with lines of ``environment`` in a service of it."""
    image = "orthancteam/orthanc:25.9.0" if service == "orthanc" else "orthancteam/orthanc-auth-service:25.9.0"
    lines = "".join(f"      {line}\n" for line in environment.splitlines())
    return {
        "docker-compose.yml": f'services:\n  {service}:\n    image: {image}\n    ports: ["8042:8042"]\n'
        f"{more}    environment:\n{lines}"
    }


def service(environment: str) -> dict[str, str]:
    """The same for the auth service."""
    return compose(environment, service="auth")


_JWT_HEAD = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').decode().rstrip("=")
JWT = f"{_JWT_HEAD}.eyJzdWIiOiIxMjM0NTY3ODkwIn0.%S%"
PEM = "-----BEGIN RSA PRIVATE KEY-----{0}MIIEpAIBAAKCAQEA%S%{0}-----END RSA PRIVATE KEY-----"

#: name of the way -> the files
WAYS: dict[str, dict[str, str]] = {
    # -- the configuration of Orthanc --
    "password of the auth service": orthanc('"WebServicePassword": "%S%"'),
    "registered users": orthanc(top='"RegisteredUsers": {"alice": "%S%", "Bob": 5}'),
    "registered users as a list": orthanc(top='"RegisteredUsers": [["alice", "%S%"]]'),
    "registered users as a text": orthanc(top='"RegisteredUsers": "alice:%S%"'),
    "registered users deeper": orthanc(top='"RegisteredUsers": {"alice": {"password": ["%S%"]}}'),
    "registered users without an end": {"orthanc.json": '{"Name": "x", "RegisteredUsers": {"alice": "%S%"'},
    "registered users, other case": orthanc(top='"registeredusers": {"alice": "%S%"}'),
    "registered users, misspelt": orthanc(top='"RegistredUsers": {"alice": "%S%"}'),
    "registered users in the section": orthanc('"RegisteredUsers": {"alice": "%S%"}'),
    "password of PostgreSQL": orthanc(top='"PostgreSQL": {"Pasword": 1, "Password": "%S%"}'),
    "password of MySQL": orthanc(top='"MySQL": {"Password": "%S%", "Port": "x"}'),
    "password in an address of a database": orthanc(top='"PostgreSQL": {"ConnectionUri": "postgres://u:%S%@db/x"}'),
    "password in an address of a proxy": orthanc(top='"HttpProxy": "http://u:%S%@proxy:3128", "HttpPort": "x"'),
    "password in the address of the auth service": orthanc('"WebServiceRotUrl": "http://u:%S%@auth:8000/"'),
    "token in the query of an address": orthanc('"WebServiceTokenValidationUrl": "http://auth/v?token=%S%"'),
    "key in the query of an address": orthanc('"WebServiceUserProfileUrl": "http://auth/v?a=1&api_key=%S%&b=2"'),
    "peers as lists": orthanc(top='"OrthancPeers": {"p": ["http://p/", "u", "%S%"]}'),
    "peers as objects": orthanc(top='"OrthancPeers": {"p": {"Url": "http://p/", "Password": "%S%"}}'),
    "headers of peers": orthanc(top='"OrthancPeers": {"p": {"HttpHeaders": {"Authorization": "Bearer %S%"}}}'),
    "other headers of peers": orthanc(top='"OrthancPeers": {"p": {"HttpHeaders": {"X-Api-Key": "%S%"}}}'),
    "DICOMweb servers as lists": orthanc(top='"DicomWeb": {"Servers": {"s": ["http://s/", "u", "%S%"]}}'),
    "DICOMweb servers as objects": orthanc(top='"DicomWeb": {"Servers": {"s": {"Password": "%S%"}}}'),
    "token of a DICOMweb server": orthanc(top='"DicomWeb": {"Servers": {"s": {"HttpHeaders": {"Token": "%S%"}}}}'),
    "keys of S3": orthanc(top='"AwsS3Storage": {"SecretKey": "%S%", "AccessKey": "%S%"}'),
    "connection to Azure": orthanc(top='"AzureBlobStorage": {"ConnectionString": "AccountName=x;AccountKey=%S%;"}'),
    "pin of a token": orthanc(top='"Pkcs11": {"Module": "x", "Pin": "%S%"}'),
    "master key": orthanc(top='"AwsS3Storage": {"StorageEncryption": {"MasterKey": [3, "%S%"]}}'),
    "misspelt password": orthanc('"WebServicePasswrod": "%S%"'),
    "password in another case": orthanc('"webservicepassword": "%S%"'),
    "password at the top": orthanc(top='"WebServicePassword": "%S%"'),
    "password in a list": orthanc('"WebServicePassword": ["%S%"]'),
    "password in an object": orthanc('"WebServicePassword": {"value": "%S%"}'),
    "password twice": orthanc('"WebServicePassword": "%S%", "WebServicePassword": "x"'),
    "password with escapes": orthanc('"WebServicePassword": "\\u0061%S%\\n"'),
    "password in single quotes": orthanc("'WebServicePassword': '%S%'"),
    "password without quotes": orthanc("WebServicePassword: %S%"),
    "password without a colon": orthanc('"WebServicePassword" "%S%"'),
    "password with two colons": orthanc('"WebServicePassword":: "%S%"'),
    "password without an end": {"orthanc.json": '{"Authorization": {"WebServicePassword": "%S%\n, "Enabled": 1}}'},
    "password on the next line": orthanc('"WebServicePassword":\n\n   "%S%"'),
    "password before a missing comma": orthanc('"WebServicePassword": "%S%" "Enabled": true'),
    "password behind a doubled comma": orthanc('"Enabled": true,, "WebServicePassword": "%S%",'),
    "password in a conflict": orthanc('"Enabled": true,\n<<<<<<< HEAD\n"WebServicePassword": "%S%",\n=======\n'
                                      '"WebServicePassword": "%S%",\n>>>>>>> b\n"A": 1'),
    "password in a comment": orthanc(comment="// password: %S%"),
    "option in a comment": orthanc(comment='// "WebServicePassword": "%S%", '),
    "comment of many lines": orthanc(comment='/* old:\n "RegisteredUsers": {\n   "a": "%S%"\n } */'),
    "password behind an ignore": orthanc(comment="// policy-lint: ignore[anonymous-star] password=%S%"),
    "password in the rules of an ignore": orthanc(comment="// policy-lint: ignore[secret=%S%] x"),
    "token among the headers": orthanc('"TokenHttpHeaders": ["Authorization: Bearer %S%", "x y"]'),
    "token in a rule": orthanc('"ExtraPermissions": [["get", "^/x\\\\?token=%S%$", "view"]]'),
    "token among the permissions": orthanc('"ExtraPermissions": [["get", "^/x$", "Bearer %S%"]]'),
    "token among the unchecked": orthanc('"UncheckedFolders": ["/x?token=%S%"]'),
    "a JWT anywhere": orthanc(f'"Commment": "{JWT}"'),
    "a JWT as a key": orthanc(f'"{JWT}": 1'),
    "a JWT in a comment": orthanc(comment=f"// {JWT}"),
    "a PEM key": orthanc('"Certificat": "' + PEM.format("\\n") + '"'),
    "a PEM key in a comment": orthanc(comment="/* " + PEM.format("\n") + " */"),
    "an address as a key": orthanc('"http://u:%S%@auth/": 1'),
    # -- other files of the auth service --
    "password in permissions.json": {"permissions.json": '{"roles": {"a": {"permissions": ["view"], '
                                                         '"authorized_labels": ["*"], "password": "%S%"}}, "x": 1}'},
    "token in anonymous-profile.json": {"anonymous-profile.json": '{"permissions": ["view", 5], "token": "%S%"}'},
    # -- Compose --
    "variable of an option": compose("ORTHANC__AUTHORIZATION__WEB_SERVICE_PASSWORD: \"%S%\"\nORTHANC__NAEM: 1"),
    "variable of users": compose("ORTHANC__REGISTERED_USERS: '{\"alice\": \"%S%\"}'\nORTHANC__REGISTRED_USERS: x"),
    "variable of users, broken": compose("ORTHANC__REGISTERED_USERS: '{\"alice\": \"%S%\"'"),
    "a file in a variable": compose("ORTHANC_JSON: |\n  " + orthanc('"WebServicePassword": "%S%"')[
        "orthanc.json"].replace("\n", "\n  ")),
    "a folded file in a variable": compose("ORTHANC_JSON: >-\n  " + orthanc(top='"RegisteredUsers": {"a": "%S%"}')[
        "orthanc.json"].replace("\n", "\n  ")),
    "a quoted file in a variable": compose("ORTHANC_JSON: " + json.dumps(orthanc('"WebServicePassword": "%S%"')[
        "orthanc.json"])),
    "a broken file in a variable": compose("ORTHANC_JSON: '{\"RegisteredUsers\": {\"alice\": \"%S%\", \"Naem\": 1'"),
    "list of variables": service("- SECRET_KEY=%S%\n- ENABLE_KEYCLOAK=ture"),
    "secret of Keycloak": service("KEYCLOAK_CLIENT_SECRET: '%S%'\nENABLE_KEYCLOAK: 'true'"),
    "misspelt secret": service("SECRET_KYE: '%S%'\nKEYCLOAK_CLIENT_SECRT: '%S%'"),
    "users as JSON": service("USERS: '{\"alice\": \"%S%\"}'"),
    "users as broken JSON": service("USERS: '{\"alice\": \"%S%'"),
    "users as something else": service("USERS: 'alice=%S%'"),
    "users as a block": service("USERS: |\n  {\n    \"alice\":\n      \"%S%\"\n  }"),
    "default of a variable": service("SECRET_KEY: ${SECRET_KEY:-%S%}"),
    "default of a nameless variable": compose("ORTHANC__POSTGRESQL__PASSWORD: ${X:-%S%}"),
    "error of a variable": service("SECRET_KEY: ${SECRET_KEY:?%S%}\nUSERS: ${"),
    "address of a database": compose("DATABASE_URL: postgres://u:%S%@db/orthanc\nORTHANC__NAEM: 1"),
    "password of a container": compose("POSTGRES_PASSWORD: %S%\nMYSQL_ROOT_PASSWORD: %S%\nORTHANC__NAEM: 1"),
    "password in a command": compose("A: 1", more='    command: ["--pasword", "--password=%S%"]\n'),
    "password in a check": compose("A: 1", more='    healthcheck: {test: "curl -u orthanc:%S% http://localhost"}\n'),
    "anchored secret": service("SECRET_KEY: &s '%S%'\nUSERS: *s\nA: *t"),
    "tagged secret": service("SECRET_KEY: !!python/object/apply:os.system ['%S%']"),
    "secret in a broken file": {"docker-compose.yml": "services:\n  auth:\n    environment:\n      SECRET_KEY: \"%S%\n"
                                                      "    image: [orthancteam/orthanc-auth-service:25.9.0\n"},
    "secret in a comment of YAML": service("A: 1 # SECRET_KEY: %S%\nENABLE_KEYCLOAK: ture"),
    "secret of Compose": {
        **service("ENABLE_KEYCLOAK: ture", ), "secret.txt": "%S%\n",
    },
    "mounted secret": {
        "docker-compose.yml": "services:\n  orthanc:\n    image: orthancteam/orthanc:25.9.0\n    secrets: [ORTHANC_JSON]\n"
                              "secrets:\n  ORTHANC_JSON: {file: ./secret.json}\n",
        "secret.json": orthanc('"WebServicePassword": "%S%"')["orthanc.json"],
    },
    "option from a secret": {
        "docker-compose.yml": "services:\n  orthanc:\n    image: orthancteam/orthanc:25.9.0\n"
                              "    environment: {ORTHANC__NAEM: 1}\n"
                              "    secrets: [ORTHANC__AUTHORIZATION__WEB_SERVICE_PASSWORD, ORTHANC__COMMENT]\n"
                              "secrets:\n  ORTHANC__AUTHORIZATION__WEB_SERVICE_PASSWORD: {file: ./a.txt}\n"
                              "  ORTHANC__COMMENT: {file: ./a.txt}\n",
        "a.txt": "%S%\n",
    },
    "PEM key in YAML": service("KEY: |\n" + "\n".join(f"  {line}" for line in PEM.format("\n").splitlines())),
    # -- files of variables --
    "file of variables": {**service("SECRET_KEY: ${SECRET_KEY}"), ".env": "SECRET_KEY=%S%\nNAEM\n"},
    "users in a file of variables": {**service("USERS: ${USERS}"), ".env": "USERS='{\"alice\": \"%S%\"}'\n"},
    "a file in a file of variables": {**compose("ORTHANC_JSON: ${ORTHANC_JSON}"),
                                      ".env": "ORTHANC_JSON={\"Naem\": 1, \"RegisteredUsers\": {\"a\": \"%S%\"}}\n"},
    "many lines in a file of variables": {**service("USERS: ${USERS}"), ".env": "USERS='{\n\"alice\":\n\"%S%\"}'\n"},
    "exported variable": {**service("SECRET_KEY: ${K}"), ".env": "export KEYCLOAK_CLIENT_SECRET=\"%S%\" # x\nK=%S%\n"},
    "comment of a file of variables": {**service("A: ${A}"), ".env": "#SECRET_KEY=%S%\nA=1\n"},
    # -- Kubernetes, Helm, Keycloak, nginx --
    "secret of Kubernetes": {"secret.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData:\n"
                                            "  orthanc.json: '{\"Naem\": 1, \"x\": \"%S%\"}'\n"},
    "secret in base64": {"secret.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata:\n  k: %B%\n"},
    "map of Kubernetes": {"map.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: s}\ndata:\n  orthanc.json: |\n"
                                      "    {\"Naem\": 1, \"RegisteredUsers\": {\"a\": \"%S%\"}}\n"},
    "variable of Kubernetes": {"pod.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: s}\nspec:\n  containers:\n"
                                           "  - image: orthancteam/orthanc:25.9.0\n    name: o\n    env:\n"
                                           "    - name: ORTHANC__POSTGRESQL__PASSWORD\n      value: \"%S%\"\n"
                                           "    - {name: ORTHANC__NAEM, value: 1}\n"},
    "values of Helm": {"values.yaml": "image: {repository: orthancteam/orthanc, tag: 25.9.0}\nenv:\n"
                                      "  ORTHANC__POSTGRESQL__PASSWORD: '%S%'\n  SECRET_KEY: '%S%'\n"},
    "realm of Keycloak": {"realm.json": '{"realm": "orthanc", "enabled": true, "clients": [{"clientId": "admin-cli", '
                                        '"secret": "%S%"}], "users": [{"username": "a", "credentials": [{"type": '
                                        '"password", "value": "%S%"}]}], "smtpServer": {"password": "%S%"}}'},
    "nginx": {"nginx.conf": "server {\n  listen 80;\n  location /orthanc/ {\n    proxy_pass http://orthanc:8042;\n"
                            "    proxy_set_header Authorization \"Bearer %S%\";\n"
                            "    proxy_set_header api-key %S%;\n  }\n}\n"},
    "nginx, Basic": {"nginx.conf": "server {\n  listen 80;\n  location / {\n    proxy_pass http://u:%S%@o:8042/;\n"
                                   "    proxy_set_header Authorization \"Basic %B%\";\n  }\n}\n"},
    # -- what else is read --
    "settings": {**orthanc(), ".policy-lint.toml": 'select = ["all"]\n"password" = "%S%"\n'},
    "broken settings": {**orthanc(), ".policy-lint.toml": 'persona = "%S%"\n'},
    "token file, claims": {**orthanc(), "token": '{"sub": "x", "secret": "%S%", "realm_access": 5}'},
    "token file, broken claims": {**orthanc(), "token": '{"sub": "x", "secret": "%S%"'},
    "token file, a JWT": {**orthanc(), "token": JWT},
    "token file, no JWT": {**orthanc(), "token": "%S%"},
    "token file, a PEM key": {**orthanc(), "token": PEM.format("\n")},
    "tests": {**orthanc(), "access.test.json5": '{version: 1, tests: [{token: "%S%", expect: "allow"}], x: "%S%"}'},
}  # fmt: skip


def plant(way: str, secret: str, folder: Path) -> str | None:
    """Write the files of ``way`` with ``secret`` in them; the result is the secret in base64 where they hold that."""
    encoded = base64.b64encode(f"u:{secret}".encode()).decode()
    for name, content in WAYS[way].items():
        (folder / name).write_text(content.replace("%S%", secret).replace("%B%", encoded), "utf-8")
    return encoded if any("%B%" in content for content in WAYS[way].values()) else None
