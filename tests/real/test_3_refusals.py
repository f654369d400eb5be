"""What is wrong with a stack's settings or its machine fails in preview, before anything is touched."""

import json
import socket
import socketserver
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import pytest

from core.problems import shown
from tests.real.cluster import Cluster
from tests.real.engine import docker


@pytest.fixture
def stack(blank: Cluster) -> Iterator[Cluster]:
    """A stack whose settings are put back afterwards; whatever happens, it makes nothing."""
    file = blank.work / f"Pulumi.{blank.name}.yaml"
    before = file.read_text()
    yield blank
    file.write_text(before)
    assert blank.leftovers() == []


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """The words of a run that was refused as it should be."""
    assert done.returncode != 0
    assert "nothing was touched" in done.stdout
    assert "Traceback" not in done.stdout
    return done.stdout


def test_bad_settings_are_all_named_at_once(stack: Cluster) -> None:
    """Each with its key and its cure, a missing package and a wrong environment too."""
    stack.configure(**{
        "tomcat.memoryMib": "400", "tomcat.nodes": "-2", "postgres.replicas": "-1", "postgres.replica": "2",
        "colour": "blue", "package": "/nowhere/cyclos-4.16.17.zip", "disposable": "perhaps", "network": "3",
    })  # fmt: skip
    words = refused(stack.pulumi("preview", DOCKER_CONTEXT="elsewhere"))
    assert "9 problems" in words
    for key, cure in {
        "tomcat.memoryMib: 400 given; must be at least 500": "pulumi config set --path tomcat.memoryMib 500",
        "tomcat.nodes: -2 given; must be at least 2": "pulumi config set --path tomcat.nodes 2",
        "postgres.replicas: -1 given; must be at least 1": "pulumi config set --path postgres.replicas 1",
        "postgres.replica: 2 given; is not a setting; did you mean postgres.replicas?": "rm --path postgres.replica",
        'colour: "blue" given; is not a setting': "pulumi config rm --path colour",
        'package: "/nowhere/cyclos-4.16.17.zip" given': "give the cyclos-X.Y.Z.zip as downloaded",
        'disposable: "perhaps" given; must be true or false': "pulumi config set --path disposable false",
        "network: 3 given; must be a group of keys": "pulumi config rm network",
        'DOCKER_CONTEXT: "elsewhere" given': "unset DOCKER_CONTEXT",
    }.items():
        assert key in words
        assert cure in words


def test_a_corrupt_package_a_taken_port_and_foreign_names_are_refused(stack: Cluster) -> None:
    """By `up` too. What is not this stack's is left as it was."""
    corrupt = stack.folder / "cyclos-4.16.17.zip"
    corrupt.write_bytes(b"PK\3\4 this was a download that broke off")
    container, volume = f"{stack.label}-tomcat-1-container", f"{stack.label}-postgres-1-data"
    network = f"{stack.label}-network"
    docker("create", "--name", container, "debian:trixie-slim", "true")
    docker("volume", "create", volume)
    docker("network", "create", network)
    try:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            stack.configure(**{"package": str(corrupt), "balancer.port": str(port)})
            words = refused(stack.pulumi("up", "--yes"))
        assert "5 problems" in words
        rule = "is damaged (cut short, or its directory is broken) cure: download cyclos-X.Y.Z.zip again"
        assert f"package: {shown(str(corrupt))} given; {rule}" in " ".join(words.split())
        assert f"balancer.port: {port} given; is taken on 127.0.0.1 by another program" in words
        assert f"pulumi config set --path balancer.port {port + 1}" in words
        for kind, name in (("container", container), ("volume", volume), ("network", network)):
            assert f"a {kind} named {name} is there already and is not this stack's" in words
        assert json.loads(docker("inspect", container))[0]["State"]["Status"] == "created"
        assert docker("volume", "inspect", volume)
        assert docker("network", "inspect", network)
    finally:
        docker("rm", "--force", container)
        docker("volume", "rm", volume)
        docker("network", "rm", network)


def test_an_engine_that_does_not_answer_is_named(stack: Cluster) -> None:
    """Also one that never did: the address is the setting to change."""
    dead = f"unix://{stack.folder}/dead.sock"
    stack.configure(**{"engine.host": dead})
    words = refused(stack.pulumi("preview"))
    assert "engine.host" in words
    assert "no Docker engine answers there" in words
    assert "pulumi config set --path engine.host" in words


def test_a_docker_host_of_another_engine_is_refused(stack: Cluster) -> None:
    """Docker's client and Pulumi's plugin would otherwise speak to different engines."""
    words = refused(stack.pulumi("preview", DOCKER_HOST="tcp://192.0.2.1:2375"))
    assert "DOCKER_HOST" in words
    assert "unset DOCKER_HOST" in words


class OldEngine(BaseHTTPRequestHandler):
    """Answers Docker's client as an engine of 2019 (Docker 19.03) does, and holds nothing."""

    def do_HEAD(self) -> None:
        """The client asks which version to speak."""
        self._answer({})

    def do_GET(self) -> None:
        """Every list is empty."""
        version = {"Version": "19.03.15", "ApiVersion": "1.40", "MinAPIVersion": "1.12", "Os": "linux"}
        if self.path.endswith("/version"):
            self._answer(version)
        else:
            self._answer({"Volumes": []} if self.path.endswith("/volumes") else [])

    def _answer(self, body: object) -> None:
        text = json.dumps(body).encode()
        self.send_response(200)
        for key, value in {"Api-Version": "1.40", "OSType": "linux", "Content-Type": "application/json"}.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)

    def log_message(self, *words: object) -> None:
        """A socket file has no client address to log."""


def test_an_engine_that_is_too_old_is_named(stack: Cluster) -> None:
    """The real client asks; the other side is a stand-in, because no engine of that age is to be had."""
    path = stack.folder / "old.sock"
    with socketserver.ThreadingUnixStreamServer(str(path), OldEngine) as engine:
        threading.Thread(target=engine.serve_forever, daemon=True).start()
        try:
            stack.configure(**{"engine.host": f"unix://{path}"})
            words = refused(stack.pulumi("preview"))
        finally:
            engine.shutdown()
    assert "this engine speaks API 1.40; at least 1.41 is needed" in words
    assert "upgrade Docker to 20.10 or later" in words


def test_a_subnet_of_somebody_else_is_refused(stack: Cluster) -> None:
    """Before the engine would refuse it in the middle of an `up`."""
    other = f"{stack.label}-somebodys"
    docker("network", "create", "--subnet", "10.211.0.0/16", other)
    try:
        stack.configure(**{"network.subnet": "10.211.7.0/24"})
        words = refused(stack.pulumi("preview"))
    finally:
        docker("network", "rm", other)
    assert f'network.subnet: "10.211.7.0/24" given; overlaps with the Docker network {other}' in words
    assert "pulumi config set --path network.subnet 10." in words
