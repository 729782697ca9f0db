import dataset_export.access.admin  # its models belong to this app
import dataset_export.removals.admin  # noqa: F401  and so do these
from dataset_export.admin.evaluation import EvaluationListAdmin
from dataset_export.admin.recipes import RecipeAdmin
from dataset_export.admin.snapshots import ACTIONS, SnapshotAdmin

__all__ = ["ACTIONS", "EvaluationListAdmin", "RecipeAdmin", "SnapshotAdmin"]
