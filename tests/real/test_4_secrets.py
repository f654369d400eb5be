"""No password and no private key in plain anywhere that an operator, a log or another program could read it."""

import base64
import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.real.cluster import Cluster
from tests.real.conftest import Born
from tests.real.engine import docker, inspect, log_of
from tests.real.watcher import Watcher


def spellings(secret: str) -> list[bytes]:
    """A secret as it is, and as base64 writes it at each of the three places where it may begin."""
    found = [secret.encode()]
    for before in range(3):
        text = base64.b64encode(b"x" * before + secret.encode())
        # The first and the last group hold bits of what stands beside the secret.
        found.append(text[4:-4])
    return found


@pytest.fixture(scope="module")
def words(cluster: Cluster) -> list[bytes]:
    """Every spelling of the stack's real passwords and keys, which only `--show-secrets` tells."""
    exported = json.loads(cluster.pulumi("stack", "export", "--show-secrets", record=False).stdout)
    resources = exported["deployment"]["resources"]
    passwords = [json.loads(r["outputs"]["result"]["plaintext"]) for r in resources if "RandomPassword" in r["type"]]
    assert len(passwords) == 4
    assert all(len(password) == 32 for password in passwords)
    (issued,) = (r["outputs"]["stdout"] for r in resources if r["urn"].endswith("::etcd-certificates"))
    texts = json.loads(json.loads(issued["plaintext"]))
    keys = [text for name, text in texts.items() if name.endswith("_key")]
    assert len(keys) == 2, "a member's and a client's; nobody keeps the authority's"
    # Two lines of base64 hold the private number; the third is public.
    lines = [line for key in keys for line in key.splitlines()[1:3]]
    assert all(len(line) == 64 for line in lines)
    return [spelling for secret in (*passwords, *lines) for spelling in spellings(secret)]


def assert_none_in(text: bytes, words: list[bytes], where: str) -> None:
    """Fail without repeating the secret."""
    found = [word for word in words if word in text]
    if found:
        pytest.fail(f"{len(found)} spellings of secrets are readable in {where}", pytrace=False)


def test_not_in_the_state_or_the_stack_file(cluster: Cluster, words: list[bytes]) -> None:
    """The state, its backups and its history are files on the operator's disk."""
    files = [path for path in (*cluster.state.rglob("*"), *cluster.work.glob("Pulumi.*")) if path.is_file()]
    assert any(path.name == f"{cluster.name}.json" for path in files)
    for path in files:
        assert_none_in(path.read_bytes(), words, str(path))


def test_not_in_what_pulumi_prints(cluster: Cluster, words: list[bytes]) -> None:
    """Nor in a preview with every detail, nor in its own log files."""
    detailed = cluster.pulumi("preview", "--diff", "--show-sames", "--show-config", "--json")
    assert detailed.returncode == 0
    assert_none_in(detailed.stdout.encode(), words, "pulumi preview --json")
    assert_none_in(cluster.transcript.encode(), words, "the output of pulumi")
    # Newer command lines write what they do into files, too.
    home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    for log in (home / "logs").glob(f"*{cluster.name}*"):
        assert_none_in(log.read_bytes(), words, str(log))


def test_not_in_logs_inspect_or_image_history(cluster: Cluster, words: list[bytes]) -> None:
    """What anybody with the Docker client sees."""
    for name in cluster.nodes():
        assert_none_in(log_of(name).encode(), words, f"the log of {name}")
        assert_none_in(docker("inspect", name).encode(), words, f"docker inspect {name}")
        image = inspect(name)["Image"]
        assert_none_in(docker("inspect", image).encode(), words, f"docker inspect of the image of {name}")
        assert_none_in(docker("history", "--no-trunc", image).encode(), words, f"docker history of the image of {name}")


def test_not_in_the_layers_of_any_image(cluster: Cluster, words: list[bytes], tmp_path: Path) -> None:
    """Images are carried to other machines; the search finds a line that is known to be in each of them."""
    images = sorted({inspect(name)["Image"] for name in cluster.nodes()})
    scripts = [cluster.work / "images" / image / "bin" / "serve" for image in ("etcd", "postgres", "tomcat", "nginx")]
    known = {script.read_bytes().splitlines()[1] for script in scripts}
    assert len(images) == len(known)
    (tmp_path / "words").write_bytes(b"\n".join([*words, *known]))
    search = f"LC_ALL=C grep --text --only-matching --fixed-strings --file {tmp_path / 'words'} | sort --unique"
    pipeline = f"set -o pipefail; docker save {' '.join(images)} | {search}"
    done = subprocess.run(["bash", "-c", pipeline], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert_none_in(done.stdout, words, "the layers of the images")
    assert set(done.stdout.splitlines()) == known


def test_not_in_command_lines_or_environments_while_up_ran(born: Born, words: list[bytes]) -> None:
    """Every process of the machine was watched while the stack was made, when passwords travel."""
    assert born.processes.rounds > 20
    assert any(b"seed-primary" in text for text in born.processes.seen), "the watch was quick enough to see the steps"
    found = born.processes.holding(words)
    assert not [text.split(b"\0")[0] for text in found]


def test_the_watch_would_see_one(words: list[bytes]) -> None:
    """A test that cannot fail proves nothing."""
    with Watcher() as watcher, subprocess.Popen(["sleep", "2"], env={"PASSWORD": words[0].decode()}):
        pass
    assert watcher.holding(words)
