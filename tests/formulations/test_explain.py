"""The printed mathematics is that of the model: every template, resolved, is the constraint that a solver is given."""

from __future__ import annotations

import random
import re
import sys
from pathlib import Path

import pyomo.environ as pyo
import pytest
from pyomo.core.expr import ExpressionType
from pyomo.core.expr.template_expr import resolve_template, templatize_constraint

import partload
from partload.cli import run
from partload.formulations import FORMULATIONS, by_name
from partload.formulations.explain.explanation import built, explain, sizes
from partload.formulations.explain.html import page
from partload.formulations.explain.latex import document, fragment
from partload.formulations.explain.printer import template
from partload.instances import library
from partload.instances.problems import problem_of
from tests.support.pages import Page
from tests.support.random_cached import random_union
from tests.support.random_slide import random_slide

SEEDS = [(17, ("per-device",), ("mixed",)), (3, ("per-layer",), ("power-limited",)), (4, ("per-layer",), ("flat",))]
SMALL = [
    "three-models",
    "visits-any",
    "general-small-pipelined",
    "general-small-cached",
    "tool-switching",
    "full-batch",
    "static-band",
    "general-small-static",
    "general-small-power",
]
SLIDES = [random_slide(seed, frequencies, channels) for seed, frequencies, channels in SEEDS]


def families(model: pyo.ConcreteModel):
    return [*model.component_objects(pyo.Objective, active=True), *model.component_objects(pyo.Constraint, active=True)]


def sides(expression) -> list[float]:
    """Values of the sides of a relation, or of an objective."""
    parts = expression.args if expression.is_expression_type(ExpressionType.RELATIONAL) else [expression]
    return [pyo.value(part) for part in parts]


def cases() -> list:
    return [
        pytest.param(formulation, instance, id=f"{formulation.name}-{instance.name}")
        for formulation in FORMULATIONS
        for instance in (*map(library.load, SMALL), *SLIDES)
        if formulation.problem == problem_of(instance).name and not formulation.unsupported(instance)
    ]


@pytest.mark.parametrize(("formulation", "instance"), cases())
def test_templates_are_the_constraints(formulation, instance):
    model = built(formulation, instance).model
    draw = random.Random(0)
    for variable in model.component_data_objects(pyo.Var):
        variable.set_value(draw.uniform(0.5, 1.5), skip_validation=True)
    for family in families(model):
        if len(family) == 0:
            continue
        expression, indices = templatize_constraint(family)
        for index in family:
            for placeholder, value in zip(indices, index if isinstance(index, tuple) else (index,)):
                placeholder.set_value(value)
            shown, given = (sides(expression) for expression in (resolve_template(expression), family[index].expr))
            assert shown == pytest.approx(given), (family.name, index)


@pytest.mark.parametrize(("formulation", "instance"), cases())
def test_everything_is_printed(formulation, instance):
    text = fragment(explain(formulation, instance))
    model = built(formulation, instance).model
    for family in families(model):
        if len(family) > 0:
            assert f"% {family.local_name}" in text
    derived = sum(line.startswith("% 1. The joint problem") for line in text.splitlines())
    assert derived == (formulation.name == "joint" and len(model.UPLOADS) > 0)
    assert text.count(r"\begin{align*}") == text.count(r"\end{align*}")
    assert text.count(r"\begin{align*}") > 2 if derived else text.count(r"\begin{align*}") == 2
    assert text.count("{") == text.count("}")
    assert f"% sizes for {instance.name}: {sizes(model)}" in text


def small_model() -> pyo.ConcreteModel:
    model = pyo.ConcreteModel()
    model.slots = pyo.RangeSet(1, 3)
    model.later = pyo.RangeSet(2, 3)
    model.models = pyo.Set(initialize=["a", "b"])
    model.requests = pyo.Set(initialize=["k", "l"])
    model.of = pyo.Set(model.models, initialize={"a": ["k"], "b": ["l"]})
    model.limit = pyo.Param(model.models, initialize=2.0)
    model.run = pyo.Var(model.models, model.slots, domain=pyo.Binary)
    model.serve = pyo.Var(model.requests, model.slots, domain=pyo.Binary)
    model.end = pyo.Var(model.slots, domain=pyo.NonNegativeReals)
    return model


SYMBOLS = {
    "slots": r"n \in \mathcal{N}",
    "later": r"n \in \mathcal{N}'",
    "models": r"i \in \mathcal{I}",
    "requests": r"k \in \mathcal{K}",
    "of": r"k \in \mathcal{K}",
    "run": "x",
    "serve": "y",
    "end": "e",
    "limit": "q",
}
RULES = {
    "pairs keep their letters": (
        lambda m: pyo.Constraint(m.requests, m.slots, rule=lambda m, k, n: m.end[n] <= 5 * m.serve[k, n]),
        (r"e_{n} \leq 5 y_{k,n}", r"k \in \mathcal{K},\; n \in \mathcal{N}"),
    ),
    "slot before": (
        lambda m: pyo.Constraint(m.later, rule=lambda m, n: m.end[n - 1] <= m.end[n]),
        (r"e_{n - 1} \leq e_{n}", r"n \in \mathcal{N}'"),
    ),
    "sum over the members of one": (
        lambda m: pyo.Constraint(
            m.models, m.slots, rule=lambda m, i, n: sum(m.serve[k, n] for k in m.of[i]) <= m.limit[i] * m.run[i, n]
        ),
        (r"\sum_{k \in \mathcal{K}_{i}} y_{k,n} \leq q_{i} x_{i,n}", r"i \in \mathcal{I},\; n \in \mathcal{N}"),
    ),
    "sum over a set in use": (
        lambda m: pyo.Constraint(m.models, rule=lambda m, i: sum(m.run[j, 1] for j in m.models) >= m.run[i, 1]),
        (r"x_{i,1} \leq \sum_{i' \in \mathcal{I}} x_{i',1}", r"i \in \mathcal{I}"),
    ),
    "sum of a difference": (
        lambda m: pyo.Constraint(m.models, rule=lambda m, i: sum(m.run[i, n] - m.end[n] for n in m.slots) <= 1),
        (r"\sum_{n \in \mathcal{N}} \left( x_{i,n} - e_{n} \right) \leq 1", r"i \in \mathcal{I}"),
    ),
    "a single constraint": (lambda m: pyo.Constraint(rule=lambda m: m.end[1] == 0), (r"e_{1} = 0", "")),
}


@pytest.mark.parametrize(("rule", "printed"), RULES.values(), ids=RULES)
def test_printed(rule, printed):
    model = small_model()
    model.tested = rule(model)
    assert template(model.tested, SYMBOLS, {}) == printed


def test_sizes():
    model = small_model()
    model.tested = pyo.Constraint(model.requests, model.slots, rule=lambda m, k, n: m.end[n] <= 5 * m.serve[k, n])
    assert str(sizes(model)) == "15 variables, 12 binaries, 6 constraints, 12 nonzeros"


def test_what_is_not_covered_is_named():
    with pytest.raises(partload.InputError, match="static"):
        explain(FORMULATIONS[0], library.load("static-band"))


def test_the_other_problem_is_named():
    with pytest.raises(partload.InputError, match="formulation 'recursion' is one of slide, not of partial-loading"):
        explain(by_name(FORMULATIONS, "recursion"), library.load("three-models"))


def symbols_in(latex: str) -> set[str]:
    """The sets, and the letters with indices, of a text."""
    sets = set(re.findall(r"\\mathcal\{[A-Z]\}", latex))
    letters = set(re.findall(r"((?:\\(?:hat|bar) )?(?:\\[a-z]+|\\mathit\{[a-z]+\}|[A-Za-z]))_\{", latex))
    return sets | {letter for letter in letters if letter != r"\sum"}


@pytest.mark.parametrize(("formulation", "instance"), cases())
def test_every_symbol_is_defined_in_the_legend(formulation, instance):
    found = explain(formulation, instance)
    printed = [text for one in found.equations for text in (one.body, one.where)]
    printed += [text for one in found.declarations for text in (one.body, one.where)]
    defined = symbols_in(" ".join(one.symbol for one in found.legend))
    assert symbols_in(" ".join(printed)) <= defined
    for entry in found.legend:
        assert entry.meaning, entry.name
        assert (entry.unit == "") == (entry.kind == "set"), entry.name
    model = built(formulation, instance).model
    for entry in found.legend:
        assert model.component(entry.name) is not None


CACHED = [
    library.load(name).replace(residency="cached", name=f"{name}-cached") for name in ("static-band", "full-batch")
]


@pytest.mark.parametrize(
    ("formulation", "instance"),
    [
        *cases(),
        *(
            pytest.param(one, instance, id=f"{one.name}-{instance.name}")
            for one in FORMULATIONS
            for instance in CACHED
            if one.problem == "partial-loading" and not one.unsupported(instance)
        ),
    ],
)
def test_a_symbol_means_one_thing(formulation, instance):
    """Whatever features meet in an instance; symbols without an index are in the legend too."""
    found = explain(formulation, instance)
    numbers = [one.symbol.partition("_{")[0] for one in found.legend if one.kind != "set"]
    sets = [one.symbol.rpartition(r" \in ")[2] for one in found.legend if one.kind == "set"]
    assert sorted(set(numbers)) == sorted(numbers)
    assert sorted(set(sets)) == sorted(sets)
    bare = re.findall(r"\\bar [A-Z1]|t_0|\\mathrm\{.*?\}", " ".join(one.body for one in found.equations))
    assert set(bare) <= set(numbers)


@pytest.mark.parametrize(("formulation", "instance"), cases())
def test_nothing_is_printed_of_an_empty_family(formulation, instance):
    """No declaration and no equation names a variable without members."""
    found = explain(formulation, instance)
    model = built(formulation, instance).model
    empty = {v.local_name for v in model.component_objects(pyo.Var) if len(v) == 0}
    assert not empty & {one.name for one in found.legend}
    assert not empty & {one.name for one in found.declarations}
    assert r"\sum_{}" not in fragment(found)


@pytest.mark.parametrize(("formulation", "instance"), cases()[::3])
def test_each_equation_is_where_the_legend_says(formulation, instance):
    """The line is that of the rule: it is inside the statement that makes the component."""
    root = Path(__file__).parents[2]
    for one in explain(formulation, instance).equations:
        file, _, number = one.source.rpartition(":")
        lines = (root / file).read_text(encoding="utf-8").splitlines()
        around = "\n".join(lines[max(int(number) - 4, 0) : int(number)])
        assert "rule=" in around or "def " in around, one
        assert re.search(rf"\bm(?:odel)?\.{one.name} = pyo\.", around), one


def example(formulation):
    """An instance that a formulation covers."""
    known = (library.load("slide-overlap"), random_union(0), *map(library.load, SMALL))
    return next(
        one for one in known if problem_of(one).name == formulation.problem and not formulation.unsupported(one)
    )


def test_the_page_shows_every_equation_and_asks_nobody():
    for formulation in FORMULATIONS:
        instance = example(formulation)
        found = explain(formulation, instance)
        text = page(found)
        parsed = Page(text)
        assert parsed.open == []
        assert parsed.fetched == []
        assert "script" not in parsed.seen
        assert parsed.seen.count("math") >= len(found.equations) + len(found.legend)
        for one in found.equations:
            assert f"<code>{one.source}</code>" in text
        assert "\\sum" not in text
        assert "\\mathcal" not in text


def test_a_document_has_balanced_braces_and_environments():
    for formulation in FORMULATIONS:
        instance = example(formulation)
        text = document(explain(formulation, instance))
        begun = re.findall(r"\\begin\{([a-z*]+)\}", text)
        assert sorted(begun) == sorted(re.findall(r"\\end\{([a-z*]+)\}", text))
        bare = re.sub(r"\\[{}]", "", re.sub(r"(?s)\\begin\{verbatim\}.*?\\end\{verbatim\}", "", text))
        assert bare.count("{") == bare.count("}")
        assert text.isascii()


def test_both_forms_at_once_are_refused(capsys):
    assert run(["explain", "slot", "--html", "--standalone"]) == 2
    assert capsys.readouterr().err == "partload: explain: expected one of --html and --standalone, got both\n"


@pytest.mark.parametrize("library_missing", ["latex2mathml", "markdown_it"])
def test_without_the_extra_the_page_names_it(library_missing, monkeypatch, capsys):
    for name in [name for name in sys.modules if name.partition(".")[0] == library_missing]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, library_missing, None)
    assert run(["explain", "provisioning", "--html"]) == 2
    assert "pip install 'partload[html]'" in capsys.readouterr().err


@pytest.mark.parametrize("formulation", ["provisioning", "recursion"])
def test_an_instance_that_nobody_can_be_served_in_has_no_equations(formulation, tmp_path, capfd):
    file = tmp_path / "narrow.json"
    partload.write(partload.read("slide-overlap").replace(bandwidth_hz=1e-9), file)
    assert run(["explain", formulation, str(file)]) == 2
    problem = f"nobody can be served, so formulation {formulation!r} has no equations to print"
    assert capfd.readouterr().err == f"partload: slide-overlap: {problem}\n"
