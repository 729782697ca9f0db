"""Review of a built snapshot: statistics, comparison, warnings and rows."""
