import gzip
import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count, F
from django.utils import timezone

from accounts.models import USERNAME_VALIDATORS, Follow, User
from common.deployment import record_environment
from common.models import Deployment
from consent.models import ConsentEvent, Notice, Subject
from demo import importing
from posts.models import Post
from posts.text.entities import render
from tests.factories import grant, person, post

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path):
    """Write a file of lines, given as texts or as ready bytes, and return its path."""

    def write(lines, name="posts.jsonl", pack=bytes):
        content = b"".join(
            (line if isinstance(line, bytes) else json.dumps({"text": line}).encode()) + b"\n"
            for line in lines
        )
        (tmp_path / name).write_bytes(pack(content))
        return tmp_path / name

    return write


def run(path, **options):
    out, err = StringIO(), StringIO()
    call_command("import_posts", str(path), stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


def counts():
    return {
        model: model.objects.count()
        for model in (User, Follow, Post, Subject, ConsentEvent, Notice)
    }


def test_good_lines_become_posts_and_bad_ones_are_named(file):
    lines = [
        "First @bo https://example.org/a",
        b"oops",
        "Second\r\nline",
        b"{}",
        b'{"text": "Tercero", "lang": "es"}',
    ]
    out, err = run(file(lines))
    first, second, third = Post.objects.order_by("pk")
    assert (first.text, second.text, third.text) == (
        "First @bo https://example.org/a",
        "Second\nline",
        "Tercero",
    )
    assert first.html == render(first.text)
    # Nobody here has this name, and the people of an import are made up.
    assert "@bo" in first.html
    assert 'class="mention"' not in first.html
    assert (first.language, third.language) == ("", "es")
    assert err.splitlines()[0].startswith("line 2: no valid JSON")
    assert err.splitlines()[1:] == ['line 4: no "text"']
    assert out.startswith("3 posts by 10 accounts, ")
    assert out.endswith("posts/s), 2 lines skipped\n")


def test_posts_are_public_imported_and_in_the_order_of_the_file(file):
    before = timezone.now()
    run(file([f"Post {number}" for number in range(200)]))
    posts = list(Post.objects.order_by("pk"))
    assert [found.text for found in posts] == [f"Post {number}" for number in range(200)]
    assert {(found.visibility, found.authorship) for found in posts} == {("public", "human")}
    assert all(before <= found.imported_at <= timezone.now() for found in posts)
    assert all(
        before - importing.PERIOD - timedelta(seconds=1) <= found.created_at for found in posts
    )
    assert posts[-1].created_at <= timezone.now()
    assert posts[-1].created_at - posts[0].created_at > timedelta(days=85)
    # What is written from now on is newer than all of it.
    assert post(person()).pk > posts[-1].pk


def test_accounts_are_marked_and_nobody_can_log_in_to_them(file):
    run(file(["a"]), authors=30)
    made = User.objects.all()
    assert len(made) == 30
    assert all(user.source == "import" and not user.has_usable_password() for user in made)
    assert not any(user.is_staff or user.is_superuser for user in made)
    for user in made:
        USERNAME_VALIDATORS[0](user.username)


def test_accounts_follow_from_the_length_of_the_file(file):
    run(file(["a"] * 501))
    assert User.objects.count() == 21


def test_gzip(file):
    assert "3 posts" in run(file(["a", "b", "c"], "posts.jsonl.gz", gzip.compress))[0]


def test_limit_counts_posts_not_lines(file):
    run(file([b"oops", "a", b"oops", "b", "c", "d"]), limit=2)
    assert list(Post.objects.order_by("pk").values_list("text", flat=True)) == ["a", "b"]


@pytest.mark.parametrize("authors", [100, 400])
def test_few_are_followed_by_most_and_nobody_follows_twice_or_themselves(file, authors):
    run(file(["a"] * 2000), authors=authors)
    followers = sorted(
        User.objects.annotate(many=Count("followed_by")).values_list("many", flat=True),
        reverse=True,
    )
    assert sum(followers[: authors // 10]) > sum(followers[authors // 10 :])
    assert max(User.objects.annotate(many=Count("follows")).values_list("many", flat=True)) <= 50
    assert not Follow.objects.filter(follower=F("followed")).exists()
    assert (
        Follow.objects.count() == Follow.objects.values("follower", "followed").distinct().count()
    )


def test_few_write_much(file):
    run(file(["a"] * 2000), authors=400)
    written = sorted(
        User.objects.annotate(many=Count("posts")).values_list("many", flat=True), reverse=True
    )
    assert sum(written[:40]) > 0.3 * sum(written)
    assert written[0] > 10 * written[200]


def test_the_same_seed_makes_the_same_crowd_and_another_one_another(file):
    path = file(["a"] * 100)

    def crowd(seed):
        newest = User.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        run(path, seed=seed)
        users = list(User.objects.filter(pk__gt=newest).order_by("pk"))
        place = {user.pk: number for number, user in enumerate(users)}
        follows = Follow.objects.filter(follower__in=users).values_list("follower", "followed")
        posts = (
            Post.objects.filter(author__in=users).order_by("pk").values_list("author", flat=True)
        )
        names = [user.display_name for user in users]
        return (
            names,
            {(place[one], place[two]) for one, two in follows},
            [place[author] for author in posts],
        )

    first = crowd(1)
    assert crowd(1) == first
    assert crowd(2) != first


def test_a_file_can_be_imported_again(file):
    path = file(["a", "b"])
    run(path, grant=["pretraining"])
    run(path, grant=["pretraining"])
    assert (User.objects.count(), Post.objects.count(), ConsentEvent.objects.count()) == (20, 4, 20)


def test_without_grant_nobody_consents(file):
    run(file(["a"]))
    assert not Subject.objects.exists()
    assert not ConsentEvent.objects.exists()


def test_grants_stand_in_the_ledger_without_a_gap_and_with_true_hashes(file):
    earlier = grant(person())
    out, _ = run(file(["a"]), authors=15, grant=["pretraining", "evaluation", "pretraining"])
    events = list(ConsentEvent.objects.select_related("notice").order_by("position"))
    assert [event.position for event in events] == list(range(31))
    assert events[0] == earlier
    assert all(bytes(event.leaf_hash) == event.expected_leaf_hash() for event in events)
    assert len({bytes(event.salt) for event in events}) == 31
    made = events[1:]
    assert {(event.source, event.decision, event.scope, event.covers) for event in made} == {
        ("import", "granted", "account", "everything")
    }
    assert all(event.notice.purpose == event.purpose for event in made)
    assert len({(event.subject, event.purpose) for event in made}) == 30
    subjects = Subject.objects.filter(user__source="import")
    assert {subject.pk for subject in subjects} == {event.subject for event in made}
    assert all(subject.adult_attested_at for subject in subjects)
    assert ", 30 grants in " in out


def test_a_production_database_refuses(file):
    record_environment()
    Deployment.objects.update(environment="production")
    with pytest.raises(CommandError, match="nobody's consent is invented"):
        run(file(["a"]), grant=["pretraining"])
    assert not User.objects.exists()


def test_production_settings_refuse(file, settings):
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="production"):
        run(file(["a"]))


@pytest.mark.parametrize("most", [None, 100])
def test_a_file_that_breaks_in_the_middle_leaves_nothing(file, tmp_path, most):
    """With a limit of 100 only 100 lines are counted beforehand: the bad line leads on to the break, amid COPY."""
    person()
    before = counts()
    whole = (
        b"".join(json.dumps({"text": f"Post {number}"}).encode() + b"\n" for number in range(99))
        + b"oops\n"
    )
    broken = tmp_path / "posts.jsonl.gz"
    broken.write_bytes(gzip.compress(whole) + gzip.compress(b'{"text": "late"}\n' * 9000)[:40])
    with pytest.raises(CommandError, match=r"no whole gzip file.*Nothing was imported"):
        run(broken, limit=most, grant=["pretraining"])
    assert counts() == before


@pytest.mark.parametrize("lines", [[], [b"oops", b"{}"]])
def test_a_file_without_posts_makes_no_accounts(file, lines):
    with pytest.raises(CommandError, match="holds no post"):
        run(file(lines))
    assert not User.objects.exists()


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_import_reads_what_other_systems_write(tmp_path, encoding, ends, pack):
    path = tmp_path / "posts.jsonl"
    path.write_bytes(
        pack(ends.join(['{"text": "eins"}', '{"text": "zwei ü"}', ""]).encode(encoding))
    )
    assert "0 lines skipped" in run(path)[0]
    assert set(Post.objects.values_list("text", flat=True)) == {"eins", "zwei ü"}


def test_import_of_unmarked_utf_16_refuses_the_file_in_one_sentence(tmp_path):
    path = tmp_path / "posts.jsonl"
    path.write_bytes('{"text": "eins"}\n'.encode("utf-16-le") * 3)
    with pytest.raises(
        CommandError,
        match=r"UTF-16 without a byte order mark. Save it as UTF-8. Nothing was imported",
    ):
        run(path)


def test_a_missing_file_and_a_folder(tmp_path):
    with pytest.raises(CommandError, match=r"There is no file .*nowhere\.jsonl\. Check the path\."):
        run(tmp_path / "nowhere.jsonl")
    with pytest.raises(CommandError, match="cannot be read"):
        run(tmp_path)


@pytest.mark.parametrize(
    "options", [["--authors", "0"], ["--limit", "-1"], ["--grant", "everything"]]
)
def test_wrong_options(file, options):
    with pytest.raises(CommandError):
        call_command("import_posts", str(file(["a"])), *options)


@pytest.mark.shared
def test_real_posts(shared_data):
    out, err = run(shared_data / "posts.jsonl.gz", limit=5000, grant=["pretraining"])
    assert out.startswith("5,000 posts by 200 accounts, ")
    assert err == ""
    assert Post.objects.values("language").distinct().count() > 15
    assert ConsentEvent.objects.count() == 200
