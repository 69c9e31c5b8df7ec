"""Reports: pages that stand alone, figures and tables that say what the rows say, the same every time."""

import csv
import json
import re
import sys
import xml.etree.ElementTree as ElementTree

import pytest

from partload.benchmarks.gap import report, table
from partload.benchmarks.gap.report import comparison, curves, gaps, plans, sweeps
from partload.benchmarks.gap.report.csv_table import COLUMNS, METHOD_COLUMNS
from partload.benchmarks.gap.report.latex import escaped
from partload.benchmarks.gap.report.page import render_page
from partload.benchmarks.gap.report.style import ReportFigure, group_lines
from partload.benchmarks.gap.report.text import headline, percent, provenance
from partload.benchmarks.gap.rows import Bar, Lane
from partload.benchmarks.gap.study import Study
from partload.benchmarks.palette import BLUE, PAPER, VERMILION
from partload.instances.errors import InputError
from tests.support.browser import CHROMIUM, asked, browsed
from tests.support.gap_rows import row
from tests.support.pages import Page

ODD = "</script><b>\"$\\frac$' & -->"
SVG = "{http://www.w3.org/2000/svg}svg"


def bars(slots, model="m"):
    return tuple(
        Bar(
            model=model,
            requests=2,
            loaded_bytes=1e6,
            start_s=float(n),
            load_end_s=n + 0.25,
            upload_start_s=float(n),
            upload_end_s=n + 0.5,
            ready_s=n + 0.5,
            end_s=n + 1.0,
        )
        for n in range(slots)
    )


def lanes(users, layers=2, model="m"):
    """Users whose device computes layer l from l + 1 to l + 1.5 s, and waits in between."""
    here = tuple(1.0 + n for n in range(layers))
    return tuple(
        Lane(user=f"u{n}", model=model, download_end_s=here, compute_end_s=tuple(end + 0.5 for end in here))
        for n in range(users)
    )


def study_of_slide(name="base", user_model="m"):
    """Two instances that were varied, by two methods, and a run that failed."""
    found = [row("odd", "download-first", reason="no", problem="slide")]
    for of, weights in ((name, (4.0, 6.0, 9.0)), ("other", (2.0, 3.0, 6.0))):
        for at, weight in zip((1e6, 2e6, 1.6e7), weights):
            more = {"swept": (of, "bandwidth", at), "problem": "slide", "lanes": lanes(2, model=user_model)}
            found.append(row(f"{of} {at:g}", "exact", weight, weight, **more))
            found.append(row(f"{of} {at:g}", "download-first", weight / 2, **more))
    return found


def study(name="base", method="greedy"):
    """Two instances and a sweep over one of them, with and without sharing, and every way in which a run can end."""
    found = [
        row("a", "exact", 10.0, 10.0),
        row("a", method, 8.0, bars=bars(2, model=name)),
        row("a", "exact", 5.0, 5.0, sharing=False),
        row("b", "exact", 9.0, 12.0),
        row("b", method, reason=f"it broke on {name}"),
        row("b", method, status="refused", seed=1),
        row("b", method, 12.0, status="infeasible", seed=2),
    ]
    for at, shared, unshared in ((1e6, 4.0, 4.0), (2e6, 6.0, 4.0), (1.6e7, 9.0, 6.0)):
        swept = {"swept": (name, "bandwidth", at)}
        found.append(row(f"{name} {at:g}", "exact", shared, shared, **swept))
        found.append(row(f"{name} {at:g}", "exact", unshared, 6.0, sharing=False, **swept))
    return found


def test_a_report_is_a_page_a_table_and_figures(tmp_path):
    page = report.write(study(), tmp_path / "new" / "report")
    assert page == tmp_path / "new" / "report" / "index.html"
    figures = {"gaps", "profile-gap", "profile-time", "sweep-bandwidth"}
    tables = {f"{name}.{kind}" for name in ("table", "methods") for kind in ("csv", "tex")}
    drawn = {f"{name}.{kind}" for name in figures for kind in ("svg", "pdf")}
    assert {file.name for file in page.parent.iterdir()} == {"index.html", *tables, *drawn}
    for figure in figures:
        assert ElementTree.fromstring((page.parent / f"{figure}.svg").read_text(encoding="utf-8")).tag == SVG
        assert (page.parent / f"{figure}.pdf").read_bytes().startswith(b"%PDF-")


@pytest.mark.parametrize(
    "name",
    ["base", ODD, *(pytest.param(one, marks=pytest.mark.long) for one in ("名前", "new\nline\x00", "long" * 200))],
)
def test_pages_stand_alone_whatever_the_names(name, tmp_path):
    text = report.write(study(name, method=f"{name}:run"), tmp_path).read_text(encoding="utf-8")
    page = Page(text)
    assert page.open == []
    assert page.seen.count("script") == 2
    assert page.seen.count("svg") == 4
    assert "b" not in page.seen
    assert not {"link", "img", "iframe", "image", "object"} & set(page.seen)
    assert all(address.startswith("#") or address == "table.csv" for address in page.fetched)
    assert not re.search(r"@import|url\((?!#)|fetch\(|XMLHttpRequest|import\(", text)
    data, script = page.texts["script"][:2]
    assert json.loads(data)["models"] == [name]
    assert "getElementById" in script
    shown = name.replace("\n", r"\n").replace("\x00", r"\x00")
    assert f"{shown} 1e+06" in page.texts["td"]
    assert f"it broke on {shown}" in page.texts["td"]
    ids = re.findall(r' id="([^"]*)"', text)
    assert len(ids) == len(set(ids))
    for svg in re.findall(r"<svg.*?</svg>", text, flags=re.DOTALL):
        assert ElementTree.fromstring(svg).tag == SVG


def test_every_text_of_the_page_is_escaped():
    """Also texts that come from this package, such as the title of a figure."""
    lines = table.lines([row(ODD, ODD, 1.0, 1.0, reason=ODD)])
    figure = ReportFigure("name", ODD, ODD, "<svg></svg>", b"")
    page = Page(render_page(lines, table.summary(lines), [ODD], [ODD], [ODD], [figure]))
    assert page.open == []
    assert page.seen.count("script") == 2
    assert "b" not in page.seen
    for element, times in {"title": 1, "p": 3, "h2": 1, "figcaption": 1, "th": 1, "td": 3}.items():
        assert "".join(page.texts[element]).count(ODD) == times, element


def test_names_are_set_as_they_stand_in_figures(tmp_path):
    report.write(study(ODD), tmp_path)
    said = "".join(ElementTree.fromstring((tmp_path / "sweep-bandwidth.svg").read_text()).itertext())
    assert ODD in said


def test_the_same_rows_give_the_same_bytes(tmp_path):
    report.write(study(), tmp_path / "a")
    report.write(study(), tmp_path / "b")
    for file in (tmp_path / "a").iterdir():
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes()


def test_the_csv_table_has_every_row_and_what_was_computed(tmp_path):
    rows = study(ODD + ',\n"')
    report.write(rows, tmp_path)
    with (tmp_path / "table.csv").open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    assert tuple(found[0]) == COLUMNS
    assert len(found) == len(rows)
    expected = table.lines(rows)
    for number, (cells, line) in enumerate(zip(found, expected), 1):
        assert cells["row"] == str(number)
        assert cells["instance"] == line.row.asked.instance
        assert cells["gap"] == ("" if line.gap is None else repr(line.gap))
        assert cells["reference_kind"] == (line.reference.kind if line.reference else "")
        assert cells["sharing"] == ("yes" if line.sharing else "no")
    assert {cells["status"] for cells in found} >= {"failed", "refused", "infeasible", "optimal", "feasible"}


def test_the_table_of_methods_is_that_of_the_page(tmp_path):
    rows = study()
    report.write(rows, tmp_path)
    with (tmp_path / "methods.csv").open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    assert tuple(found[0]) == METHOD_COLUMNS
    for cells, expected in zip(found, table.summary(table.lines(rows)), strict=True):
        assert (cells["method"], cells["sharing"] == "yes") == (expected.method, expected.sharing)
        assert int(cells["runs"]) == expected.runs
        assert cells["worst_gap"] == ("" if expected.to_optimum.worst is None else repr(expected.to_optimum.worst))
        assert cells["mean_time_s"] == ("" if expected.mean_time_s is None else repr(expected.mean_time_s))


def test_the_tables_in_latex_by_hand(tmp_path):
    report.write(study("50% & more_$", method="own:a_b"), tmp_path)
    methods = (tmp_path / "methods.tex").read_text(encoding="utf-8").splitlines()
    assert methods[0] == r"\begin{tabular}{lrrrrrrr}"
    assert methods[2] == (
        r"method & runs & proved & optimal & mean gap [\%] & worst [\%] & mean to bound [\%] & mean time [s] \\"
    )
    assert methods[4].startswith("exact & 5 & 4 & 4 & 0.00 & 0.00 & 25.00 & ")
    assert methods[5].startswith(r"own:a\_b & 4 & 0 & 0 & 20.00 & 20.00 & -- & ")
    assert methods[-2:] == [r"\bottomrule", r"\end{tabular}"]
    runs = (tmp_path / "table.tex").read_text(encoding="utf-8")
    assert r"50\% \& more\_\$ 1e+06 & exact & 4 & 4 & 0.00 & " in runs
    assert r"b & exact & 9 & $\leq$ 12 & 25.00 & " in runs
    assert r"b & own:a\_b & refused & $\leq$ 12 & -- & " in runs


def test_latex_prints_every_text_as_it_stands():
    assert escaped("50% & #1_$") == r"50\% \& \#1\_\$"
    assert escaped("a\\b~c^d{e}") == r"a\textbackslash{}b\textasciitilde{}c\textasciicircum{}d\{e\}"
    assert escaped("two\nlines\x00") == "two lines "
    assert escaped("名前") == "名前"


def test_a_frame_has_a_row_for_each_run_and_typed_columns():
    rows = study()
    frame = Study(tuple(rows), planned=len(rows)).to_pandas()
    assert list(frame.columns) == list(COLUMNS)
    assert len(frame) == len(rows)
    kinds = {name: str(kind) for name, kind in frame.dtypes.items()}
    assert (kinds["gap"], kinds["served"], kinds["sharing"]) == ("float64", "Int64", "boolean")
    assert (kinds["instance"], kinds["status"]) == ("string", "string")
    assert kinds["ended"].startswith("datetime64")
    expected = table.lines(rows)
    assert frame["gap"].isna().tolist() == [line.gap is None for line in expected]
    assert frame["gap"].dropna().tolist() == [line.gap for line in expected if line.gap is not None]
    assert frame.groupby("method_asked")["objective"].max()["exact"] == 10
    assert Study((), planned=0).to_pandas().empty


def test_rows_of_the_page_are_those_of_the_table(tmp_path):
    rows = study()
    text = report.write(rows, tmp_path).read_text(encoding="utf-8")
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", part) for part in re.findall(r'<tr id="row-\d+">(.*?)</tr>', text)]
    assert len(cells) == len(rows)
    by_run = {(cell[1], cell[2], cell[3], cell[4]): cell for cell in cells}
    assert by_run["a", "yes", "greedy", "feasible"][5:9] == ["8 of 30", "8", "10", "20.00\xa0%"]
    assert by_run["a", "no", "exact", "optimal"][5:9] == ["5 of 30", "5", "10", "50.00\xa0%"]
    assert by_run["b", "yes", "exact", "feasible"][5:9] == ["9 of 30", "9", "≤ 12", "25.00\xa0%"]
    assert by_run["b", "yes", "greedy", "failed"][5:9] == ["", "", "≤ 12", ""]
    assert by_run["b", "yes", "greedy", "infeasible"][6:9] == ["", "≤ 12", ""]


def columns(text):
    return dict(reversed(pair) for pair in re.findall(r'<th scope="col"(?: title="([^"]*)")?>([^<]*)</th>', text))


@pytest.mark.long
def test_terms_are_those_of_the_problem(tmp_path):
    of_slide = report.write(study_of_slide(), tmp_path / "slide").read_text(encoding="utf-8")
    of_both = report.write([*study_of_slide(), *study()], tmp_path / "both").read_text(encoding="utf-8")
    first = report.write(study(), tmp_path / "first").read_text(encoding="utf-8")
    served = {
        kind: columns(text)["served"] for kind, text in {"slide": of_slide, "both": of_both, "first": first}.items()
    }
    assert served == {
        "slide": "users served, of all",
        "both": "requests or users served, of all",
        "first": "requests served, of all",
    }
    assert [name for name, text in (("slide", of_slide), ("both", of_both)) if "sharing" in columns(text)] == ["both"]
    page, _, _ = of_slide.partition("<script")
    for word in ("sharing", "request", "slot"):
        assert word not in page
    assert "Without sharing" in first


def test_a_sweep_of_both_problems_has_a_figure_for_each(tmp_path):
    report.write([*study_of_slide("another"), *study()], tmp_path)
    assert {file.name for file in tmp_path.glob("sweep-*.svg")} == {
        "sweep-bandwidth-slide.svg",
        "sweep-bandwidth-partial-loading.svg",
    }


def test_without_sharing_in_it_a_sweep_compares_the_methods():
    (figure,) = sweeps.figures(table.lines(study_of_slide(ODD)), {})
    said = "".join(ElementTree.fromstring(figure.svg).itertext())
    for word in (ODD, "other", "mean", "exact", "download-first", "bandwidth [MHz]"):
        assert word in said
    assert figure.caption == f"{comparison.CAPTION} {comparison.MEAN_CAPTION}"
    (alone,) = sweeps.figures(table.lines([one for one in study_of_slide() if "base" in one.asked.instance]), {})
    assert alone.caption == comparison.CAPTION


def test_the_mean_over_instances_by_hand():
    rows = [one for one in study_of_slide() if one.asked.swept]
    exact, first = group_lines(table.lines(rows))
    assert comparison.mean_served(exact.lines, 2) == {1e6: 10.0, 2e6: 15.0, 1.6e7: 25.0}
    assert comparison.mean_served(first.lines, 2) == {1e6: 5.0, 2e6: 7.5, 1.6e7: 12.5}
    assert comparison.mean_served(exact.lines[1:], 2) == {2e6: 15.0, 1.6e7: 25.0}, "one of two has no first value"
    bounded = row("x", "exact", 3.0, 5.0, swept=("x", "bandwidth", 1.0), problem="slide")
    (figure,) = sweeps.figures(table.lines([bounded]), {})
    assert "least bound" in figure.svg


def headline_of(rows):
    found = table.lines(rows)
    said = headline(found, table.summary(found), table.references(rows, sharing=False))
    return [line.replace("\xa0", " ") for line in said]


def test_the_headline_by_hand():
    assert headline_of(study()) == [
        "13 runs of 2 methods on 5 instances. The optimum is proved for 4 of them, for 1 there is only a bound.",
        "Mean gap to the optimum, where it is proved and the method has a plan: exact 0.00 %, greedy 20.00 %.",
        "Where both optima are proved, on 2 instances, sharing raises the weight served by 75.00 % on average and by "
        "100.00 % at most; on 0 of them it brings nothing.",
        "1 run failed, 1 plan broke a rule, 1 run was refused; the table says why.",
    ]


def test_the_headline_says_the_time_limit_that_all_have():
    rows = [row("a", "exact", 5.0, 5.0, time_limit=60.0)]
    assert headline_of(rows)[0].startswith("1 run of 1 method on 1 instance, at most 60 s each. ")
    several = [*rows, row("a", "mine", 5.0, time_limit=1.0)]
    assert headline_of(several)[0].startswith("2 runs of 2 methods on 1 instance. ")


def test_the_headline_counts_where_sharing_brings_nothing_or_everything():
    rows = []
    for name, shared, unshared in (("a", 6.0, 6.0), ("b", 9.0, 6.0), ("c", 5.0, 0.0)):
        rows.append(row(name, "exact", shared, shared))
        rows.append(row(name, "exact", unshared, unshared, sharing=False))
    said = headline_of(rows)[2]
    assert "by 25.00 % on average and by 50.00 % at most; on 1 of them it brings nothing." in said
    assert said.endswith("On 1 more, nobody at all is served without it.")


def test_little_is_not_nothing():
    assert [percent(share) for share in (0.0, 1e-6, 1e-4)] == ["0.00\xa0%", "< 0.01\xa0%", "0.01\xa0%"]


def test_a_contradiction_stands_above_everything(tmp_path):
    rows = [row("a", "exact", 5.0, 5.0), row("a", "greedy", 6.0)]
    text = report.write(rows, tmp_path).read_text(encoding="utf-8")
    assert text.index("Contradiction.") < text.index('class="lead"')
    assert "a plan of greedy serves 6, but exact proved that no plan serves more than 5" in text
    assert "; on 1 the runs contradict each other" in text
    assert list(tmp_path.glob("*.svg")) == []


@pytest.mark.parametrize("rows", [[], [row("a", "greedy", 5.0)], [row("a", "greedy", reason="no")]])
def test_without_gaps_there_is_a_page_without_figures(rows, tmp_path):
    page = Page(report.write(rows, tmp_path).read_text(encoding="utf-8"))
    assert page.open == []
    assert "svg" not in page.seen
    assert list(tmp_path.glob("*.svg")) == []


def heights(svg, colour):
    """Points of the lines of a colour that belong to the curve, not to the legend."""
    lines = re.findall(r'<path d="([^"]*)"[^>]*clip-path[^>]*style="fill: none;[^"]*stroke: (#\w+)', svg)
    return [
        point for path, stroke in lines if stroke == colour for point in re.findall(r"[ML] ([\d.]+) ([\d.]+)", path)
    ]


def test_runs_without_a_plan_hold_a_profile_down():
    """Of four runs of a method, three come to the optimum and one fails: its curve ends at 75 %."""
    rows = [row(name, "exact", 10.0, 10.0) for name in "abcd"]
    rows += [row(name, "mine", 10.0) for name in "abc"] + [row("d", "mine")]
    drawn = {figure.name: figure.svg for figure in gaps.figures(table.lines(rows))}
    for name in ("profile-gap", "profile-time"):
        exact, mine = (heights(drawn[name], colour) for colour in (BLUE, VERMILION))
        top, lower = (min(float(y) for _, y in points) for points in (exact, mine))
        (frame,) = re.findall(r'id="axes_1">.*?M [\d.]+ ([\d.]+)', drawn[name], flags=re.DOTALL)
        assert (float(frame) - lower) / (float(frame) - top) == pytest.approx(0.75, abs=0.01)
    assert "1 without a plan" in drawn["gaps"]


def test_the_time_profile_says_where_nobody_comes_near():
    rows = [row("a", "exact", 10.0, 10.0), row("b", "exact", 8.0, 10.0)]
    captions = {figure.name: figure.caption for figure in gaps.figures(table.lines(rows))}
    assert "On 1 of 2 instances no method came as close" in captions["profile-time"]


def test_gains_by_hand():
    rows = study()
    found = sweeps.figures(table.lines(rows), table.references(rows, sharing=False))
    assert [figure.name for figure in found] == ["sweep-bandwidth"]
    assert "At 2 of 6 points of exact, the plan is not proved optimal." in found[0].caption
    assert "bandwidth [MHz]" in found[0].svg
    shared = {1.0: sweeps.Point(4.0, 4.0), 2.0: sweeps.Point(6.0, 7.0), 3.0: sweeps.Point(6.0, None)}
    unshared = {1.0: sweeps.Point(3.0, 3.0), 2.0: sweeps.Point(4.0, 4.0), 3.0: sweeps.Point(0.0, 0.0)}
    gains = sweeps.SharingSweep("base", shared, unshared).gains()
    assert gains == {1.0: (pytest.approx(1 / 3), True), 2.0: (0.5, False)}


def test_a_sweep_without_runs_without_sharing_has_no_gain():
    rows = [row(f"s {at}", "greedy", 3.0, 5.0, swept=("s", "shared", at)) for at in (0.0, 1.0)]
    (figure,) = sweeps.figures(table.lines(rows), {})
    assert "gain" not in figure.svg
    assert "without sharing" not in figure.svg


def sweep_of(methods, unshared=()):
    rows = [row(f"s {at}", name, 3.0, 3.0, swept=("s", "shared", at)) for name in methods for at in (0.0, 1.0)]
    private = {"sharing": False}
    return rows + [
        row(f"s {at}", name, 2.0, 2.0, swept=("s", "shared", at), **private) for name in unshared for at in (0.0, 1.0)
    ]


def test_a_sweep_with_runs_without_sharing_has_every_method():
    rows = sweep_of(["exact", "own:mine", "greedy"], unshared=["exact"])
    (figure,) = sweeps.figures(table.lines(rows), table.references(rows, sharing=False))
    said = list(ElementTree.fromstring(figure.svg).itertext())
    for name in ("exact", "own:mine", "greedy", "exact without sharing", "gain by sharing, exact"):
        assert name in said
    assert comparison.UNSHARED_CAPTION in figure.caption
    assert "gain by sharing, greedy" not in said


def test_a_plan_without_sharing_that_is_not_proved_has_a_bar_to_the_bound_of_the_copy():
    rows = [row("a", "exact", 5.0, 5.0, swept=("s", "shared", 1.0))]
    bars = []
    for bound in (3.0, 4.0):
        private = row("a", "exact", 3.0, bound, sharing=False, swept=("s", "shared", 1.0))
        found = [*rows, private]
        (figure,) = sweeps.figures(table.lines(found), table.references(found, sharing=False))
        bars.append(figure.svg.count('id="LineCollection_'))
    assert bars == [0, 1]


def test_more_methods_than_colours_differ_in_two_ways():
    names = [f"m{n}" for n in range(21)]
    styles = [group.style for group in group_lines(table.lines(sweep_of(names, unshared=names)))]
    assert len(styles) == 42
    looks = [
        (style["color"], style["marker"], style["linestyle"], style["markerfacecolor"] == PAPER) for style in styles
    ]
    for number, one in enumerate(looks):
        for other in looks[:number]:
            assert sum(mine != its for mine, its in zip(one, other)) >= 2


def test_equal_lines_are_nested_and_equal_marks_stand_side_by_side():
    same, other = ((0.0, 1.0), (1.0, 2.0)), ((1.0, 2.0), (2.0, 0.0))
    widths = curves.nested([[same, other], [same], [same]])
    narrow, step = curves.ALONE_POINTS, curves.STEP_POINTS
    assert widths == {same: [narrow + 2 * step, narrow + step, narrow], other: [narrow]}
    assert list(curves.runs([(same, 1.0), (other, 1.0), (same, 1.0), (other, 2.0)])) == [
        (1.0, [(0.0, 1.0), (1.0, 2.0), (2.0, 0.0)]),
        (1.0, [(0.0, 1.0), (1.0, 2.0)]),
        (2.0, [(1.0, 2.0), (2.0, 0.0)]),
    ]
    many = curves.nested([[same]] * 30)[same]
    assert (many[0], many[-1]) == (pytest.approx(curves.WIDEST_POINTS), narrow)
    assert curves.fan([{1.0: 5.0, 2.0: 1.0}, {1.0: 5.1}, {1.0: 9.0}], close=0.2) == [
        {1.0: -curves.MARK_POINTS / 2, 2.0: 0.0},
        {1.0: curves.MARK_POINTS / 2},
        {1.0: 0.0},
    ]


def test_a_parameter_is_no_path(tmp_path):
    odd = "../../$x$</figure>"
    rows = [row(f"s {at}", "greedy", 3.0, 5.0, swept=("s", odd, at)) for at in (0.0, 1.0)]
    text = report.write(rows, tmp_path / "report").read_text(encoding="utf-8")
    assert Page(text).open == []
    assert [file.name for file in tmp_path.iterdir()] == ["report"]
    assert len(list((tmp_path / "report").glob("sweep-*.svg"))) == 1


def test_plans_are_cut_and_said_to_be():
    longest = row("a", "greedy", 1.0, bars=bars(plans.MOST_SLOTS + 5))
    assert plans.slot_limit([longest]) == plans.MOST_SLOTS
    found = json.loads(plans.document([row("b", "greedy"), longest]))
    assert list(found["plans"]) == ["2"]
    total, *slots = found["plans"]["2"]
    assert (total, len(slots)) == (plans.MOST_SLOTS + 5, plans.MOST_SLOTS)
    assert slots[1] == [0, 2, 1000000, 1, 1.25, 1, 1.5, 1.5, 2]


def test_many_plans_are_cut_to_what_a_page_can_hold(tmp_path):
    rows = [row(f"i-{n}", "greedy", 1.0, 2.0, bars=bars(100)) for n in range(2 * plans.MOST_IN_ALL // 100)]
    kept = plans.slot_limit(rows)
    assert 0 < kept < 100
    assert kept * len(rows) <= plans.MOST_IN_ALL < 1.2 * kept * len(rows)
    text = report.write(rows, tmp_path).read_text(encoding="utf-8")
    assert f"Of {len(rows)} plans, only the first {kept} slots are in this page" in text
    assert len(text) < 4e6


def test_users_are_in_the_page_as_far_as_it_can_hold_them(tmp_path):
    rows = [row("a", "greedy"), row("b", "exact", 3.0, 3.0, problem="slide", lanes=lanes(2))]
    found = json.loads(plans.document(rows))
    assert (found["plans"], list(found["lanes"])) == ({}, ["2"])
    assert found["lanes"]["2"] == [3, ["u0", 0, [1, 2], [1.5, 2.5]], ["u1", 0, [1, 2], [1.5, 2.5]]]
    text = report.write(rows, tmp_path).read_text(encoding="utf-8")
    assert "Of 1 plan, only the first users are in this page" in text
    many = [row(f"i-{n}", "exact", 9.0, 9.0, problem="slide", lanes=lanes(9, 100)) for n in range(400)]
    assert plans.user_limit(many) == 3
    assert plans.MOST_LAYERS_IN_ALL == 3 * 100 * 400


def test_what_made_the_rows_is_said():
    rows = [row("a", "m"), row("b", "m", ended="2026-11-22T00:00:00"), row("c", "m", versions={"partload": "9"})]
    assert provenance(rows) == [
        "2 runs, ended from 2026-11-21T06:00:00+00:00 to 2026-11-22T00:00:00: "
        "partload 0.1.0, python 3.11.0, machine x86_64, 2 cores",
        "1 run, ended from 2026-11-21T06:00:00+00:00 to 2026-11-21T06:00:00+00:00: partload 9",
    ]


@pytest.mark.parametrize("library", ["matplotlib", "jinja2"])
def test_without_its_libraries_the_extra_is_named(library, tmp_path, monkeypatch):
    for name in [name for name in sys.modules if name.startswith(library)]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(InputError, match=rf"needs {library}: pip install 'partload\[plot\]'"):
        report.write(study(), tmp_path / "report")
    assert not (tmp_path / "report").exists()


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot make this folder"):
        report.write(study(), tmp_path / "file")
    (tmp_path / "table.csv").mkdir()
    with pytest.raises(InputError, match=r"table\.csv: cannot write here"):
        report.write(study(), tmp_path)


def opened(page, number):
    """The page as a browser has it with the plan of a row open, and that plan."""
    text = browsed(f"{page.as_uri()}#row-{number}", page.parent)
    (plan,) = re.findall(r'<tr class="plan">.*?</tr>', text, flags=re.DOTALL)
    return text, plan


MEASURE = """
const boxes = Array.from(document.querySelectorAll(".wide"));
const beyond = (box) => box.scrollWidth - box.clientWidth;
const measured = ["1280px", "390px"].map((width) => {
  document.body.style.width = width;
  return [beyond(document.body), boxes.map(beyond)];
});
document.title = JSON.stringify(measured);
"""


@pytest.mark.long
@pytest.mark.skipif(CHROMIUM is None, reason="needs a browser")
def test_a_wide_window_shows_every_column_and_a_narrow_one_scrolls_only_tables_and_figures(tmp_path):
    page = report.write(study("general-9x30", method="earliest-deadline"), tmp_path)
    (beyond, wide), (narrow_beyond, narrow) = json.loads(asked(page, MEASURE))
    assert max(beyond, narrow_beyond) <= 0, "the page itself does not scroll"
    assert len(wide) == len(narrow) == 6
    assert max(wide) <= 0
    assert min(narrow) > 0


@pytest.mark.long
@pytest.mark.skipif(CHROMIUM is None, reason="needs a browser")
def test_a_browser_opens_the_plan_of_a_row(tmp_path):
    rows = study(ODD)
    number = next(n for n, line in enumerate(table.lines(rows), 1) if line.row.bars)
    text, plan = opened(report.write(rows, tmp_path), number)
    assert text.index(f'id="row-{number}"') < text.index('<tr class="plan">') < text.index(f'id="row-{number + 1}"')
    assert plan.count("<rect") == 6
    assert "loads 1 MB, from 0 to 0.25 s" in plan
    assert f"{len(rows)} of {len(rows)} rows" in text


@pytest.mark.long
@pytest.mark.skipif(CHROMIUM is None, reason="needs a browser")
def test_a_browser_draws_the_layers_of_users(tmp_path):
    rows = study_of_slide(user_model=ODD)
    number = next(n for n, line in enumerate(table.lines(rows), 1) if line.row.lanes and line.label == "exact")
    _, plan = opened(report.write(rows, tmp_path), number)
    assert [plan.count(f'class="{kind} fine') for kind in ("arrive", "compute", "wait")] == [4, 4, 4]
    assert "downloads layer 2, from 1 to 2 s" in plan
    assert "waits for layer 2, from 1.5 to 2 s" in plan
    assert "computes layer 2, from 2 to 2.5 s" in plan
    assert ", 4 users" in plan
    assert "Of 4 users, the first 2 are drawn." in plan
