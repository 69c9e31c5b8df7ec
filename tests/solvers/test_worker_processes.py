"""Work in child processes: whatever it does, the caller is told, and nothing is left behind."""

from __future__ import annotations

import math
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from partload.instances.errors import InputError
from partload.solvers import processes
from partload.solvers.processes import memory, task_call, worker, worker_pool
from tests.support import works
from tests.support.works import lives, wait_until

ROOT = Path(__file__).parent.parent.parent
GIGABYTE = 10**9


@pytest.fixture(autouse=True)
def _nobody_waits():
    worker_pool.close_all()
    yield
    worker_pool.close_all()


def number_in(path: Path) -> int:
    """What a child writes into a file, once it is there."""
    wait_until(lambda: path.exists() and path.read_text() != "")
    return int(path.read_text())


def test_what_is_returned_comes_back():
    result = processes.call(works.same, {"a": (1, 2.5)})
    assert (result.ended, result.value, result.reason, result.failure) == ("returned", {"a": (1, 2.5)}, "", None)
    assert result.seconds >= 0


def test_work_is_named_by_text_too_and_may_be_a_function_without_a_name():
    half = 0.5
    assert processes.call("tests.support.works:same", 3).value == 3
    assert processes.call(lambda send, value: value * half, 3).value == 1.5


def test_a_child_waits_for_the_next_task():
    first, second = (processes.call(works.number).value for _ in range(2))
    assert first == second
    assert first[1] == os.getpid()
    assert processes.call(works.number, fresh=True).value != first
    processes.call(works.fails)
    assert processes.call(works.number).value[1] == os.getpid()


def test_a_child_knows_what_it_is():
    assert processes.call(works.is_inside).value is True
    assert processes.inside_worker() is False


def test_no_more_than_two_wait_and_they_end_with_this_process(tmp_path: Path):
    code = f"""
import sys, threading
sys.path.insert(0, {str(ROOT)!r})
from partload.solvers import processes
from partload.solvers.processes import worker_pool
from tests.support import works
from tests.support.works import lives, wait_until
found = set()
threads = [threading.Thread(target=lambda: found.add(processes.call(works.number).value[0])) for _ in range(4)]
for one in threads: one.start()
for one in threads: one.join()
print(*(one.id for one in worker_pool._idle))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    waited = [int(number) for number in done.stdout.split()]
    assert len(waited) == 2
    assert done.stderr == ""
    wait_until(lambda: not any(map(lives, waited)))


def test_a_child_that_has_left_a_thread_does_not_wait():
    number = processes.call(works.leaves_a_thread).value
    assert processes.call(works.number).value[0] != number
    assert not lives(number)


@pytest.mark.skipif(sys.platform != "linux", reason="processes are read as Linux tells them")
def test_a_child_that_has_left_a_process_does_not_wait(tmp_path: Path):
    mark = tmp_path / "mark"
    processes.call(works.leaves_a_process, mark)
    assert worker_pool._idle == []
    wait_until(lambda: not lives(int(mark.read_text())))
    processes.call(works.calls_another)
    assert len(worker_pool._idle) == 1, "a child of its own that waits is no matter"


@pytest.mark.skipif(sys.platform != "linux", reason="resident memory is read as Linux tells it")
def test_a_child_that_holds_much_memory_does_not_wait():
    processes.call(works.holds, GIGABYTE // 2)
    assert worker_pool._idle == []


def test_a_child_that_was_killed_while_it_waited_is_replaced():
    number = processes.call(works.number).value[0]
    os.kill(number, signal.SIGKILL)
    assert processes.call(works.same, 1).value == 1


def test_the_environment_is_that_of_the_call(monkeypatch: pytest.MonkeyPatch):
    assert processes.call(works.environment, "PARTLOAD_OF_A_TEST").value is None
    monkeypatch.setenv("PARTLOAD_OF_A_TEST", "set")
    assert processes.call(works.environment, "PARTLOAD_OF_A_TEST").value == "set"


def test_each_task_begins_in_the_folder_of_the_caller(tmp_path: Path):
    here, path = processes.call(works.goes_to, tmp_path).value
    assert (here, str(tmp_path) in path) == (str(Path.cwd()), False)
    assert processes.call(works.goes_to, tmp_path).value == (here, path)


def test_a_module_that_has_changed_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    file = tmp_path / "changing_work.py"
    for value in ("one", "another"):
        file.write_text(f"def work(send): return {value!r}\n")
        assert processes.call("changing_work:work").value == value
        assert processes.call("changing_work:work").value == value


def test_what_is_raised_is_told():
    result = processes.call(works.fails)
    failure = result.failure
    assert result.ended == "raised"
    assert (failure.kind, failure.message) == ("ValueError", "out of ideas")
    line = Path(works.__file__).read_text().splitlines().index('    raise ValueError("out of ideas")') + 1
    assert failure.place == f"{works.__file__}:{line}"
    assert result.reason == f"failed with ValueError: out of ideas ({works.__file__}:{line})"
    assert failure.traceback.splitlines()[1] == f'  File "{works.__file__}", line {line}, in fails'
    assert isinstance(failure.error, ValueError)


def test_the_place_is_where_the_users_program_is():
    line = Path(works.__file__).read_text().splitlines().index('    json.loads("{")') + 1
    assert processes.call(works.fails_in_a_library).failure.place == f"{works.__file__}:{line}"


def test_an_exception_that_cannot_be_pickled_is_told_in_words():
    failure = processes.call(works.fails_in_two_parts).failure
    assert (failure.kind, failure.message, failure.error) == ("OfTwoPartsError", "1 and 2", None)


def test_to_leave_is_to_fail():
    assert processes.call(works.exits).failure.kind == "SystemExit"


def test_what_cannot_be_pickled_is_a_failure_there_and_an_error_here():
    assert processes.call(works.unpicklable).failure.kind == "TypeError"
    with pytest.raises(TypeError):
        processes.call(works.same, threading.Lock())


def test_syntax_errors_are_placed_where_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    (tmp_path / "half_a_work.py").write_text("\n\ndef work(send:\n    pass\n")
    assert processes.call("half_a_work:work").failure.place == f"{tmp_path / 'half_a_work.py'}:3"


@pytest.mark.parametrize("work", [works.segfault, works.null_pointer])
def test_a_crash_is_its_own(work):
    result = processes.call(work)
    assert result.ended == "died"
    assert result.reason.startswith("died with signal SIGSEGV (")
    assert "works.py:" in result.reason


def test_last_words():
    result = processes.call(works.leave)
    assert (result.ended, result.reason) == ("died", "died with exit status 3: last words")
    assert result.printed == "last words\n"


@pytest.mark.parametrize("work", [works.loop, works.c_loop])
def test_a_loop_ends_at_the_time_limit_with_what_it_sent(work):
    told = []
    processes.call(works.same, 1)  # The module is imported now.
    result = processes.call(work, time_limit=0.2, on_message=told.append)
    assert (result.ended, result.reason) == ("time-limit", "did not end within 0.2 s")
    assert told == ["looping"]
    assert result.seconds >= 0.2
    assert worker_pool._idle == []


@pytest.mark.parametrize("work", [works.loop, works.c_loop])
def test_a_loop_ends_when_it_is_stopped(work):
    stop = threading.Event()
    result = processes.call(work, stop=stop, on_message=lambda message: stop.set())
    assert result.ended == "stopped"
    assert processes.call(works.same, 1, stop=stop).ended == "stopped"


def test_enough_is_enough():
    told = []
    result = processes.call(works.loop, on_message=lambda message: told.append(message) is None)
    assert (result.ended, told) == ("stopped", ["looping"])


def test_an_error_of_the_listener_is_the_callers():
    def give_up(message):
        raise LookupError(message)

    with pytest.raises(LookupError, match="looping"):
        processes.call(works.loop, on_message=give_up)
    assert worker_pool._idle == []


@pytest.mark.skipif(sys.platform != "linux", reason="resident memory is read as Linux tells it")
@pytest.mark.parametrize(
    ("work", "arguments"),
    [(works.allocate, (5 * GIGABYTE,)), (works.grow, ()), (works.started_grows, ()), (works.nested_grows, ())],
)
def test_memory_is_limited(work, arguments):
    limit = GIGABYTE if work is works.allocate else GIGABYTE // 4
    result = processes.call(work, *arguments, memory_bytes=limit)
    assert result.ended == "memory"
    assert result.reason == f"used more than {memory.format_size(limit)} of memory"
    assert processes.call(works.same, 1, memory_bytes=limit).value == 1


@pytest.mark.skipif(shutil.which("ps") is None, reason="there is no ps")
def test_without_proc_memory_is_what_ps_tells(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(memory, "_PROC", Path("/nowhere"))
    for work in (works.grow, works.started_grows):
        assert processes.call(work, memory_bytes=GIGABYTE // 4).ended == "memory"
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(InputError, match="memory: cannot be limited on this system"):
        processes.call(works.same, 1, memory_bytes=GIGABYTE)
    assert processes.call(works.same, 1).value == 1


@pytest.mark.skipif(sys.platform != "linux", reason="resident memory is read as Linux tells it")
def test_the_peak_is_that_of_the_task():
    assert processes.call(works.allocate, GIGABYTE // 5).peak_bytes > GIGABYTE // 5
    assert processes.call(works.same, 1).peak_bytes < GIGABYTE // 5


def test_huge_messages():
    told = []
    result = processes.call(works.big, 50_000_000, on_message=lambda message: told.append(len(message)))
    assert (told, len(result.value)) == ([50_000_000], 50_000_000)
    assert len(processes.call(works.same, b"a" * 50_000_000).value) == 50_000_000


def test_messages_from_threads_come_whole_and_in_order():
    told = []
    assert processes.call(works.many, 4, 200, on_message=told.append).ended == "returned"
    for thread in range(4):
        assert [count for of, count, text in told if of == thread and text == "x" * 1000] == list(range(200))


def test_calls_from_two_threads_at_a_time():
    found = {}

    def work(name):
        for count in range(20):
            told = []
            found[name, count] = processes.call(works.many, 1, 3, on_message=told.append).ended, len(told)

    threads = [threading.Thread(target=work, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(found.values()) == [("returned", 3)] * 40


def test_limits_hold_in_another_thread():
    found = []
    before = threading.enumerate()
    thread = threading.Thread(target=lambda: found.append(processes.call(works.c_loop, time_limit=0.1)))
    thread.start()
    thread.join()
    assert found[0].ended == "time-limit"
    assert threading.enumerate() == before, "nothing of it is left"


def test_what_is_printed_there_is_not_printed_here(capfd: pytest.CaptureFixture[str]):
    result = processes.call(works.talks)
    assert capfd.readouterr() == ("", "")
    assert sorted(result.printed.splitlines()) == ["by C", "by print", "by the system"]
    assert processes.call(works.same, 1).printed == ""


def test_of_much_printing_the_end_is_kept(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(worker, "MOST_PRINTED_BYTES", 2_000_000)
    sizes = []
    rewind = worker.Worker._rewind
    monkeypatch.setattr(
        worker.Worker, "_rewind", lambda self: (sizes.append(os.fstat(self._printed.fileno()).st_size), rewind(self))
    )
    result = processes.call(works.chatters, time_limit=0.5)
    assert len(sizes) > 1
    assert len(result.printed) <= worker.OUTPUT_END_BYTES


def test_a_process_that_cannot_start(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(worker, "_START", "raise ImportError('no numpy here')")
    with pytest.raises(InputError, match=r"a worker process does not start, .*no numpy here"):
        processes.call(works.same, 1)
    monkeypatch.setattr(worker, "_START", "import time; time.sleep(60)")
    monkeypatch.setattr(task_call, "START_S", 0.2)
    with pytest.raises(InputError, match=r"a worker process does not start within 0\.2 s"):
        processes.call(works.same, 1)
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(InputError, match=r"a worker process does not start: .*/nowhere/python"):
        processes.call(works.same, 1)


PARENT = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from partload.solvers import processes
from tests.support import works
from tests.support.works import lives, wait_until
"""


@pytest.mark.parametrize("work", ["works.c_loop", "works.starts_another", "works.nested"])
def test_what_works_ends_when_the_parent_is_killed(work: str, tmp_path: Path):
    mark = tmp_path / "mark"
    code = f"{PARENT}processes.call({work}, {str(mark)!r})"
    parent = subprocess.Popen([sys.executable, "-c", code])
    try:
        number = number_in(mark)
        assert lives(number)
    finally:
        parent.kill()
        parent.wait()
    wait_until(lambda: not lives(number))


def test_without_help_of_the_kernel_a_child_sees_that_its_parent_is_gone(tmp_path: Path):
    mark = tmp_path / "mark"
    code = f"{PARENT}from partload.solvers.processes import worker\nworker._open_parent_pipe = lambda: (None, None)\n"
    code += f"processes.call(works.starts_another, {str(mark)!r})"
    parent = subprocess.Popen([sys.executable, "-c", code])
    try:
        number = number_in(mark)
    finally:
        parent.kill()
        parent.wait()
    wait_until(lambda: not lives(number))


def test_ctrl_c_ends_the_child_and_is_heard(tmp_path: Path):
    mark = tmp_path / "mark"
    code = f"""{PARENT}
try:
    processes.call(works.c_loop, {str(mark)!r})
except KeyboardInterrupt:
    print("heard")
"""
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    number = number_in(mark)
    parent.send_signal(signal.SIGINT)
    assert parent.communicate(timeout=60) == ("heard\n", "")
    assert not lives(number)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing is forked here")
def test_after_a_fork_each_process_has_children_of_its_own():
    mine = processes.call(works.number).value[0]
    code = os.fork()
    if code == 0:
        other, parent = processes.call(works.number).value
        os._exit(0 if other != mine and parent == os.getpid() else 1)
    assert os.waitpid(code, 0)[1] == 0
    assert processes.call(works.number).value[0] == mine


@pytest.mark.parametrize(
    ("size_bytes", "text"),
    [(10**9, "1 GB"), (1_500_000_000, "1.5 GB"), (5 * 10**8, "500 MB"), (2e3, "2 kB"), (9, "9 B")],
)
def test_sizes_are_said_in_words(size_bytes: float, text: str):
    assert memory.format_size(size_bytes) == text


@pytest.mark.parametrize(
    ("size", "number"),
    [("4GB", 4 * 10**9), ("500 mb", 5 * 10**8), ("1.5GiB", 3 * 2**29), ("2e3kB", 2 * 10**6), (1e9, 10**9), (7, 7)],
)
def test_sizes_are_read(size: str | float, number: int):
    assert memory.parse_size(size) == number


@pytest.mark.parametrize("size", ["", "much", "-1GB", "0", "1 XB", "GB", "nan", "1e99", -5, math.inf])
def test_what_is_no_size_is_refused(size: str | float):
    with pytest.raises(InputError, match=r"^memory: expected a size such as 4GB or 500MB, got "):
        memory.parse_size(size)


def test_work_that_calls_itself_comes_to_an_end():
    assert "expected no more than 5 processes inside of each other" in str(processes.call(works.calls_itself).value)
