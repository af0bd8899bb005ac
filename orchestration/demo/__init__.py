"""Demonstration deliveries: what institutes would hand in, written from a seed, and the truth about it.

Everything a programme's demo says (who delivers how, levels, effects, defects) is data in its `demo/`
and `contracts/` folders; this package only draws and writes.
"""

from orchestration.demo.build import DemoFile, DemoSummary, write_demo

__all__ = ["DemoFile", "DemoSummary", "write_demo"]
