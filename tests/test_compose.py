"""The compose file, read by a real compose program."""

import shutil
import subprocess

import pytest

from tests.conftest import ROOT, need


def compose() -> list[str]:
    if shutil.which("docker-compose"):
        return ["docker-compose"]
    plugin = shutil.which("docker") and subprocess.run(
        ["docker", "compose", "version"], capture_output=True, check=False
    )
    need(bool(plugin) and plugin.returncode == 0, "a compose program (Debian: docker-compose)")
    return ["docker", "compose"]


@pytest.fixture(scope="module")
def services() -> str:
    command = [*compose(), "-f", str(ROOT / "docker-compose.yml"), "config"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_it_is_understood(services: str) -> None:
    assert "mysql:8.4" in services
    assert "adminer" in services
    assert "healthcheck" in services


def test_nothing_listens_beyond_this_machine(services: str) -> None:
    published = [line for line in services.splitlines() if "3306" in line or "8080" in line]
    assert published
    assert "0.0.0.0" not in services
    assert all("127.0.0.1" in line for line in published if line.strip().startswith("-"))
