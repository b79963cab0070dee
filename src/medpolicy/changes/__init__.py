"""What changed between two versions of a policy, in meaning.

for comparison in compare_folders("policies/x/versions/1", "policies/x/versions/2"):
    comparison.verdict, comparison.changes
"""

from medpolicy.changes.bulletin import bulletin
from medpolicy.changes.comparison import Comparison, Verdict, compare, compare_folders
from medpolicy.changes.outcome import ChangeClass, Outcome
from medpolicy.changes.report import overall, render, to_dict
from medpolicy.changes.search import Change

__all__ = [
    "Change",
    "ChangeClass",
    "Comparison",
    "Outcome",
    "Verdict",
    "bulletin",
    "compare",
    "compare_folders",
    "overall",
    "render",
    "to_dict",
]
