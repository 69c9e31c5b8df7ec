"""The benchmark of predictions, with models of one or two megabytes."""

import re

import pytest

from partload.benchmarks import prediction


def test_a_row_for_each_state_of_the_cache(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setattr(prediction, "MODELS", {"x": ("backbone", 1), "y": ("backbone", 1), "z": (None, 2)})
    monkeypatch.setattr(prediction, "BACKBONES", {"backbone": 1})
    prediction.main(1)
    rows = capsys.readouterr().out.splitlines()[2:]
    assert [row.split(" | ")[1] for row in rows] == ["warm", "cold"]
    for row in rows:
        (predicted, measured), (alone_predicted, _) = re.findall(r"([\d.]+) s, ([\d.]+) s \(", row)
        # Three batches of 0.02 + 3 * 0.01 s, and uploads and loads beside.
        assert float(predicted) >= 0.15
        assert float(measured) >= 0.15
        assert float(alone_predicted) >= float(predicted)
