"""The evaluation lists that a build excludes."""

from django.utils.translation import gettext

from dataset_export.models import EvaluationList, Snapshot
from dataset_export.pipeline.recipe import RecipeSpec
from dataset_export.pipeline.steps.decontaminate import EvaluationNgrams


class UnknownEvaluationListError(Exception):
    """A recipe names an evaluation list that doesn't exist."""


def lists_for(recipe: RecipeSpec) -> list[EvaluationList]:
    """Return the lists that a build by this recipe would exclude now."""
    names = recipe.evaluation_lists
    lists = EvaluationList.objects.defer("ngrams").order_by("name")
    if names == "all":
        return list(lists)
    found = list(lists.filter(name__in=names))
    missing = sorted(set(names) - {each.name for each in found})
    if missing:
        raise UnknownEvaluationListError(
            gettext("The recipe names lists that are not there: {names}.").format(
                names=", ".join(missing)
            )
        )
    return found


def lists_of(snapshot: Snapshot) -> list[EvaluationNgrams]:
    """Return the lists that were pinned when the build started."""
    return [
        EvaluationNgrams.from_bytes(bytes(each.ngrams))
        for each in snapshot.evaluation_lists.order_by("name")
    ]
