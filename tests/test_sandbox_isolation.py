"""What code in bubblewrap cannot do, tried from inside; and the choice of a sandbox."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import hakase.sandboxes
from hakase.errors import SandboxError
from hakase.sandboxes import SandboxReport, get_sandbox, probe
from hakase.sandboxes._bwrap import Bwrap
from hakase.seams import Job, Limits, Mount, Outcome

SOURCE = Path(hakase.__file__).parents[1]
needs_bubblewrap = pytest.mark.skipif(not probe().works, reason=f"no bubblewrap: {probe().reason}")

TRY = """
import json, os, sys
def attempt(name, act):
    try:
        act()
    except (OSError, ValueError) as error:
        print(name, "refused", type(error).__name__)
    else:
        print(name, "DONE")
"""


def run(folder: Path, code: str, *mounts: Mount, appears_at: Path | None = None) -> tuple[Outcome, str]:
    """The outcome and the output of Python code in bubblewrap."""
    folder.mkdir(parents=True, exist_ok=True)
    out, err = folder.parent / "out.txt", folder.parent / "err.txt"
    command = (sys.executable, "-c", TRY + textwrap.dedent(code))
    job = Job(command, folder, out, err, Limits(60), appears_at=appears_at, mounts=mounts)
    outcome = get_sandbox("bubblewrap").run(job)
    return outcome, out.read_text() + err.read_text()


@needs_bubblewrap
def test_no_network(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        _, said = run(
            tmp_path / "run",
            f"""
            import socket
            attempt("loopback", lambda: socket.create_connection(("127.0.0.1", {port}), 3))
            attempt("outside", lambda: socket.create_connection(("192.0.2.1", 80), 3))
            """,
        )
    assert "DONE" not in said
    assert said.count("refused") == 2


@needs_bubblewrap
def test_abstract_and_named_sockets_are_out_of_reach(tmp_path: Path) -> None:
    name = f"hakase-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as abstract, socket.socket(socket.AF_UNIX) as named:
        abstract.bind(f"\0{name}")
        abstract.listen()
        os.chdir(tmp_path)  # the address of a named socket is short
        named.bind("named.sock")
        named.listen()
        _, said = run(
            tmp_path / "run",
            f"""
            import socket
            attempt("abstract", lambda: socket.socket(socket.AF_UNIX).connect("\\0{name}"))
            attempt("named", lambda: socket.socket(socket.AF_UNIX).connect("../named.sock"))
            """,
        )
    assert "DONE" not in said


@needs_bubblewrap
def test_only_the_folder_and_tmp_are_writable(tmp_path: Path) -> None:
    _, said = run(
        tmp_path / "run",
        """
        from pathlib import Path
        system = ["/", "/usr", "/etc", "/dev", "/var", "/opt", "/proc", "/proc/sys/kernel", "/sys/devices/system/cpu"]
        for place in [*system, sys.prefix, sys.base_prefix, str(Path(json.__file__).parent)]:
            attempt(place, lambda: Path(place, "intruder").write_text("x"))
        for path in (p for p in Path("/proc").rglob("*") if not p.parts[2][0].isdigit() and "self" not in p.parts[2]):
            if path.is_file() and os.access(path, os.W_OK):
                print(path, "DONE")  # only asked, never written: it would be the host's own setting
        Path("mine").write_text("x"); Path("/tmp/mine").write_text("x"); Path("/var/tmp/mine").write_text("x")
        """,
    )
    assert "DONE" not in said
    assert (tmp_path / "run" / "mine").exists()
    assert not Path("/tmp/mine").exists()


@needs_bubblewrap
def test_nothing_can_be_remounted_and_no_privilege_had(tmp_path: Path) -> None:
    _, said = run(
        tmp_path / "run",
        """
        import ctypes
        from pathlib import Path
        libc = ctypes.CDLL(None, use_errno=True)
        def call(function, *arguments):
            if function(*arguments) != 0:
                raise OSError(ctypes.get_errno(), "refused")
        attempt("remount", lambda: call(libc.mount, None, b"/", None, 32 | 4096, None))
        attempt("bind", lambda: call(libc.mount, b"/tmp", b"/usr", None, 4096, None))
        attempt("umount", lambda: call(libc.umount2, b"/usr", 2))
        attempt("chroot", lambda: os.chroot("/tmp"))
        attempt("user namespace", lambda: call(libc.unshare, 0x10000000))
        attempt("setuid", lambda: os.setuid(0))
        print([line for line in Path("/proc/self/status").read_text().splitlines() if "Cap" in line or "NoNew" in line])
        """,
    )
    assert "DONE" not in said
    assert "CapEff:\\t0000000000000000" in said
    assert "NoNewPrivs:\\t1" in said


@needs_bubblewrap
def test_home_and_other_processes_are_hidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / ".netrc").write_text("password")
    monkeypatch.setenv("HOME", str(home))
    _, said = run(
        tmp_path / "run",
        f"""
        attempt("home", lambda: os.listdir({str(home)!r}))
        attempt("shadow", lambda: open("/etc/shadow").read())
        attempt("run", lambda: os.listdir("/run"))
        attempt("ours", lambda: os.kill({os.getpid()}, 0))
        for number in range(20):
            attempt("stage", lambda: os.open(f"/proc/{{os.getppid()}}/fd/{{number}}", os.O_WRONLY))
        attempt("environment", lambda: open(f"/proc/{{os.getppid()}}/environ").read())
        attempt("mem", lambda: open(f"/proc/{{os.getppid()}}/mem"))
        print("processes", len([p for p in os.listdir("/proc") if p.isdigit()]))
        print("options", "ro-" + "bind" in open("/proc/1/cmdline").read())
        """,
    )
    assert "DONE" not in said
    assert "processes 3" in said
    assert "options False" in said


@needs_bubblewrap
def test_a_link_out_of_the_folder_gives_nothing(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("mine")
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "link").symlink_to(outside)
    _, said = run(
        folder,
        """
        attempt("read", lambda: open("link/file").read())
        attempt("write", lambda: open("link/file", "w"))
        attempt("create", lambda: open("link/new", "w"))
        """,
    )
    assert "DONE" not in said
    assert [path.name for path in outside.iterdir()] == ["file"]


@needs_bubblewrap
def test_data_and_earlier_runs_are_read_only(tmp_path: Path) -> None:
    data, earlier = tmp_path / "data", tmp_path / "somewhere" / "run_0"
    for folder in (data, earlier):
        folder.mkdir(parents=True)
        (folder / "file").write_text("as it was")
    _, said = run(
        tmp_path / "attempt",
        """
        print(open("../../../data/file").read(), open("run_0/file").read(), os.getcwd())
        for name in ("run_0/file", "run_0/new", "../../../data/file", "../../../data/new", "../new"):
            attempt(name, lambda: open(name, "w"))
        attempt("unlink", lambda: os.unlink("run_0/file"))
        attempt("rename", lambda: os.rename("run_0", "run_9"))
        attempt("chmod", lambda: os.chmod("run_0/file", 0o777))
        open("new", "w").write("mine")
        """,
        Mount(data, Path("/ws/data")),
        Mount(earlier, Path("/ws/results/t/study/run_0")),
        appears_at=Path("/ws/results/t/study"),
    )
    assert "as it was as it was /ws/results/t/study" in said
    assert "DONE" not in said
    assert [path.name for path in (tmp_path / "attempt").iterdir()] == ["new"]


@needs_bubblewrap
def test_a_writable_mount_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    outcome, said = run(
        tmp_path / "run",
        "open('/shared/x', 'w').write('y')",
        Mount(tmp_path / "shared", Path("/shared"), writable=True),
    )
    assert outcome.ok, said
    assert (tmp_path / "shared" / "x").read_text() == "y"


@needs_bubblewrap
def test_files_in_the_private_tmp_count_as_memory(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    code = "import time; open('/tmp/big', 'wb').write(bytes(250_000_000)); time.sleep(600)"
    limits = Limits(60, memory=200_000_000)
    job = Job((sys.executable, "-c", code), tmp_path / "run", tmp_path / "o", tmp_path / "e", limits)
    outcome = get_sandbox("bubblewrap").run(job)
    assert not outcome.ok
    assert not outcome.timed_out


@needs_bubblewrap
def test_a_sandbox_that_cannot_be_made_is_our_failure(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="could not start"):
        run(tmp_path / "run", "pass", Mount(tmp_path, Path("/proc/nowhere")))


AS_USER = """
import json, sys
from pathlib import Path
from hakase.sandboxes import get_sandbox, probe
from hakase.seams import Job, Limits
if not probe().works:
    raise SystemExit("no bubblewrap: " + probe().reason)
folder = Path(sys.argv[1])
code = "open('x', 'w'); print(open('/proc/self/status').read()); open('/etc/x', 'w')"
job = Job((sys.executable, "-c", code), folder, folder.parent / "o", folder.parent / "e", Limits(60, memory=10**9))
outcome = get_sandbox().run(job)
print(json.dumps([outcome.exit_code, (folder.parent / "o").read_text(), (folder.parent / "e").read_text()]))
"""


@needs_bubblewrap
@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("setpriv"), reason="needs root and setpriv to become a user")
@pytest.mark.parametrize("nested", [False, True])
def test_an_ordinary_user_gets_the_same(nested: bool) -> None:
    folder = Path(subprocess.check_output(["mktemp", "-d"], text=True).strip())  # not below a folder of root's
    try:
        done = _as_user(folder, nested)
    finally:
        shutil.rmtree(folder)
    if "no bubblewrap" in done.stderr or "No module named" in done.stderr:
        pytest.skip(done.stderr.strip().splitlines()[-1])
    assert done.returncode == 0, done.stderr
    code, status, complaint = json.loads(done.stdout)
    assert code == 1, (status, complaint)
    assert "Read-only file system" in complaint
    assert "CapEff:\t0000000000000000" in status


def _as_user(folder: Path, nested: bool) -> subprocess.CompletedProcess[str]:
    (folder / "run").mkdir()
    for path in (folder, folder / "run"):
        os.chown(path, 1000, 1000)
    outer = (
        [
            "/usr/bin/bwrap",
            "--ro-bind",
            "/",
            "/",
            "--dev",
            "/dev",
            "--proc",
            "/proc",
            "--bind",
            folder,
            folder,
            "--unshare-all",
        ]
        if nested
        else []
    )
    user = ["setpriv", "--reuid", "1000", "--regid", "1000", "--clear-groups"]
    packages = [path for path in sys.path if path.endswith("-packages")]
    return subprocess.run(
        [*user, *map(str, outer), _python_for_all(), "-c", AS_USER, str(folder / "run")],
        cwd="/",
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "PYTHONPATH": os.pathsep.join([str(SOURCE), *packages])},
        capture_output=True,
        text=True,
        check=False,
    )


def _python_for_all() -> str:
    """This interpreter, or, when it lies in a folder of root's, the system's of the same version."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    user = ["setpriv", "--reuid", "1000", "--regid", "1000", "--clear-groups"]
    reads_itself = "import sys; open(sys.executable).close()"
    for candidate in (str(Path(sys.executable).resolve()), f"/usr/bin/{version}"):
        ran = subprocess.run([*user, candidate, "-c", reads_itself], check=False, capture_output=True, cwd="/")
        if ran.returncode == 0:
            return candidate
    pytest.skip("no Python that an ordinary user may run")


# ---------------------------------------------------------------------------------------------------- the choice


@pytest.fixture
def without_bubblewrap(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine where bubblewrap is there and refused."""
    refused = Bwrap(Path("/usr/bin/bwrap"), "system", "0.8.0", reason="No permissions to create new namespace")
    monkeypatch.setattr(hakase.sandboxes, "probe", lambda: SandboxReport((refused,)))


@needs_bubblewrap
def test_auto_isolates_where_it_can() -> None:
    assert get_sandbox().name == "bubblewrap"
    assert get_sandbox(harmless=True).isolating


@pytest.mark.usefixtures("without_bubblewrap")
def test_without_isolation_only_harmless_code_runs() -> None:
    assert get_sandbox(harmless=True).name == "process"
    assert get_sandbox("process").name == "process"
    for name in ("auto", "bubblewrap"):
        with pytest.raises(SandboxError, match="No permissions") as refusal:
            get_sandbox(name)
        assert "apt-get install bubblewrap" in str(refusal.value)
        assert "--sandbox process" in str(refusal.value)


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(SandboxError, match="auto, bubblewrap, process"):
        get_sandbox("podman")


@needs_bubblewrap
def test_the_report_says_what_is_used() -> None:
    chosen = probe().chosen
    assert chosen is not None
    assert chosen.path.exists()
    assert chosen.origin in ("system", "wheel")
    assert chosen.version[0].isdigit()
    assert probe() == probe()
