"""Both sandboxes, with real processes: how commands end, what is kept of them, and that nothing of them stays alive."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path

import psutil
import pytest

from hakase.errors import SandboxError
from hakase.sandboxes import BACKENDS, get_sandbox, probe
from hakase.seams import Job, Limits, Mount, Outcome, Pulse, Sandbox

DAEMON = """
import os, sys, time
def daemonise():
    if os.fork():
        os.wait()
        return
    os.setsid()
    if os.fork():
        os._exit(0)
    open("daemon", "w").write("up")
    time.sleep(600)
"""


@pytest.fixture(params=list(BACKENDS))
def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    """Each backend that works here."""
    if request.param == "bubblewrap" and not probe().works:
        pytest.skip(f"no bubblewrap: {probe().reason}")
    return get_sandbox(request.param)


class Place:
    """A folder to run code in, and what it said."""

    def __init__(self, root: Path, sandbox: Sandbox) -> None:
        self.folder = root / "run folder ü"
        self.folder.mkdir()
        self.logs = root / "logs"
        self.sandbox = sandbox

    def run(
        self,
        code: str,
        *arguments: str,
        limits: Limits | None = None,
        watch: Callable[[Pulse], None] | None = None,
        environment: Mapping[str, str] | None = None,
        mounts: tuple[Mount, ...] = (),
        appears_at: Path | None = None,
    ) -> Outcome:
        """Run Python code in the sandbox."""
        job = Job(
            command=(sys.executable, "-c", textwrap.dedent(code), *arguments),
            directory=self.folder,
            stdout=self.logs / "stdout.txt",
            stderr=self.logs / "stderr.txt",
            limits=limits or Limits(60),
            environment=environment or {},
            mounts=mounts,
            appears_at=appears_at,
        )
        return self.sandbox.run(job, watch)

    @property
    def out(self) -> str:
        """What the last command wrote to stdout."""
        return (self.logs / "stdout.txt").read_text(errors="replace")

    @property
    def err(self) -> str:
        """And to stderr."""
        return (self.logs / "stderr.txt").read_text(errors="replace")


@pytest.fixture
def place(tmp_path: Path, sandbox: Sandbox) -> Place:
    """A folder, with spaces and a letter beyond ASCII in its path."""
    return Place(tmp_path, sandbox)


@pytest.fixture
def tag() -> str:
    """Something to know the processes of one test by."""
    return uuid.uuid4().hex


def with_tag(tag: str) -> list[psutil.Process]:
    """The living processes that carry ``tag`` on their command line."""
    found = []
    for process in psutil.process_iter():
        try:
            if any(tag in word for word in process.cmdline()) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


def wait_until(condition: Callable[[], object], seconds: float = 30) -> bool:
    """Whether ``condition`` came true."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.05)
    return False


# ------------------------------------------------------------------------------------------------- how it ends


@pytest.mark.parametrize("code", [0, 1, 3, 137])
def test_exit_code_is_the_command_s_own(place: Place, code: int) -> None:
    outcome = place.run(f"raise SystemExit({code})")
    assert outcome.exit_code == code
    assert outcome.ended_by == ""
    assert outcome.ok == (code == 0)


def test_signal_is_named(place: Place) -> None:
    outcome = place.run("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    assert (outcome.exit_code, outcome.ended_by) == (None, "signal 11")


def test_unknown_command_is_data(place: Place) -> None:
    log = place.logs
    outcome = place.sandbox.run(Job(("no-such-program",), place.folder, log / "o", log / "e", Limits(20)))
    assert outcome.exit_code == 127
    assert "no-such-program" in (log / "e").read_text()


def test_missing_folder_and_mount_are_named(place: Place, tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="gone"):
        place.run("pass", mounts=(Mount(tmp_path / "gone"),))
    place.folder.rmdir()
    with pytest.raises(SandboxError, match="run folder"):
        place.run("pass")


# ------------------------------------------------------------------------------------------------------- output


def test_output_goes_to_files(place: Place) -> None:
    assert place.run("import sys; print('said é'); print('wrong', file=sys.stderr); print(sys.stdin.read())").ok
    assert (place.out, place.err) == ("said é\n\n", "wrong\n")


def test_output_is_capped_and_says_so(place: Place) -> None:
    outcome = place.run("print('x' * 3_000_000); print('the end')", limits=Limits(60, output=10_000))
    assert outcome.ok
    assert outcome.truncated
    assert place.out == "x" * 10_000 + "\n[cut here: more than 10000 bytes]\n"


def test_a_link_where_the_log_belongs_is_not_followed(place: Place, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("mine")
    place.logs.mkdir()
    (place.logs / "stdout.txt").symlink_to(precious)
    assert place.run("print('log')").ok
    assert (precious.read_text(), place.out) == ("mine", "log\n")


def test_pulses_carry_the_last_line(place: Place) -> None:
    pulses: list[Pulse] = []
    place.run(
        r"""
        import time
        print("first"); print("\x1b[31m 10%\x07\r 20%\r", end="", flush=True); time.sleep(1.5)
        """,
        watch=pulses.append,
    )
    assert pulses[-1].last_line == "20%"
    assert pulses[-1].elapsed > pulses[0].elapsed > 0
    assert pulses[-1].silent_for > 0


# ---------------------------------------------------------------------------------------------------- the limits


def test_time_limit_ends_a_daemonised_grandchild_and_no_bystander(place: Place, tag: str) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", "bystander"]) as bystander:
        code = DAEMON + "daemonise()\nprint('partial', flush=True)\ntime.sleep(600)"
        outcome = place.run(code, tag, limits=Limits(2.5))
        assert bystander.poll() is None
        bystander.kill()
    assert outcome.timed_out
    assert (outcome.exit_code, outcome.ended_by) == (None, "time limit")
    assert (place.folder / "daemon").exists()
    assert place.out == "partial\n"
    assert with_tag(tag) == []


def test_a_daemon_neither_blocks_nor_outlives_its_command(place: Place, tag: str) -> None:
    outcome = place.run(DAEMON + "daemonise()\nwhile not os.path.exists('daemon'): time.sleep(0.01)", tag)
    assert outcome.ok
    assert with_tag(tag) == []


def test_ending_our_own_process_in_between_frees_nothing(place: Place, tag: str) -> None:
    code = DAEMON + "daemonise()\nwhile not os.path.exists('daemon'): time.sleep(0.01)\nos.kill(os.getppid(), 9)\n"
    outcome = place.run(code + "time.sleep(600)", tag)
    assert (outcome.exit_code, outcome.ended_by) == (None, "signal 9")
    assert with_tag(tag) == []


def test_a_command_may_save_its_work_when_its_time_is_up(place: Place) -> None:
    code = """
        import signal, sys, time
        def save(*_):
            open("saved", "w").write("yes"); sys.exit(0)
        signal.signal(signal.SIGTERM, save)
        time.sleep(600)
    """
    assert place.run(code, limits=Limits(2)).timed_out
    assert (place.folder / "saved").read_text() == "yes"


def test_a_command_that_ignores_the_order_is_killed(place: Place, tag: str) -> None:
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
    assert place.run(code, tag, limits=Limits(1)).timed_out
    assert with_tag(tag) == []


def test_memory_of_all_processes_together_is_limited(place: Place, tag: str) -> None:
    code = """
        import os, time
        for _ in range(3):
            os.fork()
        kept = bytes(os.urandom(1)) * 60_000_000
        time.sleep(600)
    """
    outcome = place.run(code, tag, limits=Limits(60, memory=300_000_000))
    assert outcome.ended_by == "memory limit"
    assert outcome.peak_memory > 300_000_000
    assert with_tag(tag) == []


def test_one_huge_allocation_fails(place: Place) -> None:
    outcome = place.run("bytearray(10**13)", limits=Limits(60, memory=300_000_000))
    assert outcome.exit_code == 1
    assert "MemoryError" in place.err


def test_processes_are_limited(place: Place, tag: str) -> None:
    code = """
        import os, time
        for _ in range(600):
            if os.fork() == 0:
                time.sleep(600); os._exit(0)
        time.sleep(600)
    """
    outcome = place.run(code, tag, limits=Limits(60, processes=100))
    assert outcome.ended_by == "process limit"
    assert with_tag(tag) == []


def test_a_file_cannot_fill_the_disk(place: Place) -> None:
    outcome = place.run("open('big', 'wb').write(b'x' * 5_000_000)", limits=Limits(60, file_size=1_000_000))
    assert outcome.exit_code == 1
    assert (place.folder / "big").stat().st_size <= 1_000_000


# ----------------------------------------------------------------------------------------- what the command gets


def test_environment_is_an_allow_list(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("TZ", "UTC")
    code = """
        import os, pathlib
        print(dict(os.environ), pathlib.Path("/proc/self/environ").read_bytes())
        print([os.environ["TZ"], os.environ["EXTRA"], os.environ["MPLBACKEND"]])
        pathlib.Path.home().joinpath("note").write_text("home is writable")
    """
    assert place.run(code, environment={"EXTRA": "given"}).ok
    assert "secret" not in place.out
    assert "['UTC', 'given', 'Agg']" in place.out
    assert not (Path.home() / "note").exists()


def test_packages_can_be_imported(place: Place) -> None:
    assert place.run("import numpy; print(numpy.ones(3).sum())").ok
    assert place.out == "3.0\n"


def test_data_and_an_earlier_run_are_where_a_template_looks(place: Place, tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    place.folder = workspace / "results" / "digits" / "study" / "attempts" / "1"
    place.folder.mkdir(parents=True)
    data, run = tmp_path / "the data", tmp_path / "run_0"
    for folder, text in ((data, "numbers"), (run, "baseline")):
        folder.mkdir()
        (folder / "file").write_text(text)
    study = workspace / "results" / "digits" / "study"
    outcome = place.run(
        "print(open('../../../data/file').read(), open('run_0/file').read())",
        mounts=(Mount(run, study / "run_0"), Mount(data, workspace / "data")),
        appears_at=study,
    )
    assert outcome.ok, place.err
    assert place.out == "numbers baseline\n"
    assert list(place.folder.iterdir()) == []
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_symlink()) == []


def test_a_link_in_the_way_of_a_mount_is_refused(place: Place, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (place.folder / "sub").symlink_to(tmp_path)
    mount = Mount(tmp_path / "data", place.folder / "sub" / "made" / "data")
    with pytest.raises(SandboxError, match="link"):
        place.run("pass", mounts=(mount,))
    assert not (tmp_path / "made").exists()


# ------------------------------------------------------------------------------------------- when the parent ends

PARENT = """
import sys
from pathlib import Path
from hakase.sandboxes import get_sandbox
from hakase.seams import Job, Limits
name, folder, code, tag = sys.argv[1:]
logs = Path(folder).parent
get_sandbox(name).run(Job((sys.executable, "-c", code, tag), Path(folder), logs / "o", logs / "e", Limits(600)))
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_outlives_the_parent(place: Place, tag: str, number: signal.Signals) -> None:
    code = DAEMON + "daemonise()\ntime.sleep(600)"
    arguments = [sys.executable, "-c", PARENT, place.sandbox.name, str(place.folder), code, tag]
    with subprocess.Popen(arguments, stderr=subprocess.PIPE) as parent:
        assert wait_until((place.folder / "daemon").exists)
        parent.send_signal(number)
        _, complaint = parent.communicate(timeout=30)
    assert (b"KeyboardInterrupt" in complaint) == (number == signal.SIGINT)
    assert wait_until(lambda: not with_tag(tag))


def test_ctrl_c_ends_everything_and_goes_on(place: Place, tag: str) -> None:
    def interrupt_once_it_runs() -> None:
        wait_until((place.folder / "daemon").exists)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt_once_it_runs).start()
    with pytest.raises(KeyboardInterrupt):
        place.run(DAEMON + "daemonise()\ntime.sleep(600)", tag)
    assert with_tag(tag) == []
