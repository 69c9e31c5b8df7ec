"""The method ``sequence`` against the brute force, an oracle over orders of models, and its own proofs one by one."""

import dataclasses
import itertools
import math
import time
from random import Random

import numpy as np
import pytest

from partload import solvers
from partload.instances import library
from partload.instances.channels import FlatChannel
from partload.instances.errors import InputError
from partload.instances.partial_loading.checker import check_plan, objective
from partload.instances.partial_loading.generators import generate
from partload.instances.partial_loading.instance import Block, Instance, Model, Request, Server
from partload.solvers.exact.task import News
from partload.solvers.methods import method as registered
from partload.solvers.partial_loading import tree_search
from partload.solvers.partial_loading.dynamic.knapsack_programme import LATEST_END
from partload.solvers.partial_loading.sequence import blossoms, bounds, branching, method, task
from partload.solvers.partial_loading.sequence.bounds import Demand, Prices, bound
from partload.solvers.partial_loading.sequence.branch_and_cut import BranchAndCut
from partload.solvers.partial_loading.sequence.filling import Filler
from partload.solvers.partial_loading.sequence.incumbent import Incumbent, rounded
from partload.solvers.partial_loading.sequence.legs import legs
from partload.solvers.partial_loading.sequence.network import most_legs, network
from partload.solvers.partial_loading.sequence.orders import Orders
from partload.solvers.partial_loading.sequence.rows import pair_row, subtour_cut
from partload.solvers.partial_loading.sequence.separation import violated
from partload.solvers.processes import worker_pool
from partload.solvers.registry import Limits
from tests.support.agreement import Way, comparison
from tests.support.model_orders import most_served, random_general, tiny_general

FEW = [range(start, start + 50) for start in range(0, 100, 50)]
MANY = [range(start, start + 100) for start in range(100, 2300, 100)]


def wrong(seeds: range) -> list[str]:
    return [problem for seed in seeds for problem in comparison(tiny_general(seed), (Way("sequence"),)).problems]


@pytest.mark.parametrize("seeds", FEW, ids=str)
def test_the_optimum_is_found_and_proved(seeds):
    assert wrong(seeds) == []


@pytest.mark.long
@pytest.mark.parametrize("seeds", MANY, ids=str)
def test_the_optimum_is_found_and_proved_by_the_thousand(seeds):
    assert wrong(seeds) == []


def weighted(instance: Instance, seed: int) -> Instance:
    """The instance with weights that are small integers, halves or tenths."""
    random = Random(f"weighted {seed}")
    most, parts = random.choice((3, 10)), random.choice((1, 1, 2, 10))
    asked = (dataclasses.replace(request, weight=random.randint(1, most) / parts) for request in instance.requests)
    return instance.replace(requests=tuple(asked))


@pytest.mark.parametrize("seeds", FEW, ids=str)
def test_the_greatest_weight_is_found_and_proved(seeds):
    made = [weighted(tiny_general(seed), seed) for seed in seeds]
    assert [problem for instance in made for problem in comparison(instance, (Way("sequence"),)).problems] == []


@pytest.mark.long
@pytest.mark.parametrize("seeds", MANY, ids=str)
def test_the_greatest_weight_is_found_and_proved_by_the_thousand(seeds):
    made = [weighted(tiny_general(seed), seed) for seed in seeds]
    assert [problem for instance in made for problem in comparison(instance, (Way("sequence"),)).problems] == []


def proved(instance: Instance) -> BranchAndCut:
    """A search in this process, to the end."""
    tree = BranchAndCut(instance, lambda: None, lambda served, bound: served >= bound)
    tree.run()
    return tree


def assert_most_is_served(seeds: range) -> None:
    for seed in seeds:
        instance = random_general(seed, models=6 + seed % 2, requests=20 + seed % 15)
        tree = proved(instance)
        assert (tree.incumbent.served, tree.bound, tree.contradiction) == ((most_served(instance),) * 2 + (None,)), seed
        assert check_plan(instance, tree.incumbent.plan).feasible


@pytest.mark.parametrize("seeds", [range(start, start + 25) for start in range(0, 50, 25)], ids=str)
def test_no_order_of_models_serves_more(seeds):
    assert_most_is_served(seeds)


@pytest.mark.long
@pytest.mark.parametrize("seeds", [range(start, start + 50) for start in range(50, 2000, 50)], ids=str)
def test_no_order_of_models_serves_more_by_the_thousand(seeds):
    assert_most_is_served(seeds)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("integer", [False, True])
def test_the_slot_milp_has_the_same_optimum(seed, integer):
    instance = generate("general", models=5, requests=12, seed=seed, integer=integer)
    milp = solvers.solve(instance, "milp")
    assert milp.status == "optimal"
    assert solvers.solve(instance, "sequence").objective == milp.objective


@pytest.mark.parametrize("seed", range(5))
def test_the_slot_milp_has_the_same_greatest_weight(seed):
    instance = weighted(generate("general", models=5, requests=12, seed=seed), seed)
    assert solvers.solve(instance, "sequence").objective == pytest.approx(solvers.solve(instance, "milp").objective)


@pytest.mark.parametrize("family", ["backbone", "nested"])
@pytest.mark.parametrize("seed", range(5))
def test_the_dynamic_programme_has_the_same_optimum(family, seed):
    instance = generate(family, models=20, requests=150, seed=seed)
    exact = solvers.solve(instance, "sequence")
    assert (exact.status, exact.objective) == ("optimal", solvers.solve(instance, "dynamic").objective)


@pytest.mark.parametrize(("models", "requests"), [(20, 100), (32, 200), (60, 1000)])
@pytest.mark.parametrize("options", [{}, {"max_batch": 4, "memory": 1.1, "load_latency": 0.02}], ids=["", "limited"])
def test_what_the_slot_milp_gives_up_on_is_proved(models, requests, options):
    instance = generate("general", models=models, requests=requests, seed=1, **options)
    tree = proved(instance)
    assert tree.incumbent.served == tree.bound > 0
    assert tree.bound <= solvers.upper_bound(instance)


def test_weights_are_proved_at_scale():
    instance = weighted(generate("general", models=32, requests=200, seed=1), 0)
    tree = proved(instance)
    assert tree.incumbent.served == tree.bound > 200
    assert objective(instance, tree.incumbent.plan) == pytest.approx(tree.unit * tree.bound)


# Proofs, one by one.


def random_prices(instance_network, rows, random) -> Prices:
    nodes = instance_network.nodes
    sign = [random.uniform(-2, 2) if row.lower > -math.inf else random.uniform(0, 2) for row in rows]
    return Prices(
        time=random.uniform(0, 60),
        follow=random.uniform(0, 2, nodes) * (random.random(nodes) < 0.3),
        start=random.uniform(0, 2),
        rows=np.array(sign),
    )


@pytest.mark.parametrize("seed", range(40))
def test_every_price_gives_a_bound(seed):
    """Weak duality: random prices of random cuts and pairs, and demands that the best plan meets."""
    random = np.random.default_rng(seed)
    instance = random_general(seed, models=5, requests=15)
    best = proved(instance)
    whole = network(instance)
    order = visited(best)
    free = [pair for pair in itertools.combinations(range(whole.nodes), 2) if set(pair) - set(order)]
    rows = [subtour_cut(whole, *some_set(random, whole.nodes)) for _ in range(6)]
    rows += [dataclasses.replace(pair_row(whole, *pair), upper=0.0) for pair in free[:2]]
    rows += [pair_row(whole, one, other) for one, other in itertools.pairwise(order)]
    for _ in range(20):
        least = np.zeros(whole.nodes, np.int64)
        least[[node for node in order if random.random() < 0.5]] = 1
        demand = Demand(least, int(random.integers(len(order) + 1)), int(random.integers(len(order), whole.nodes + 1)))
        found = bound(whole, legs(whole), random_prices(whole, rows, random), rows, demand)
        assert found.value >= best.incumbent.served


def some_set(random, nodes: int) -> tuple[np.ndarray, int]:
    inside = random.random(nodes) < 0.6
    node = int(random.integers(nodes))
    inside[node] = True
    return inside, node


def visited(tree: BranchAndCut) -> list[int]:
    """Nodes of the best plan in their order."""
    models = [name for name, _ in itertools.groupby(slot.model for slot in tree.incumbent.plan)]
    return [tree.incumbent.network.models.index(name) for name in models]


@pytest.mark.parametrize("seed", range(40))
def test_legs_that_are_left_out_are_in_no_better_plan(seed):
    random = np.random.default_rng(seed)
    instance = random_general(seed, models=5, requests=15)
    whole = network(instance)
    columns = legs(whole)
    best = proved(instance)
    filler = Filler(instance, whole)
    demand = Demand(np.zeros(whole.nodes, np.int64), 0, whole.nodes)
    order = visited(best)
    counts = [sum(len(s.requests) for s in best.incumbent.plan if s.model == whole.models[node]) for node in order]
    used = set(zip(filler.arcs(order), counts))
    rows = [subtour_cut(whole, *some_set(random, whole.nodes)) for _ in range(6)]
    for _ in range(20):
        found = bound(whole, columns, random_prices(whole, rows, random), rows, demand)
        for arc, count, loss in zip(columns.arc.tolist(), columns.count.tolist(), found.loss.tolist()):
            if (arc, count) in used:
                assert found.value - loss >= best.incumbent.served


def test_a_demand_that_no_plan_meets_has_no_bound():
    whole = network(random_general(1, models=4, requests=12))
    nodes = whole.nodes
    prices = Prices(10.0, np.zeros(nodes), 0.0, np.zeros(0))
    for demand in (Demand(np.ones(nodes, np.int64), 0, nodes - 1), Demand(np.zeros(nodes, np.int64), nodes + 1, nodes)):
        assert bound(whole, legs(whole), prices, [], demand).value == -math.inf


@pytest.mark.parametrize("seed", range(20))
def test_no_order_violates_a_cut_and_circles_do(seed):
    random = np.random.default_rng(seed)
    whole = network(random_general(seed, models=7))
    filler = Filler(random_general(seed, models=7), whole)
    for _ in range(30):
        order = random.permutation(whole.nodes)[: int(random.integers(whole.nodes + 1))].tolist()
        use = np.zeros(len(whole.tail))
        use[filler.arcs(order)] = 1.0
        assert violated(whole, use) == []
        for inside, node in (some_set(random, whole.nodes) for _ in range(10)):
            assert subtour_cut(whole, inside, node).coefficient @ use <= 0
        assert filler.arcs(rounded(whole, use)) == filler.arcs(order) or sorted(rounded(whole, use)) == sorted(order)


@pytest.mark.parametrize("seed", range(20))
def test_no_order_violates_a_blossom_inequality(seed):
    """Those of random sets of models, with the teeth that random uses of arcs make the most violated."""
    random = np.random.default_rng(seed)
    instance = random_general(seed, models=7)
    whole = network(instance)
    filler = Filler(instance, whole)
    between = np.flatnonzero(whole.tail < whole.nodes)
    pairs = {tuple(sorted((int(whole.tail[a]), int(whole.head[a])))): float(random.random()) for a in between}
    rows = []
    for _ in range(30):
        inside, _ = some_set(random, whole.nodes)
        handle = frozenset(np.flatnonzero(inside).tolist())
        teeth = blossoms._teeth(handle, pairs)
        rows += [blossoms._row(whole, handle, teeth)] if teeth else []
    assert rows
    for _ in range(100):
        use = np.zeros(len(whole.tail))
        use[filler.arcs(random.permutation(whole.nodes)[: int(random.integers(whole.nodes + 1))].tolist())] = 1.0
        assert all(row.coefficient @ use <= row.upper for row in rows)


def test_a_part_with_one_plan_is_settled():
    """One that is better is kept; a circle and one that is late are no plans."""
    whole = network(triangle())
    arcs = {(int(tail), int(head)): arc for arc, (tail, head) in enumerate(zip(whole.tail, whole.head))}
    counts = np.array([2, 2, 1])
    for steps, due_s, served in (
        (((whole.hub, 0), (0, 1), (1, 2)), 9.0, 5),
        (((2, 0), (0, 1), (1, 2)), 9.0, 0),
        (((whole.hub, 0), (0, 1), (1, 2)), 3.0, 0),
    ):
        tight = triangle()
        tight = tight.replace(requests=tuple(dataclasses.replace(r, deadline_s=due_s) for r in tight.requests))
        incumbent = Incumbent(tight, network(tight), legs(network(tight)), 0, lambda: None)
        assert incumbent.settle(network(tight), np.array([arcs[step] for step in steps]), counts)
        assert incumbent.served == served


def test_an_odd_set_of_open_pairs_is_cut_off():
    """Three models whose pairs are each half open, and a sure neighbour for each: a blossom with three teeth."""
    names = [f"h{n}" for n in range(3)] + [f"t{n}" for n in range(3)]
    made = {"ab": (0, 1), "bc": (1, 2), "ca": (2, 0), "t0": (0, 3), "t1": (1, 4), "t2": (2, 5)}
    own = {n: tuple(block for block, ends in made.items() if n in ends) for n in range(6)}
    models = tuple(Model(name, own[n], 0.1, 0.1) for n, name in enumerate(names))
    asked = tuple(Request(f"r{k}", names[k % 6], 0.0, FlatChannel(1.0), 9.0) for k in range(12))
    instance = Instance("blossom", Server(1.0, 1.0), tuple(Block(name, 1.0) for name in made), models, asked)
    whole = network(instance)
    arcs = {(int(tail), int(head)): arc for arc, (tail, head) in enumerate(zip(whole.tail, whole.head))}
    use = np.zeros(len(arcs))
    for one, other in ((0, 1), (1, 2), (2, 0)):
        use[[arcs[one, other], arcs[other, one]]] = 0.25
    for one, other in ((0, 3), (1, 4), (2, 5)):
        use[[arcs[one, other], arcs[other, one], arcs[whole.hub, other]]] = 0.5
    cuts = blossoms.violated(whole, use)
    assert cuts
    assert all(cut.coefficient @ use > cut.upper for cut in cuts)


def test_a_circle_is_cut_off():
    whole = network(triangle())
    use = np.zeros(len(whole.tail))
    between = [arc for arc in range(len(use)) if whole.tail[arc] < 3]
    for one, other in ((0, 1), (1, 2), (2, 0)):
        use[next(arc for arc in between if (whole.tail[arc], whole.head[arc]) == (one, other))] = 0.5
    use[next(arc for arc in range(len(use)) if (whole.tail[arc], whole.head[arc]) == (whole.hub, 0))] = 0.2
    cuts = violated(whole, use)
    assert cuts
    assert all(cut.coefficient @ use > cut.upper for cut in cuts)


def triangle() -> Instance:
    """Three models, any two of which share a block."""
    blocks = tuple(Block(name, 1.0) for name in "abc")
    models = tuple(Model(f"m{n}", pair, 0.1, 0.1) for n, pair in enumerate((("a", "b"), ("b", "c"), ("c", "a"))))
    requests = tuple(Request(f"r{k}", f"m{k % 3}", 1.0, FlatChannel(10.0), 9.0) for k in range(6))
    return Instance("triangle", Server(1.0, 1.0), blocks, models, requests)


@pytest.mark.parametrize("seed", range(30))
def test_each_plan_of_a_part_is_in_one_of_its_children(seed):
    random = np.random.default_rng(seed)
    instance = random_general(seed, models=5, requests=15)
    whole, columns = network(instance), legs(network(instance))
    filler = Filler(instance, whole)
    sizes = whole.sizes
    for _ in range(20):
        order = random.permutation(whole.nodes)[: int(random.integers(1, whole.nodes + 1))].tolist()
        plan = order, {node: int(random.integers(1, sizes[node] + 1)) for node in order}, filler.arcs(order)
        subproblem, rows = branching.whole(whole), {}
        while True:
            children = random_children(random, whole, columns, subproblem, rows)
            if children is None:
                break
            inside = [child for child in children if is_in(plan, child, rows)]
            assert len(inside) >= 1
            subproblem = inside[0]
        assert sorted(np.flatnonzero(subproblem.allowed)) == sorted(plan[2])
        assert [subproblem.low[node] for node in order] == [subproblem.high[node] for node in order]


def random_children(random, whole, columns, subproblem, rows):
    """Children by a random choice of how to divide, if it applies."""
    use = np.where(subproblem.allowed, random.choice([0.0, 0.3, 1.0], len(whole.tail)), 0.0)
    pair = branching.fractional_pair(whole, use, [pair for number, pair in rows.items() if number in subproblem.pairs])
    arc = branching.fractional_arc(whole, subproblem, use)
    which = int(random.integers(4))
    if which == 0:
        seen = np.minimum(np.bincount(whole.head, weights=use, minlength=whole.nodes), 1.0)
        children = branching.by_visits(whole, subproblem, seen)
        if children:
            return children
    if which == 1 and pair is not None:
        number = len(rows)
        rows[number] = pair
        return branching.by_pair(whole, subproblem, pair, number)
    if which == 2 and arc is not None and subproblem.allowed[arc]:
        return branching.by_arc(whole, subproblem, arc)
    if which == 3:
        allowed = subproblem.legs(whole, columns)
        children = branching.by_mixed_count(
            whole, subproblem, columns, np.where(allowed, random.random(len(columns)), 0.0)
        )
        if children:
            return children
    return branching.by_anything(whole, subproblem, use)


def is_in(plan, subproblem, rows) -> bool:
    order, counts, arcs = plan
    steps = {frozenset(pair) for pair in itertools.pairwise(order)}
    return (
        bool(subproblem.allowed[arcs].all())
        and subproblem.demand.fewest <= len(order) <= subproblem.demand.most
        and {node for node, least in enumerate(subproblem.demand.least) if least} <= set(order)
        and all(subproblem.low[node] <= counts[node] <= subproblem.high[node] for node in order)
        and all(frozenset(rows[number]) in steps for number in subproblem.pairs)
    )


# Plans.


@pytest.mark.parametrize("seed", range(20))
def test_moves_gain_what_they_say(seed):
    random = np.random.default_rng(seed)
    whole = network(random_general(seed, models=8, requests=40))
    orders = Orders(whole, legs(whole), [0.0, 10.0, 20.0, 40.0])
    for _ in range(20):
        order = random.permutation(whole.nodes)[: int(random.integers(whole.nodes + 1))]
        for move in orders.moves():
            gain, changed = move(order)
            assert len(set(changed.tolist())) == len(changed)
            assert orders.value(changed) - orders.value(order) == pytest.approx(gain, abs=1e-9)
        assert orders.value(orders.improved(order)) >= orders.value(order)


@pytest.mark.parametrize("seed", range(30))
def test_filling_is_the_best_that_an_order_allows(seed):
    """Without limits on batches, against every choice of counts of three models."""
    instance = random_general(seed, models=3, requests=12)
    instance = instance.replace(
        memory_bytes=None, models=tuple(dataclasses.replace(model, max_batch=None) for model in instance.models)
    )
    whole = network(instance)
    filler = Filler(instance, whole)
    order, counts = filler.filled(range(whole.nodes))
    times = [filler.times(arc) for arc in filler.arcs(order)]
    best = max(
        (
            sum(chosen)
            for chosen in itertools.product(*(range(1, len(time) + 1) for time in times))
            if math.fsum(time[count - 1] for time, count in zip(times, chosen)) <= LATEST_END
        ),
        default=0,
    )
    assert sum(counts) == best


# Edges.


def one_model(due_s: float = 10.0, requests: int = 3, bits: float = 1.0, size: float = 1.0) -> Instance:
    asked = tuple(Request(f"r{k}", "m", bits, FlatChannel(1.0), due_s) for k in range(requests))
    return Instance("one", Server(1.0, 1.0), (Block("b", size),), (Model("m", ("b",), 1.0, 1.0),), asked)


@pytest.mark.parametrize(
    ("instance", "served"),
    [
        (one_model(requests=0), 0),
        (one_model(due_s=1e-300), 0),
        (one_model(due_s=2.0), 0),
        (one_model(due_s=3.0), 1),
        (one_model(due_s=1e300), 3),
        (one_model(bits=1e300), 0),
        (one_model(bits=0.0, size=0.0, due_s=4.0), 3),
        (one_model(size=1e300), 0),
        (one_model(bits=1e-300, size=1e-300, due_s=4.0), 3),
    ],
)
def test_edges(instance, served):
    solution = solvers.solve(instance, "sequence")
    assert (solution.objective, solution.bound, solution.termination) == (served, served, "proved")


@pytest.mark.parametrize(
    ("option", "lacking"),
    [
        ({"residency": "cached"}, "residency 'cached'"),
        ({"visits": "any"}, "visits 'any'"),
        ({"uplink": "pipelined"}, "uplink 'pipelined'"),
    ],
)
def test_what_it_has_no_rules_for_is_refused(option, lacking):
    with pytest.raises(InputError, match=f"'sequence' does not cover {lacking}"):
        solvers.solve(one_model().replace(**option), "sequence")


def test_deadlines_of_their_own_are_refused():
    first, *rest = one_model().requests
    changed = one_model().replace(requests=(dataclasses.replace(first, deadline_s=5.0), *rest))
    with pytest.raises(InputError, match="'sequence' does not cover deadlines 'different'"):
        solvers.solve(changed, "sequence")


def test_weights_without_a_grid_are_refused():
    first, *rest = one_model().requests
    changed = one_model().replace(requests=(dataclasses.replace(first, weight=math.pi), *rest))
    with pytest.raises(InputError, match="'sequence' does not cover weights as fine as these"):
        solvers.solve(changed, "sequence")


def test_too_many_legs_are_refused(monkeypatch):
    instance = triangle()
    assert most_legs(instance) >= len(legs(network(instance)))
    monkeypatch.setattr(method, "MOST_LEGS", 10)
    with pytest.raises(InputError, match="legs"):
        solvers.solve(instance, "sequence")


def test_it_is_the_first_choice_where_no_dynamic_programme_is():
    solution = solvers.solve(library.load("general-12x40").replace(visits="once"))
    assert (solution.method, solution.status) == ("sequence", "optimal")


# Limits.

HARD = {"models": 100, "requests": 10_000, "seed": 1, "bandwidth": 4e8}
"""An instance that takes longer than the tests below."""


@pytest.fixture(scope="module")
def hard() -> Instance:
    return generate("general", **HARD)


def test_a_time_limit_leaves_a_plan_and_a_bound(hard):
    before, heard = time.perf_counter(), []
    stopped = solvers.solve(hard, "sequence", time_limit=1.5, progress=heard.append)
    assert time.perf_counter() - before < 20
    assert stopped.termination == "time-limit"
    assert 0 < stopped.objective < stopped.bound < len(hard.requests)
    assert heard
    assert all(progress.incumbent <= progress.bound for progress in heard)


def test_a_gap_is_enough(hard):
    solution = solvers.solve(hard, "sequence", gap=0.05)
    assert (solution.termination, solution.gap <= 0.05) == ("proved", True)


def test_no_time_leaves_the_bound_that_everybody_is_served(hard):
    outcome = registered("partial-loading", "sequence").run(hard, Limits(time_limit=1e-9))
    assert (outcome.termination, outcome.plan, outcome.bound) == ("time-limit", (), len(hard.requests))


def test_ctrl_c_keeps_what_was_found(hard, monkeypatch):
    told = tree_search._Solve._told

    def pressed(self, news: News) -> None:
        told(self, news)
        if self.plan:
            raise KeyboardInterrupt

    monkeypatch.setattr(tree_search._Solve, "_told", pressed)
    stopped = method.run(hard, Limits())
    assert stopped.termination == "interrupted"
    assert 0 < objective(hard, stopped.plan) <= stopped.bound < len(hard.requests)


def test_a_bound_below_a_plan_is_an_alarm(monkeypatch):
    """As if the proof were wrong: no bound is used, and the outcome says so."""
    instance, sent = generate("general", models=8, requests=40, seed=1), []
    monkeypatch.setattr(bounds, "LATEST_END", 0.5)
    assert task.search(sent.append, tree_search.Task(instance)) == "error"
    solve = tree_search._Solve(instance, Limits(), "", ())
    for news in sent:
        solve._told(news)
    assert "but a plan serves" in solve.notes[0]
    assert solve.bound == len(instance.requests)


def test_it_runs_where_a_milp_ran_before():
    """HiGHS refuses other numbers of threads than those of its first run; the LPs then never ended."""
    worker_pool.close_all()
    instance = random_general(20006, models=6, requests=20)
    first = solvers.solve(instance, "milp")
    assert solvers.solve(instance, "sequence", time_limit=10).objective == first.objective
