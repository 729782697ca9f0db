from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

from common.migration_safety import check_migration_safety, find_unsafe_operations
from common.sql_files import run_sql_file

INDEX = models.Index(fields=["created_at"], name="post_created")


def problems(
    *operations: migrations.operations.base.Operation, app: str = "posts", **state
) -> list:
    body = {"operations": list(operations), "initial": False, **state}
    migration = type("Migration", (migrations.Migration,), body)("0002_change", app)
    return list(find_unsafe_operations(migration))


def test_migrations_of_this_tree_are_safe():
    assert check_migration_safety(None) == []


def test_index_on_a_large_table_blocks_writers():
    [problem] = problems(migrations.AddIndex("post", INDEX))
    assert "index on post" in problem


def test_index_built_concurrently_is_safe():
    assert problems(AddIndexConcurrently("post", INDEX)) == []


def test_index_on_a_small_table_is_safe():
    assert problems(migrations.AddIndex("keywordfilter", INDEX)) == []


def test_column_without_a_database_default_is_unsafe():
    [problem] = problems(migrations.AddField("post", "pinned", models.BooleanField(default=False)))
    assert "post.pinned without db_default" in problem


def test_column_with_a_database_default_or_null_is_safe():
    field = models.BooleanField(default=False, db_default=False)
    optional = models.DateTimeField(null=True)
    assert (
        problems(
            migrations.AddField("post", "pinned", field),
            migrations.AddField("post", "seen_at", optional),
        )
        == []
    )


def test_altered_column_may_rewrite_the_table():
    [problem] = problems(migrations.AlterField("post", "text", models.CharField(max_length=9)))
    assert "alters post.text" in problem


def test_dropped_column_is_still_read_by_running_servers():
    [problem] = problems(migrations.RemoveField("post", "text"))
    assert "drops post.text" in problem


def test_constraint_is_validated_under_a_lock():
    constraint = models.CheckConstraint(condition=models.Q(id__gt=0), name="positive")
    [problem] = problems(migrations.AddConstraint("post", constraint))
    assert "constraint on post" in problem


def test_sql_and_python_of_unknown_cost_are_unsafe():
    assert len(problems(migrations.RunSQL("UPDATE posts_post SET text = ''"))) == 1
    assert len(problems(migrations.RunPython(migrations.RunPython.noop))) == 1


def test_files_of_functions_are_safe_and_files_of_indexes_are_not():
    assert problems(run_sql_file("timeline", "search_index_posts")) == []
    assert len(problems(run_sql_file("timeline", "search_users_index"))) == 1


def test_stated_reason_admits_a_lock():
    index = migrations.AddIndex("post", INDEX)
    assert problems(index, locks_large_tables="Takes 2 s per million posts.") == []


def test_initial_migration_is_exempt():
    assert problems(migrations.AddIndex("post", INDEX), initial=True) == []
