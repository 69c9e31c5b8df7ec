"""How far a search or a study is, in a notebook, on a terminal, and to a function of the caller's."""

from __future__ import annotations

import io
import sys
import threading
import types

import pytest

import partload
from partload import progress
from partload.benchmarks.gap.progress import StudyProgress
from partload.benchmarks.gap.rows import RunKey
from partload.instances import showing
from partload.solvers.progress import Progress

RUN = RunKey(instance="<one>", instance_sha256="", method="milp")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Kernel:
    """IPython in a notebook, as far as it is used: each output, and what has been shown in it."""

    def __init__(self, *, kernel: bool = True) -> None:
        self.outputs: list[list[str]] = []
        shell = types.SimpleNamespace(kernel=None) if kernel else types.SimpleNamespace()
        self.package = types.ModuleType("IPython")
        self.package.get_ipython = lambda: shell
        self.display_module = types.ModuleType("IPython.display")
        self.display_module.HTML = str
        self.display_module.display = self._display

    def _display(self, content: str, *, display_id: bool) -> types.SimpleNamespace:
        assert display_id
        output = [content]
        self.outputs.append(output)
        return types.SimpleNamespace(update=output.append)


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> Kernel:
    made = Kernel()
    monkeypatch.setitem(sys.modules, "IPython", made.package)
    monkeypatch.setitem(sys.modules, "IPython.display", made.display_module)
    return made


def test_a_line_on_a_terminal_shows_each_report_and_disappears(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    threads = threading.active_count()
    with progress.display("search") as report:
        assert report is not None
        report(Progress(3.2, 17.0, 20.0))
        report(Progress(4.2, None, None))
        assert threading.active_count() == threads, "no thread runs beside the solvers"
    written = terminal.getvalue()
    assert "3 s   incumbent 17   bound 20   gap 15.00%" in written
    assert "4 s   incumbent -   bound -   gap -" in written
    assert written.rpartition("gap -")[2].count("\x1b[2K") >= 1, "the line is erased at the end"


def test_a_bar_on_a_terminal_shows_a_study(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    with progress.display("study") as report:
        assert report is not None
        report(StudyProgress(1, 9, (RUN,), 65.0))
    assert "1/9" in terminal.getvalue()


@pytest.mark.parametrize("kind", ["search", "study"])
def test_nothing_is_shown_without_terminal_and_notebook(kind, capsys: pytest.CaptureFixture[str], monkeypatch):
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    with progress.display(kind) as report:
        assert report is None
    assert capsys.readouterr() == ("", "")


def test_a_notebook_has_one_output_that_each_report_replaces(kernel: Kernel):
    with progress.display("search") as report:
        assert kernel.outputs == [], "a search that ends at once leaves no empty output"
        report(Progress(3.2, 17.0, 20.0))
        report(Progress(4.2, 18.0, 20.0))
    (shown,) = kernel.outputs
    assert [("incumbent 17" in shown[0]), ("incumbent 18" in shown[1]), shown[2]] == [True, True, ""]
    with progress.display("study") as report:
        report(StudyProgress(1, 9, (RUN,), 65.0))
    assert '<progress value="1" max="9">' in kernel.outputs[1][0]
    assert "1 min 05 s left  milp on &lt;one&gt;" in kernel.outputs[1][0]


def test_the_output_is_emptied_after_an_error_too(kernel: Kernel):
    def interrupted() -> None:
        with progress.display("search") as report:
            report(Progress(1.0, 1.0, 2.0))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert kernel.outputs[0][-1] == ""


def test_ipython_in_a_terminal_is_no_notebook(monkeypatch: pytest.MonkeyPatch):
    made = Kernel(kernel=False)
    monkeypatch.setitem(sys.modules, "IPython", made.package)
    assert not progress.in_notebook()


def test_solve_and_gap_show_themselves_in_a_notebook(kernel: Kernel):
    partload.solve("general-9x30", "local-search", time_limit=1.2, seed=1, progress=True)
    partload.gap(["three-models"], ["exact"], progress=True)
    search, study = kernel.outputs
    assert "incumbent" in search[0]
    assert "1/1" in "".join(study)
    assert search[-1] == study[-1] == ""


def test_a_function_is_called_as_it_is():
    heard: list[object] = []
    partload.gap(["three-models"], ["exact"], progress=heard.append)
    assert isinstance(heard[-1], StudyProgress)
    assert partload.solve("three-models", progress=False).status == "optimal"


@pytest.mark.parametrize("wrong", [3, "yes", [print]])
def test_what_cannot_be_called_is_refused(wrong):
    wanted = "progress: expected True, or a function that takes a state of progress, got a value of type "
    for call in (partload.solve, partload.gap):
        with pytest.raises(partload.InputError) as caught:
            call("three-models", progress=wrong)
        assert str(caught.value) == wanted + type(wrong).__name__


def test_without_a_front_door_nothing_is_shown(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(showing, "_doors", [])
    assert partload.read("three-models")._repr_html_() is None
    assert partload.solve("three-models", progress=True).status == "optimal"


def test_progress_is_said_in_words():
    one = RunKey(instance="one", instance_sha256="", method="milp")
    assert progress.study_text(StudyProgress(1, 9, (one, one), 3725.0)) == "1 h 02 min left  milp on one"
    assert progress.study_text(StudyProgress(0, 9, (), None)) == ""
    assert [progress.duration(seconds) for seconds in (0.2, 59.6, 60, 3599.7)] == [
        "0 s",
        "1 min 00 s",
        "1 min 00 s",
        "1 h 00 min",
    ]
