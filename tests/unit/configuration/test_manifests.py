"""Kubernetes manifests and Helm values: the same settings in other clothes."""

from __future__ import annotations

import base64
from typing import Any

from policy.configuration.deployment import Deployment
from policy.configuration.source import Kind

from .conftest import Deploy

CONFIGMAP = """apiVersion: v1
kind: ConfigMap
metadata: {name: files}
data:
  orthanc.json: |
    {
      "Name": "from a map",
      "Authorization": {"WebServiceRootUrl": "http://permissions:8000/"}
    }
  permissions.json: |
    {"roles": {}}
  PLAIN: "1"
"""
SECRET = f"""apiVersion: v1
kind: Secret
metadata: {{name: hidden}}
data:
  ORTHANC__AUTHORIZATION__WEB_SERVICE_PASSWORD: {base64.b64encode(b"secret one").decode()}
stringData:
  ORTHANC__AUTHORIZATION__WEB_SERVICE_USERNAME: share-user
"""
WORKLOAD = """apiVersion: apps/v1
kind: Deployment
metadata: {name: orthanc}
spec:
  template:
    metadata: {labels: {app: orthanc}}
    spec:
      containers:
        - name: orthanc
          image: orthancteam/orthanc:26.4.0
          env:
            - {name: FIRST, value: "one"}
            - {name: ORTHANC__DICOM_AET, value: "$(FIRST)-$(NONE)-$$(FIRST)"}
            - {name: ORTHANC__HTTP_PORT, valueFrom: {configMapKeyRef: {name: files, key: PLAIN}}}
            - {name: ORTHANC__X, valueFrom: {secretKeyRef: {name: elsewhere, key: y}}}
          envFrom: [{secretRef: {name: hidden}}]
          volumeMounts:
            - {name: config, mountPath: /etc/orthanc/orthanc.json, subPath: orthanc.json}
            - {name: other, mountPath: /etc/orthanc/more}
      volumes:
        - {name: config, configMap: {name: files}}
        - {name: other, configMap: {name: not-given}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: permissions}
spec:
  template:
    metadata: {labels: {app: permissions}}
    spec:
      containers:
        - name: service
          image: orthancteam/orthanc-auth-service:26.4.1
          volumeMounts: [{name: config, mountPath: /orthanc_auth_service}]
      volumes:
        - name: config
          configMap: {name: files, items: [{key: permissions.json, path: permissions.json}]}
---
apiVersion: v1
kind: Service
metadata: {name: permissions}
spec: {selector: {app: permissions}}
"""


def value(deployment: Deployment, *path: str) -> Any:
    setting = deployment.servers[0].configuration.get(*path)
    return setting.python() if setting is not None else None


def test_manifests_in_several_files(deploy: Deploy) -> None:
    made = deploy({"a.yaml": CONFIGMAP, "b.yaml": SECRET, "c.yaml": WORKLOAD})
    assert {Kind.KUBERNETES} == {source.kind for source in made.sources if source.variable is None}
    assert ("from a map", "one-$(NONE)-$(FIRST)", 1) == (
        value(made, "Name"),
        value(made, "DicomAet"),
        value(made, "HttpPort"),
    )
    assert ("secret one", "share-user") == (
        value(made, "Authorization", "WebServicePassword"),
        value(made, "Authorization", "WebServiceUsername"),
    )
    [server], [service] = made.servers, made.auth_services
    assert ("26.4.0", service) == (str(server.image), server.auth_service)
    assert service.permissions is not None
    assert ("a.yaml", Kind.PERMISSIONS) == (service.permissions.path, service.permissions.kind)


def test_places_in_a_manifest(deploy: Deploy) -> None:
    made = deploy({"a.yaml": CONFIGMAP + "---\n" + SECRET + "---\n" + WORKLOAD})
    configuration = made.servers[0].configuration
    name, user = configuration.get("Name"), configuration.get("Authorization", "WebServiceUsername")
    assert name is not None
    assert user is not None
    assert ("a.yaml:7:15", "a.yaml:20:49 (variable ORTHANC__AUTHORIZATION__WEB_SERVICE_USERNAME)") == (
        str(name.origin),
        str(user.origin),
    )


def test_what_is_not_given_is_unknown(deploy: Deploy) -> None:
    made = deploy({"a.yaml": CONFIGMAP, "b.yaml": SECRET, "c.yaml": WORKLOAD})
    unknown = made.servers[0].configuration.get("X")
    assert unknown is not None
    assert not unknown.known


def test_a_list_of_manifests(deploy: Deploy) -> None:
    items = "".join(
        "  - " + part.replace("\n", "\n    ").rstrip() + "\n" for part in (CONFIGMAP, SECRET, *WORKLOAD.split("---\n"))
    )
    made = deploy({"a.yaml": f"apiVersion: v1\nkind: List\nitems:\n{items}"})
    assert "from a map" == value(made, "Name")


HELM = """image:
  repository: orthancteam/orthanc
  tag: 26.4.0
env:
  ORTHANC__NAME: a
  ORTHANC__HTTP_PORT: 1
extraEnv:
  - {name: ORTHANC__DICOM_AET, value: B}
orthancConfig: |
  {
    "AuthenticationEnabled": false
  }
auth:
  image: {registry: docker.io, repository: orthancteam/orthanc-auth-service, tag: 26.4.1}
  environment: {SECRET_KEY: x}
"""


def test_helm_values(deploy: Deploy) -> None:
    made = deploy({"values.yaml": HELM})
    assert ("a", 1, "B", False) == tuple(
        value(made, key) for key in ("Name", "HttpPort", "DicomAet", "AuthenticationEnabled")
    )
    enabled = made.servers[0].configuration.get("AuthenticationEnabled")
    assert enabled is not None
    assert "values.yaml:11:30" == str(enabled.origin)
    assert (["26.4.0"], ["26.4.1"]) == (
        [str(server.image) for server in made.servers],
        [str(service.version) for service in made.auth_services],
    )


def test_only_the_text_of_a_config_map_is_substituted(deploy: Deploy) -> None:
    made = deploy(
        {
            "k.yaml": """\
apiVersion: v1
kind: ConfigMap
metadata: {name: orthanc, annotations: {price: "a $dollar"}}
data:
  orthanc.json: |
    {
      "Name": "$SITE",
      "DicomAet": "A"
    }
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: orthanc}
spec:
  template:
    spec:
      containers:
        - name: orthanc
          image: orthancteam/orthanc:25.9.0
          env: [{name: SITE, value: North of the river}]
          volumeMounts: [{name: c, mountPath: /etc/orthanc}]
      volumes: [{name: c, configMap: {name: orthanc}}]
"""
        }
    )
    settings = {name: made.servers[0].configuration.get(name) for name in ("Name", "DicomAet")}
    assert {"Name": ("North of the river", "k.yaml:7:15"), "DicomAet": ("A", "k.yaml:8:19")} == {
        name: (setting.value, str(setting.origin.location)) for name, setting in settings.items() if setting is not None
    }
