"""Do the samples for containers fit together and name what is there? No container is started."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import yaml  # type: ignore[import-untyped]  # ships no types

from offset.cli.main import WORDS

ROOT = Path(__file__).resolve().parents[2]
SERVING = ROOT / "docs" / "serving"
COMPOSE = yaml.safe_load((SERVING / "compose.yaml").read_text())
DOCKERFILE = (SERVING / "Dockerfile").read_text()
# The PostgreSQL whose client programs a Debian release brings.
CLIENTS = {"bookworm": 15, "trixie": 17}


def test_every_service_builds_from_what_is_there() -> None:
    services = COMPOSE["services"]
    assert set(services) == {"database", "site", "jobs"}
    for name in ("site", "jobs"):
        build = services[name]["build"]
        context = (SERVING / build["context"]).resolve()
        assert context == ROOT
        assert (context / build["dockerfile"]).is_file()
        assert services[name]["env_file"] == "offset.env"
        for needed, how in services[name]["depends_on"].items():
            assert how == {"condition": "service_healthy"}
            assert services[needed]["healthcheck"]["test"][0] == "CMD"
    mounts = [mount.split(":")[0] for one in services.values() for mount in one["volumes"]]
    assert set(mounts) == set(COMPOSE["volumes"])
    assert set(COMPOSE["secrets"]) == set(services["database"]["secrets"])


def test_commands_are_known_to_the_entrypoint() -> None:
    script = (SERVING / "entrypoint.sh").read_text()
    known = set(re.findall(r"^  (\w+)\)$", script, re.MULTILINE))
    assert {COMPOSE["services"][name]["command"] for name in ("site", "jobs")} <= known
    assert set(re.findall(r"offset (\w+)", script)) - {"db"} <= set(WORDS) | {"the"}
    assert 'ENTRYPOINT ["entrypoint"]' in DOCKERFILE
    assert "docs/serving/entrypoint.sh /usr/local/bin/entrypoint" in DOCKERFILE


def test_settings_of_the_samples_are_settings() -> None:
    explained = set(
        re.findall(r"^#? ?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    )
    entrypoint = {"OFFSET_WAIT_TRIES", "OFFSET_WAIT_SECONDS"}
    for path in (*SERVING.iterdir(), ROOT / "docs" / "serving.md"):
        found = set(re.findall(r"\b(?:OFFSET|STRIPE)_[A-Z_]+\b", path.read_text()))
        assert found <= explained | entrypoint, path.name


def test_the_programs_of_the_image_are_new_enough_for_the_server() -> None:
    debian = re.search(r"^FROM python:[\d.]+-slim-(\w+)$", DOCKERFILE, re.MULTILINE)
    server = re.fullmatch(r"postgres:(\d+)", COMPOSE["services"]["database"]["image"])
    assert debian is not None
    assert server is not None
    assert CLIENTS[debian[1]] >= int(server[1])


def test_the_site_is_asked_where_it_listens() -> None:
    site = COMPOSE["services"]["site"]
    [port] = site["ports"]
    inner = port.rpartition(":")[2]
    [url] = re.findall(r"http://\S+?(?=')", site["healthcheck"]["test"][-1])
    assert str(urlsplit(url).port) == inner == "8000"
    assert urlsplit(url).path == "/healthz"
    compile(site["healthcheck"]["test"][-1], "healthcheck", "exec")
    # what the file of settings says of the host must not hold inside
    assert site["environment"] == {"OFFSET_HOST": "0.0.0.0", "PORT": 8000}  # noqa: S104 - a container
