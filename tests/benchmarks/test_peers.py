"""Peers: what they are given is never shorter than the clock's times, and contradictions raise the alarm."""

import itertools
import json
from fractions import Fraction
from random import Random

import pytest

from partload.benchmarks.peers import __main__ as command
from partload.benchmarks.peers import process, table
from partload.benchmarks.peers.comparison import judged, row
from partload.benchmarks.peers.environments import OWN, PEERS, python_of
from partload.benchmarks.peers.task import TICKS, Answer, end_in_ticks, plan_of, task_of, ticks
from partload.instances.errors import InputError
from partload.instances.partial_loading import clock
from partload.instances.partial_loading.checker import check_plan
from partload.instances.partial_loading.generators import generate

SMALL = {"models": 5, "requests": 12}


def small(seed=0, **options):
    return generate("general", **(SMALL | options), seed=seed)


@pytest.fixture
def task(tmp_path):
    return task_of(small(), tmp_path / "unused.json", 10.0)


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """The answer of ``sequence``, in a process, as the command has it."""
    folder = tmp_path_factory.mktemp("peers")
    task = command.prepared(*SMALL.values(), 0, folder, 10.0)[1]
    return process.run(python_of(OWN), OWN.file, task, task)


def random_answer(task, random):
    """Some models in some order, each with the first of its requests."""
    order = random.sample(range(len(task["models"])), random.randint(1, len(task["models"])))
    slots = [(task["models"][i], task["requests"][i][: random.randint(1, len(task["requests"][i]))]) for i in order]
    return Answer(slots=slots, bound=None, seconds=1.0, cpu_seconds=1.0, status="time-limit")


@pytest.mark.parametrize("seed", range(10))
def test_times_in_ticks_are_the_clock_rounded_up(seed, tmp_path):
    instance, random = small(seed, load_latency=0.01), Random(seed)
    task = task_of(instance, tmp_path / "unused.json", 10.0)
    tick = instance.requests[0].deadline_s / TICKS
    for _ in range(20):
        plan = plan_of(random_answer(task, random))
        end = end_in_ticks(task, plan)
        exact = clock.run(instance, plan).end_s[-1] / tick
        assert exact * (1 - 1e-12) <= end <= exact + 2 * len(plan)
        if end <= task["deadline"]:
            assert check_plan(instance, plan).feasible


def test_requests_are_those_of_the_model_and_the_least_uploads_come_first(task):
    instance = small()
    assert sorted(itertools.chain(*task["requests"])) == sorted(request.id for request in instance.requests)
    asked = {request.id: request for request in instance.requests}
    for model, requests in zip(task["models"], task["requests"]):
        loads = [asked[k].input_bits / asked[k].channel.spectral_efficiency_bps_per_hz for k in requests]
        assert loads == sorted(loads)
        assert {asked[k].model for k in requests} == {model}


def test_a_task_and_an_answer_survive_json(task):
    answer = random_answer(task, Random(1))
    assert json.loads(json.dumps(task)) == task
    assert plan_of(json.loads(json.dumps(answer))) == plan_of(answer)


@pytest.mark.parametrize("time", [0.0, 0.1, 1 / 3, 1e-300])
def test_ticks_round_up_and_by_less_than_one(time):
    (whole,) = ticks([time], 0.7)
    exact = Fraction(time) * TICKS / Fraction(0.7)
    assert exact <= whole < exact + 1


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"max_batch": 2}, "limits on memory and batches"),
        ({"memory": 1.5}, "limits on memory and batches"),
        ({"weights": "random"}, "weights"),
    ],
)
def test_what_peers_do_not_cover_is_refused(options, expected, tmp_path):
    with pytest.raises(InputError, match=expected):
        task_of(small(**options), tmp_path / "unused.json", 10.0)


def test_the_same_answer_raises_no_alarm(task, own):
    served, alarms = judged(small(), task, own, own)
    assert own["status"] == "proved"
    assert served == own["bound"] > 1
    assert alarms == ()


@pytest.mark.parametrize(
    ("change", "alarm"),
    [
        (lambda own: {"bound": own["bound"] - 1, "status": "time-limit", "slots": []}, "feasible in ticks"),
        (lambda own: {"bound": own["bound"] + 1}, "claims a proof"),
        (lambda own: {"bound": own["bound"] - 1, "slots": own["slots"][:-1]}, "feasible in ticks"),
        (lambda own: {"slots": own["slots"] * 2}, "checker rejects"),
        (lambda own: {"status": "error: none"}, "ended with"),
    ],
)
def test_a_contradiction_raises_the_alarm(task, own, change, alarm):
    _, alarms = judged(small(), task, own, own | change(own))
    assert any(alarm in sentence for sentence in alarms)


def test_an_infeasible_plan_serves_nobody_and_raises_the_alarm(task, own):
    everything = [(model, requests) for model, requests in zip(task["models"], task["requests"])]
    served, alarms = judged(small(), task, own, own | {"slots": everything, "bound": 12.0})
    assert served is None
    assert "deadline" in alarms[0]


def test_a_plan_above_the_bound_of_sequence_raises_the_alarm(task, own):
    wrong = own | {"bound": own["bound"] - 1}
    assert any("sequence proves at most" in alarm for alarm in judged(small(), task, wrong, own)[1])


def test_a_plan_that_is_only_late_in_ticks_is_named_as_that(task, own):
    late = task | {"deadline": end_in_ticks(task, plan_of(own)) - 1}
    below = own | {"bound": own["bound"] - 1, "status": "time-limit", "slots": []}
    assert "too late in ticks" in judged(small(), late, own, below)[1][0]


def test_means_are_over_what_is_proved(task, own):
    peer = PEERS[0]
    instance = small().replace(name="larger")
    proved, limited = (
        row((peer.name, "1"), instance, 0, task, own, own | change)
        for change in ({"seconds": 4 * own["seconds"]}, {"status": "time-limit"})
    )
    assert proved.ratio == pytest.approx(4.0)
    assert limited.ratio is None
    assert table.mean([2.0, None, 8.0]) == "4"
    assert table.mean([None]) == "-"
    assert json.loads(table.line(proved))["alarms"] == []


def test_a_missing_environment_is_one_line_that_says_what_to_do(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert command.main(["--peers", "cp-sat", "--sizes", "4x8"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert "cp-sat: expected an environment with ortools==" in err
    assert "--install" in err
    assert list(tmp_path.iterdir()) == []


def test_an_environment_of_another_version_is_missing(tmp_path):
    (tmp_path / "cp-sat").mkdir()
    (tmp_path / "cp-sat" / "ready").write_text("ortools==1")
    with pytest.raises(InputError, match="--install"):
        python_of(PEERS[0], tmp_path)


@pytest.mark.parametrize(("option", "value"), [("--peers", "cplex"), ("--sizes", "12"), ("--sizes", "0x5")])
def test_a_wrong_option_is_one_line(option, value, capsys):
    assert command.main([option, value]) == 2
    assert option in capsys.readouterr().err


def test_a_peer_that_fails_says_so(tmp_path, task):
    broken = tmp_path / "broken.py"
    broken.write_text("def solve(task):\n    raise ValueError('no licence')\n")
    answer = process.run(python_of(OWN), broken, task, task)
    assert answer["status"] == "error: ValueError: no licence"
    assert answer["slots"] == []


def test_the_command_writes_rows_and_a_table_and_its_status_says_whether_there_was_an_alarm(tmp_path, monkeypatch):
    liar = tmp_path / "liar.py"
    liar.write_text(
        "def solve(task):\n"
        "    return {'slots': [], 'bound': 0.0, 'seconds': 1.0, 'cpu_seconds': 1.0, 'status': 'proved'}\n"
    )
    own_file = OWN.file
    monkeypatch.setattr(command, "python_of", lambda peer: python_of(OWN))
    monkeypatch.setattr(type(PEERS[0]), "file", property(lambda peer: own_file if peer.name == "sequence" else liar))
    asked = [
        "--sizes",
        "4x8",
        "--seeds",
        "1",
        "--time-limit",
        "10",
        "--peers",
        "cp-sat",
        "--out",
        str(tmp_path / "out"),
    ]
    assert command.main(asked) == 1
    own, lied = map(json.loads, (tmp_path / "out" / "rows.jsonl").read_text().splitlines())
    assert (own["peer"], own["status"], own["alarms"]) == ("sequence", "proved", [])
    assert "feasible in ticks" in lied["alarms"][0]
    assert "cp-sat" in (tmp_path / "out" / "table.txt").read_text()
