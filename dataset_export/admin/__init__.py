import dataset_export.access.admin  # noqa: F401  its models belong to this app
from dataset_export.admin.evaluation import EvaluationListAdmin
from dataset_export.admin.recipes import RecipeAdmin
from dataset_export.admin.snapshots import ACTS, SnapshotAdmin

__all__ = ["ACTS", "EvaluationListAdmin", "RecipeAdmin", "SnapshotAdmin"]
