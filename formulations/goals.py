"""Names of the goals that bandwidth left over can serve; the mathematics of each problem imports CVXPY."""

from __future__ import annotations

from typing import Literal, get_args

GoalName = Literal["weighted", "proportional", "max-min"]
GOALS: tuple[GoalName, ...] = get_args(GoalName)
