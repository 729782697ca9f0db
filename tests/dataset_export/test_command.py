"""`build_snapshot`, on which scripts rely: it ends well when the snapshot stands in review, else with the reason."""

import pytest
from django.core.management import CommandError, call_command

from common.models import Deployment
from consent.models import ConsentEvent
from dataset_export.builds import executor
from dataset_export.builds.recipes import ensure_recipes
from dataset_export.management.commands import build_snapshot
from dataset_export.models import Snapshot
from tests.factories import grant, post, snapshot


@pytest.fixture(autouse=True)
def site(alice, monkeypatch) -> None:
    monkeypatch.setattr(build_snapshot, "PAUSE_SECONDS", 0)
    monkeypatch.setattr(build_snapshot, "tune_for_batches", lambda: None)
    ensure_recipes()
    post(alice)
    grant(alice)


def run(*arguments: str, **options) -> None:
    call_command("build_snapshot", *arguments, **options)


def test_with_wait_it_ends_with_a_snapshot_in_review(capsys):
    run("words", "--purpose", "pretraining", "--wait")
    made = Snapshot.objects.get()
    assert (made.state, made.recipe.name) == ("in_review", "pretraining-default")
    assert "words, version 1 stands in review: 1 rows." in capsys.readouterr().out


def test_without_wait_it_leaves_the_work_to_the_workers():
    run("words", "--purpose", "pretraining")
    made = Snapshot.objects.get()
    assert made.state == "building"
    assert made.tasks.filter(done_at__isnull=True).exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["Two Words", "--purpose", "pretraining"], "Use a to z, digits and hyphens."),
        (["words", "--purpose", "all"], "invalid choice"),
        (["words"], "--purpose"),
        (["words", "--purpose", "pretraining", "--recipe", "none"], "There is no recipe none."),
        (["taken", "--purpose", "pretraining"], "another name"),
    ],
)
def test_what_cannot_be_built_ends_with_the_reason(arguments, says):
    snapshot("taken", "evaluation")
    with pytest.raises(CommandError, match=says) as ended:
        run(*arguments)
    assert ended.value.returncode == 1
    assert Snapshot.objects.count() == 1


def test_a_build_that_fails_ends_with_the_reason(monkeypatch):
    def fail(part) -> None:
        raise OSError("No space left on device")

    monkeypatch.setitem(executor.STAGE_HANDLERS, "write", fail)
    with pytest.raises(CommandError, match="No space left on device") as ended:
        run("words", "--purpose", "pretraining", "--wait")
    assert ended.value.returncode == 1
    assert Snapshot.objects.get().state == "failed"


def test_a_build_that_is_cancelled_ends_as_a_failure(monkeypatch):
    monkeypatch.setattr(
        build_snapshot,
        "process_next_task",
        lambda pk: Snapshot.objects.filter(pk=pk).update(state="cancelled") == 1,
    )
    with pytest.raises(CommandError, match="cancelled"):
        run("words", "--purpose", "pretraining", "--wait")


def test_a_database_with_made_up_consent_does_not_become_a_production_one(bob, settings):
    made_up = ConsentEvent.objects.get(pk=grant(bob).position)
    made_up.source = ConsentEvent.Source.IMPORT
    made_up.seal().save(force_insert=True)
    call_command("prepare_site")
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="made up consent"):
        call_command("prepare_site")
    assert Deployment.objects.get().environment == "development"
