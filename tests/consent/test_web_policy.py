"""What the site tells machines about training AI, in every vocabulary, and who decides it."""

import re
from urllib.robotparser import RobotFileParser

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client

from accounts.models import User
from accounts.services import follow
from consent.ai_policy.crawlers import DEFAULT_CRAWLERS, sync_default_crawlers
from consent.ai_policy.middleware import usage_headers
from consent.models import Crawler, Subject
from consent.services import get_or_create_subject, record_age_attestation
from tests.dataset_export.grants import granted
from tests.dataset_export.snapshots import bearer
from tests.factories import grant, person, post

NO = {
    "Content-Usage": "train-ai=n, search=y",
    "tdm-reservation": "1",
    "tdm-policy": f"{settings.SITE_URL}/ai-policy",
    "X-Robots-Tag": "noai, noimageai",
}
YES = {"Content-Usage": "train-ai=y, search=y", "tdm-reservation": "0"}
ROBOTS_META = '<meta name="robots" content="noai, noimageai">'


def opened(user: User) -> User:
    """Let crawlers take a person's pages."""
    get_or_create_subject(user)
    Subject.objects.filter(user=user).update(allows_crawling=True)
    return user


def said(response) -> dict[str, str]:
    return {name: response[name] for name in NO if name in response}


def says(path: str, client: Client | None = None) -> str:
    """Return what a page says to machines, which has to be the same in the headers and in the page."""
    response = (client or Client()).get(path)
    assert response.status_code == 200, path
    if response["Content-Type"].startswith("text/html"):
        assert (ROBOTS_META in response.content.decode()) == (said(response) == NO), path
    assert said(response) in (YES, NO), path
    return "yes" if said(response) == YES else "no"


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/public",
        "/@alice",
        "/@alice/followers",
        "/@alice/{post}",
        "/datasets/",
        "/ai-policy",
        "/healthz",
    ],
)
def test_without_anybodys_word_the_answer_is_no(alice, path):
    assert says(path.format(post=post(alice).pk)) == "no"


def test_a_page_that_is_not_there_says_no_too(db):
    assert said(Client().get("/nowhere")) == NO


def test_what_a_data_set_may_be_used_for_is_not_said_by_the_site(alice):
    granted(alice)
    response = Client().get("/api/v1/datasets/", headers=bearer(alice))
    assert response.status_code == 200
    assert said(response) == {}


def test_a_yes_to_our_data_sets_is_no_yes_to_crawlers(alice):
    grant(alice)
    assert says("/@alice") == "no"


def test_one_persons_pages_are_open_when_that_person_opened_them(alice, bob):
    mine, other = post(opened(alice)), post(bob)
    assert says("/@alice") == says(f"/@alice/{mine.pk}") == "yes"
    assert says("/@bob") == says(f"/@bob/{other.pk}") == "no"
    Subject.objects.update(allows_crawling=False)
    assert says("/@alice") == "no"


def test_pages_with_everybodys_posts_are_never_open(alice):
    post(opened(alice))
    assert says("/") == says("/public") == says("/@alice/followers") == "no"
    browser = Client()
    browser.force_login(alice)
    assert says("/", browser) == "no"


def test_a_conversation_is_open_when_all_who_speak_in_it_are(alice, bob, charlie):
    first = post(opened(alice))
    answer = post(bob, reply_to=first)
    assert says(f"/@alice/{first.pk}") == "no"
    assert says(f"/@bob/{answer.pk}") == "no"
    opened(bob)
    assert says(f"/@alice/{first.pk}") == says(f"/@bob/{answer.pk}") == "yes"
    post(charlie, reply_to=answer)
    assert says(f"/@bob/{answer.pk}") == "no"
    assert says(f"/@alice/{first.pk}") == "yes"


def test_a_post_that_is_not_for_everyone_closes_the_page(alice, bob):
    follow(follower=bob, followed=opened(alice))
    hidden = post(alice, visibility="followers")
    browser = Client()
    browser.force_login(bob)
    assert says(f"/@alice/{hidden.pk}", browser) == says("/@alice", browser) == "no"
    assert says("/@alice") == "yes"


def test_the_cost_is_the_same_for_one_and_for_twenty(
    alice, django_assert_num_queries, django_assert_max_num_queries
):
    first = post(opened(alice))
    post(person("guest"), reply_to=first)
    with django_assert_max_num_queries(20) as one:
        Client().get(f"/@alice/{first.pk}")
    for number in range(19):
        post(person(f"guest{number}"), reply_to=first)
    with django_assert_num_queries(len(one)):
        Client().get(f"/@alice/{first.pk}")


def test_the_values_are_dictionaries_of_y_and_n():
    for allows in (True, False):
        for entry in usage_headers(allows)["Content-Usage"].split(", "):
            assert re.fullmatch(r"(train-ai|search)=[yn]", entry)


def test_tdmrep_reserves_the_whole_site(db):
    response = Client().get("/.well-known/tdmrep.json")
    assert response["Content-Type"] == "application/json"
    assert response.json() == [
        {"location": "/", "tdm-reservation": 1, "tdm-policy": f"{settings.SITE_URL}/ai-policy"}
    ]


def robots_txt() -> str:
    response = Client().get("/robots.txt")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    return response.content.decode()


def allowed(agent: str, path: str) -> bool:
    parser = RobotFileParser()
    parser.parse(robots_txt().splitlines())
    return parser.can_fetch(agent, path)


def test_robots_txt_keeps_trainers_out_and_lets_searchers_in(db):
    call_command("prepare_site")
    for agent in ("GPTBot", "ClaudeBot", "CCBot", "Bytespider", "Google-Extended", "cohere-ai"):
        assert not allowed(agent, "/@alice"), agent
    for agent in ("Googlebot", "OAI-SearchBot", "PerplexityBot", "anything"):
        assert allowed(agent, "/@alice"), agent
        assert not allowed(agent, "/admin/"), agent


def test_robots_txt_is_in_the_form_of_the_standard(alice):
    call_command("prepare_site")
    opened(alice)
    rule = re.compile(
        r"#.*|User-agent: [A-Za-z0-9_.-]+|User-agent: \*|(Allow|Disallow): /\S*"
        r"|Content-Usage: /\S* train-ai=[yn], search=y|Sitemap: https?://\S+|"
    )
    for line in robots_txt().splitlines():
        assert rule.fullmatch(line), line
    groups = [group for group in robots_txt().split("\n\n") if "User-agent" in group]
    assert len(groups) == 2
    for group in groups:
        assert "Content-Usage: / train-ai=n, search=y" in group


def test_robots_txt_opens_the_profiles_of_those_who_said_so_and_no_other(alice):
    call_command("prepare_site")
    person("alicia")
    assert "/@alice" not in robots_txt()
    opened(alice)
    text = robots_txt()
    assert text.count("Content-Usage: /@alice$ train-ai=y, search=y") == 2
    assert text.count("Allow: /@alice$") == 1
    assert "alicia" not in text
    # Others may answer on the page of a post, so the name alone opens none of these.
    assert not re.search(r"/@alice(/|\n| )", text)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert "/@alice" not in robots_txt()


def test_the_operators_list_is_never_undone(db):
    call_command("prepare_site")
    assert Crawler.objects.count() == len(DEFAULT_CRAWLERS) >= 25
    Crawler.objects.filter(user_agent="GPTBot").update(is_blocked=False)
    Crawler.objects.filter(user_agent="CCBot").delete()
    call_command("prepare_site")
    assert not Crawler.objects.get(user_agent="GPTBot").is_blocked
    assert not Crawler.objects.filter(user_agent="CCBot").exists()
    assert "GPTBot" not in robots_txt()


def test_the_first_list_is_sound(db):
    sync_default_crawlers()
    for crawler in Crawler.objects.all():
        crawler.full_clean()
    assert len({name.lower() for name, *_ in DEFAULT_CRAWLERS}) == len(DEFAULT_CRAWLERS)


@pytest.mark.parametrize("name", ["two words", "GPTBot\nAllow: /", "", "a#b", "*"])
def test_a_name_cannot_smuggle_rules_into_robots_txt(client, db, name):
    client.force_login(person("root", is_staff=True, is_superuser=True))
    row = {"user_agent": name, "operator": "Somebody", "purpose": "training", "is_blocked": "on"}
    response = client.post("/admin/consent/crawler/add/", row)
    assert response.status_code == 200
    assert not Crawler.objects.exists()


def test_an_operator_adds_a_crawler_in_the_admin(client, db):
    client.force_login(person("root", is_staff=True, is_superuser=True))
    row = {
        "user_agent": "NewBot",
        "operator": "Somebody",
        "purpose": "training",
        "is_blocked": "on",
    }
    assert client.post("/admin/consent/crawler/add/", row).status_code == 302
    assert "User-agent: NewBot\n" in robots_txt()


def test_the_policy_says_what_the_headers_say(client, db):
    sync_default_crawlers()
    page = client.get("/ai-policy").content.decode()
    for words in (
        "train-ai=n, search=y",
        "tdm-reservation",
        "noai, noimageai",
        "GPTBot",
        "can’t enforce",
    ):
        assert words in page
    assert '/ai-policy"' in client.get("/public").content.decode()


def test_the_switch_turns_on_and_off(client, alice):
    record_age_attestation(user=alice)
    client.force_login(alice)
    assert not get_or_create_subject(alice).allows_crawling
    response = client.post("/settings/training-crawling", {"allows": "on"})
    assert response["Location"] == "/settings/training#crawling"
    assert get_or_create_subject(alice).allows_crawling
    client.post("/settings/training-crawling", {"allows": "off"})
    assert not get_or_create_subject(alice).allows_crawling


def test_opening_needs_an_adult_and_closing_needs_nothing(client, alice):
    client.force_login(alice)
    client.post("/settings/training-crawling", {"allows": "on"})
    assert not get_or_create_subject(alice).allows_crawling
    client.post("/settings/training-crawling", {"allows": "on", "adult": "on"})
    assert get_or_create_subject(alice).allows_crawling
    Subject.objects.update(adult_attested_at=None)
    client.post("/settings/training-crawling", {"allows": "off"})
    assert not get_or_create_subject(alice).allows_crawling


@pytest.mark.parametrize("form", [{}, {"allows": ""}, {"allows": "perhaps"}])
def test_silence_changes_nothing(client, alice, form):
    client.force_login(opened(alice))
    client.post("/settings/training-crawling", form)
    assert get_or_create_subject(alice).allows_crawling


def test_the_switch_is_ones_own(client, alice, bob):
    record_age_attestation(user=bob)
    client.force_login(bob)
    client.post("/settings/training-crawling", {"allows": "on", "user": alice.pk})
    assert get_or_create_subject(bob).allows_crawling
    assert not get_or_create_subject(alice).allows_crawling
    assert Client().post("/settings/training-crawling", {"allows": "on"}).status_code == 302
