"""Import the tasks of all packages, as Celery discovers an app's `tasks` module only."""

import dataset_export.access.tasks
import dataset_export.builds.tasks
import dataset_export.erasure.tasks
import dataset_export.removals.tasks
import dataset_export.review.tasks
import dataset_export.transparency.tasks  # noqa: F401
