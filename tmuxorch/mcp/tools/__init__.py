"""The tools, one table. What only a human may decide is in none of them."""

from tmuxorch.mcp.tools import status, news, plans, runs, workers, results, patterns, children, humans  # noqa: I001
from tmuxorch.mcp.tools.tool import TOOLS, Kind, Tool

__all__ = [
    "TOOLS",
    "Kind",
    "Tool",
    "children",
    "humans",
    "news",
    "patterns",
    "plans",
    "results",
    "runs",
    "status",
    "workers",
]
