"""compose.yaml, held against the settings, the image and the proxy's configuration. Needs no engine and runs none."""

from __future__ import annotations

import ipaddress
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from proxies import PLACE, TEMPLATE, make_certificate, program
from sites import ROOT

from explorer.settings import SECRETS, Settings

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
VARIABLE = re.compile(r"\$\{(\w+):-([^}]*)\}")
SITES = [name for name, service in SERVICES.items() if service["image"] == "explorer"]


def filled(value: str) -> str:
    """A value as it is where .env says nothing."""
    return VARIABLE.sub(r"\2", value)


def environment(name: str) -> dict[str, str]:
    return {key: filled(value) for key, value in SERVICES[name]["environment"].items()}


def profile(name: str) -> set[str]:
    return {service for service in SERVICES if name in SERVICES[service]["profiles"]}


def test_there_are_two_profiles():
    assert profile("single") == {"site"}
    assert profile("replicas") == {"site-a", "site-b", "proxy", "database"}
    assert all(len(service["profiles"]) == 1 for service in SERVICES.values())


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_can_do_little(name: str):
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "cap_add", "devices", "pid", "ipc", "network_mode"} & service.keys()
    assert "docker.sock" not in str(service)
    assert service.keys() >= {"mem_limit", "cpus", "pids_limit", "stop_grace_period"}
    assert service["restart"] == "unless-stopped"
    assert name in SITES or not re.fullmatch("0(:.*)?|root", service["user"])


@pytest.mark.parametrize("name", SERVICES)
def test_an_image_has_a_version(name: str):
    assert name in SITES or re.fullmatch(r"[a-z]+:\d+[\w.]*-alpine", SERVICES[name]["image"])


@pytest.mark.parametrize("name", SITES)
def test_a_site_is_set_up_with_settings_that_exist(name: str, monkeypatch: pytest.MonkeyPatch):
    values = environment(name)
    assert {key.removeprefix("EXPLORER_").lower() for key in values} <= Settings.model_fields.keys()
    for key, value in values.items():
        monkeypatch.setenv(key, value)
    settings = Settings()
    assert int(SERVICES[name]["stop_grace_period"].removesuffix("s")) > settings.stop_timeout
    networks = SERVICES[name]["networks"]
    (network,) = networks
    subnet = ipaddress.ip_network(filled(COMPOSE["networks"][network]["ipam"]["config"][0]["subnet"]))
    assert ipaddress.ip_address(settings.trusted_proxies) in subnet
    assert [volume for volume in SERVICES[name]["volumes"] if volume.endswith(":/data")]


def test_the_secret_of_a_replica_is_a_setting():
    for name in ("site-a", "site-b"):
        assert SERVICES[name]["secrets"] == ["explorer_database_url"]
    assert "explorer_database_url".removeprefix("explorer_") in Settings.model_fields
    assert str(SECRETS) == "/run/secrets"


def test_no_secret_stands_in_the_file_or_the_image():
    for name, service in SERVICES.items():
        assert set(service.get("secrets", ())) <= COMPOSE["secrets"].keys()
        assert [key for key in service.get("environment", {}) if re.search("PASSWORD$|SECRET|TOKEN|_URL", key)] == [], (
            name
        )
    folders = {secret["file"].rpartition("/")[0] for secret in COMPOSE["secrets"].values()}
    assert folders == {"./hosting"}
    for file in (".gitignore", ".dockerignore"):
        assert {"/hosting", "hosting", "/hosting/"} & set((ROOT / file).read_text().split()), file


def test_only_the_proxy_is_published_and_the_rest_has_no_way_out():
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published.keys() == {"site", "proxy"}
    assert [filled(port) for port in published["site"]] == ["127.0.0.1:8000:8000"]
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert {name for name in profile("replicas") if set(SERVICES[name]["networks"]) != {"inside"}} == {"proxy"}


def test_no_container_can_be_given_the_address_of_another():
    """An engine gives any free address of the network to a container that names none: also one of a stopped server."""
    inside = [SERVICES[name]["networks"]["inside"] for name in sorted(profile("replicas"))]
    addresses = {network["ipv4_address"] for network in inside}
    assert len(addresses) == len(inside)


def test_the_proxy_is_told_all_that_its_configuration_asks_for():
    asked = set(PLACE.findall(TEMPLATE.read_text()))
    values = environment("proxy")
    assert asked == {key for key in values if key.startswith("SITE_")}
    ports = {filled(port).rpartition(":")[2] for port in SERVICES["proxy"]["ports"]}
    assert ports == {values["SITE_HTTP"], values["SITE_HTTPS"]}
    addresses = [filled(SERVICES[name]["networks"]["inside"]["ipv4_address"]) for name in ("site-a", "site-b")]
    assert re.findall(r"server ([\d.]+):8000 ", values["SITE_SERVERS"]) == addresses
    proxy = filled(SERVICES["proxy"]["networks"]["inside"]["ipv4_address"])
    assert [environment(name)["EXPLORER_TRUSTED_PROXIES"] for name in ("site-a", "site-b")] == [proxy] * 2
    (mount,) = SERVICES["proxy"]["volumes"]
    assert mount.split(":")[0] == f"./{TEMPLATE.relative_to(ROOT)}"
    assert {"certificate.pem", "key.pem"} == set(SERVICES["proxy"]["secrets"])


def test_another_project_can_run_beside_this_one():
    """What may be there once only on a machine has a name in .env: networks and ports."""
    assert re.findall(r"\d+\.\d+\.\d+", re.sub(VARIABLE, "", str(COMPOSE)).replace("127.0.0.1", "")) == []
    assert {name for name in SERVICES if "container_name" in SERVICES[name]} == set()
    assert all(VARIABLE.search(port) for service in SERVICES.values() for port in service.get("ports", ()))


def test_the_image_is_built_on_the_base_of_the_dockerfile():
    (default,) = re.findall(r"^ARG PYTHON_IMAGE=(.+)$", (ROOT / "Dockerfile").read_text(), re.M)
    for name in SITES:
        assert filled(SERVICES[name]["build"]["args"]["PYTHON_IMAGE"]) == default


@pytest.mark.parametrize("name", SERVICES)
def test_both_docker_and_podman_take_the_options_of_a_tmpfs(name: str):
    for mount in SERVICES[name].get("tmpfs", ()):
        options = {option.partition("=")[0] for option in mount.partition(":")[2].split(",")}
        assert options <= {"size", "mode", "noexec", "nosuid", "nodev"}, mount


def test_the_limits_fit_a_machine_with_one_processor_and_one_with_a_hundred():
    """Docker refuses more processors than there are; nginx starts a process for each, if it is let."""
    for name in SERVICES:
        cpus = str(SERVICES[name]["cpus"])
        assert VARIABLE.fullmatch(cpus) or float(cpus) <= 1, name
    (workers,) = re.findall(r"^worker_processes (\w+);$", TEMPLATE.read_text(), re.M)
    assert int(workers) < SERVICES["proxy"]["pids_limit"] / 4


def test_each_container_says_whether_it_is_well():
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert "HEALTHCHECK" in dockerfile
    assert all("healthcheck" in service for name, service in SERVICES.items() if name not in SITES)
    assert {name for name in SERVICES if "depends_on" in SERVICES[name]} == {"site-a", "site-b", "proxy"}
    waits = [wait for service in SERVICES.values() for wait in service.get("depends_on", {}).values()]
    assert {wait["condition"] for wait in waits} == {"service_healthy"}


def test_nginx_takes_what_the_proxy_is_told(tmp_path: Path):
    nginx = program()
    make_certificate(tmp_path)
    values = environment("proxy") | {"SITE_TLS": str(tmp_path)}
    (tmp_path / "nginx.conf").write_text(PLACE.sub(lambda place: values[place[1]], TEMPLATE.read_text()))
    command = [nginx, "-t", "-e", "stderr", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
