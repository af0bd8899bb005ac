"""A linear programme, solved by HiGHS for the least and the most of one combination of its variables after another."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import highspy
import numpy as np


@dataclass
class Programme:
    """Variables with bounds, lines with bounds, solved for the least and the most of any combination."""

    size: int = 0
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    lines: list[tuple[dict[int, float], float, float, str]] = field(default_factory=list)
    solver: highspy.Highs | None = None
    seen: Callable[[np.ndarray], object] | None = None
    """Is given every answer that is found to fit all lines."""

    def variable(self, low: float, high: float) -> int:
        """A new variable; its number."""
        self.low.append(low)
        self.high.append(high)
        self.size += 1
        return self.size - 1

    def line(self, form: dict[int, float], low: float, high: float, source: str = "") -> None:
        """What is known of a combination of variables. Lines are brought to a largest coefficient of one."""
        largest = max((abs(v) for v in form.values()), default=0.0)
        if largest:
            scaled = {k: v / largest for k, v in form.items() if abs(v) > 1e-12 * largest}
            self.lines.append((scaled, low / largest, high / largest, source))

    def load(self) -> None:
        """Hands the lines to HiGHS."""
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = self.size, len(self.lines)
        model.col_cost_ = np.zeros(self.size)
        model.col_lower_, model.col_upper_ = np.array(self.low), np.array(self.high)
        model.row_lower_ = np.array([low for _, low, _, _ in self.lines])
        model.row_upper_ = np.array([high for _, _, high, _ in self.lines])
        starts = np.cumsum([0] + [len(form) for form, _, _, _ in self.lines])
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = starts
        model.a_matrix_.index_ = np.array([k for form, _, _, _ in self.lines for k in form], dtype=np.int32)
        model.a_matrix_.value_ = np.array([v for form, _, _, _ in self.lines for v in form.values()])
        self.solver = highspy.Highs()
        self.solver.setOptionValue("output_flag", False)
        self.solver.setOptionValue("threads", 1)
        self.solver.setOptionValue("simplex_strategy", 4)  # from one target to the next, the last answer still fits
        self.solver.passModel(model)

    def add(self, start: int) -> None:
        """Hands over the lines that were written since there were so many."""
        assert self.solver is not None
        for form, low, high, _ in self.lines[start:]:
            columns = np.array(list(form), dtype=np.int32)
            self.solver.addRow(low, high, len(form), columns, np.array(list(form.values())))

    def forget(self, start: int) -> None:
        """Takes back all lines but the first ones."""
        assert self.solver is not None
        if start < len(self.lines):
            rows = np.arange(start, len(self.lines), dtype=np.int32)
            self.solver.deleteRows(len(rows), rows)
            del self.lines[start:]

    def feasible(self) -> bool:
        """Whether anything fits all lines."""
        return math.isfinite(self.solve(math.inf))

    def bind(self, bounds: dict[int, tuple[float, float]]) -> None:
        """Other bounds of some variables, as long as the lines are not handed over again."""
        assert self.solver is not None
        columns = np.array(list(bounds), dtype=np.int32)
        low, high = (np.array([ends[side] for ends in bounds.values()], dtype=float) for side in (0, 1))
        self.solver.changeColsBounds(len(bounds), columns, low, high)

    def range(self, form: dict[int, float]) -> tuple[float, float]:
        """The least and the most that a combination can be."""
        assert self.solver is not None
        columns = np.array(list(form), dtype=np.int32)
        self.solver.changeColsCost(len(form), columns, np.array(list(form.values())))
        ends = []
        for sense in (highspy.ObjSense.kMinimize, highspy.ObjSense.kMaximize):
            self.solver.changeObjectiveSense(sense)
            ends.append(self.solve(-math.inf if sense == highspy.ObjSense.kMinimize else math.inf))
        self.solver.changeColsCost(len(form), columns, np.zeros(len(form)))
        return ends[0], ends[1]

    def solve(self, unknown: float) -> float:
        """The best value of what was asked; the given one if it cannot be told."""
        assert self.solver is not None
        self.solver.run()
        if self.solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            # It lost its way: from the start again, and of the lines as they are. What HiGHS's presolve makes of figures with all
            # their digits may contradict itself although the true answers fit them.
            self.solver.clearSolver()
            self.solver.setOptionValue("presolve", "off")
            self.solver.run()
            self.solver.setOptionValue("presolve", "choose")
        found = self.solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
        if found and self.seen:
            self.seen(np.array(self.solver.getSolution().col_value))
        return float(self.solver.getObjectiveValue()) if found else unknown

    def range_in_whole_numbers(
        self, form: dict[int, float], counts: Sequence[int], seconds: float
    ) -> tuple[float, float]:
        """The least and the most that a combination can be if counts are whole: what is proven of them in so many seconds."""
        assert self.solver is not None
        solver, ends = self.solver, []
        columns = np.array(list(counts), dtype=np.int32)
        asked = np.array(list(form), dtype=np.int32)
        solver.changeColsIntegrality(len(columns), columns, np.full(len(columns), highspy.HighsVarType.kInteger))
        solver.changeColsCost(len(form), asked, np.array(list(form.values())))
        for sense, unknown in ((highspy.ObjSense.kMinimize, -math.inf), (highspy.ObjSense.kMaximize, math.inf)):
            solver.changeObjectiveSense(sense)
            solver.clearSolver()
            solver.setOptionValue("time_limit", solver.getRunTime() + seconds)
            solver.run()
            bound = solver.getInfo().mip_dual_bound
            ends.append(float(bound) if math.isfinite(bound) else unknown)
        solver.setOptionValue("time_limit", math.inf)
        solver.changeColsCost(len(form), asked, np.zeros(len(form)))
        solver.changeColsIntegrality(len(columns), columns, np.full(len(columns), highspy.HighsVarType.kContinuous))
        solver.clearSolver()
        return ends[0], ends[1]
