"""A run with a model at a local address sends nothing anywhere else: in a namespace without routes, and by counting."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.scripted import serve

ROOT = Path(__file__).resolve().parent.parent
NAMESPACE = ("unshare", "--user", "--map-root-user", "--net")
LOOPBACK = ("127.", "::1", "localhost", "0.0.0.0", "::")
PROXY = "http://192.0.2.1:3128"
"""Of nobody (RFC 5737). A user's proxy is no way to a server on this machine."""
WATCHER = """
import json, os, socket, sys

def watch(event, arguments):
    if event == "socket.connect":
        given, address = arguments
        seen = "unix" if given.family == socket.AF_UNIX else address[0]
    elif event in ("socket.sendto", "socket.sendmsg"):
        given, address = arguments
        seen = address[0] if isinstance(address, tuple) else "unix"
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        seen = arguments[0]
    else:
        return
    seen = seen.decode() if isinstance(seen, bytes) else seen
    line = json.dumps({"event": event, "host": seen, "process": os.getpid()})
    with open(os.environ["WATCHED"], "a") as log:
        log.write(line + "\\n")

sys.addaudithook(watch)
"""
"""Python runs this before every program that has its folder on PYTHONPATH."""


@pytest.fixture
def study_words(bring: Callable[[str], Path], workspace: Path) -> tuple[str, ...]:
    """A whole study with a model, on a template whose runs are short."""
    bring("regression_argparse")
    return (
        *(sys.executable, "-m", "hakase", "run", "regression_argparse", "--num-ideas", "1", "--model", "scripted"),
        *("--base-url", "{url}", "--plain", "--max-runs", "2", "--workspace", str(workspace), "-c", "reviewers=2"),
    )


def environment(**more: str) -> dict[str, str]:
    """Ours, without keys and proxies, and with the project's root to import ``tests`` from."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not re.search(r"_API_KEY$|^(https?|all|no)_proxy$", name, re.IGNORECASE)
    }
    return kept | {"PYTHONPATH": str(ROOT)} | more


def papers(workspace: Path) -> list[Path]:
    return sorted(workspace.glob("results/*/*/*.pdf"))


@pytest.mark.slow
def test_a_whole_study_without_routes(study_words: tuple[str, ...], workspace: Path) -> None:
    if shutil.which("unshare") is None:
        pytest.skip("unshare (util-linux) is not installed")
    probe = subprocess.run([*NAMESPACE, "true"], capture_output=True, text=True, check=False)
    if probe.returncode:
        pytest.skip(f"user namespaces are off: {probe.stderr.strip()}")
    inside = (*NAMESPACE, sys.executable, "-m", "tests.without_routes", "regression", *study_words)
    done = subprocess.run(inside, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(papers(workspace)) == 1
    calls = re.search(r"^calls: (\d+)$", done.stdout, re.M)
    assert calls is not None
    assert int(calls[1]) > 10, "the model was not asked"
    assert next(workspace.glob("results/*/*/review.txt")).stat().st_size


@pytest.mark.slow
def test_no_address_but_loopback_is_tried(study_words: tuple[str, ...], workspace: Path, tmp_path: Path) -> None:
    """With keys of other providers and a proxy in the environment, neither of which the address given needs."""
    watched = watch_folder(tmp_path)
    strange = {"OPENAI_API_KEY": "sk-nobody", "HTTP_PROXY": PROXY, "http_proxy": PROXY, "ALL_PROXY": PROXY}
    with serve("regression") as server:
        words = [word.replace("{url}", server.url) for word in study_words]
        done = subprocess.run(
            words, cwd=ROOT, env=environment(**watched, **strange), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert len(server.calls) > 10
    tried = hosts(watched)
    assert any(host.startswith("127.") for host in tried), "the hook saw not even the model's address"
    assert not {host for host in tried if not host.startswith(LOOPBACK) and host != "unix"}
    assert len(papers(workspace)) == 1


def test_the_built_in_scientist_opens_no_connection_at_all(
    bring: Callable[[str], Path], workspace: Path, tmp_path: Path
) -> None:
    bring("regression_argparse")
    watched = watch_folder(tmp_path)
    words = ("run", "regression_argparse", "--num-ideas", "1", "--max-runs", "1", "--plain")
    done = subprocess.run(
        [sys.executable, "-m", "hakase", *words, "--workspace", str(workspace)],
        env=environment(**watched),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert not {host for host in hosts(watched) if host != "unix"}


def test_the_hook_sees_what_goes_outside(tmp_path: Path) -> None:
    """Without this, an empty list would prove nothing."""
    watched = watch_folder(tmp_path)
    code = "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.connect(('192.0.2.1', 9))"
    subprocess.run([sys.executable, "-c", code], env=environment(**watched), capture_output=True, check=False)
    assert hosts(watched) == {"192.0.2.1"}


def watch_folder(tmp_path: Path) -> dict[str, str]:
    """The variables under which every Python process writes down the hosts that it tries."""
    folder = tmp_path / "watcher"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(WATCHER, encoding="utf-8")
    return {"PYTHONPATH": f"{folder}{os.pathsep}{ROOT}", "WATCHED": str(tmp_path / "watched.jsonl")}


def hosts(watched: Mapping[str, str]) -> set[str]:
    log = Path(watched["WATCHED"])
    return (
        {json.loads(line)["host"] for line in log.read_text(encoding="utf-8").splitlines()} if log.exists() else set()
    )
