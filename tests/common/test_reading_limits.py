"""How much may be read without log-in, and which crawlers get nothing."""

import pytest
from django.test import Client

from accounts.services import create_token
from consent.ai_policy.crawlers import set_crawling_permission, sync_default_crawlers
from consent.models import Crawler
from consent.services import record_age_attestation
from tests.factories import person, post


@pytest.fixture(autouse=True)
def low_limits(settings, monkeypatch) -> None:
    settings.READ_LIMITS = {"anonymous_pages": 3, "anonymous_api": 2, "account": 4}
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    monkeypatch.setattr("common.ratelimits.time.time", lambda: 1_800_000_000.0 + 20)


def read(path: str, address: str = "5.5.5.5", **headers: str):
    return Client().get(path, headers={"X-Forwarded-For": address, **headers})


def statuses(path: str, times: int, address: str = "5.5.5.5") -> list[int]:
    return [read(path, address).status_code for _ in range(times)]


API = [
    "/api/v1/timelines/public",
    "/api/v1/timelines/tag/bread",
    "/api/v1/accounts/lookup?acct=alice",
    "/api/v1/signing-key",
]


@pytest.mark.parametrize("path", API)
def test_the_api_without_a_token_is_limited_by_address(alice, path):
    assert statuses(path, 4) == [200, 200, 429, 429]
    assert read(path, "6.6.6.6").status_code == 200
    refused = read(path)
    assert 0 < int(refused["Retry-After"]) <= 60
    assert refused.json()["error"].startswith("Request was throttled")


def test_answers_say_what_is_left(alice):
    first, second, third = (read("/api/v1/timelines/public") for _ in range(3))
    assert [first["X-RateLimit-Limit"], first["X-RateLimit-Remaining"]] == ["2", "1"]
    assert [second["X-RateLimit-Remaining"], third["X-RateLimit-Remaining"]] == ["0", "0"]
    assert first["X-RateLimit-Reset"] == "2027-01-15T08:01:00.000Z"


@pytest.mark.parametrize("path", ["/public", "/@alice", "/@alice.atom", "/explore", "/datasets/"])
def test_pages_without_log_in_are_limited_by_address(alice, path):
    assert statuses(path, 4) == [200, 200, 200, 429]
    assert read(path, "6.6.6.6").status_code == 200


def test_a_cookie_that_is_no_session_does_not_help(alice):
    answers = [read("/public", Cookie="sessionid=made-up").status_code for _ in range(4)]
    assert answers == [200, 200, 200, 429]


def test_who_is_logged_in_reads_on(client, alice):
    client.force_login(alice)
    assert [client.get("/public").status_code for _ in range(6)] == [200] * 6


def test_a_persons_programs_are_counted_together(alice):
    tokens = [create_token(user=alice, name=name, scopes=["read"]) for name in ("one", "two")]
    home, answers = "/api/v1/timelines/home", []
    for number in range(5):
        token = tokens[number % 2]
        answers.append(read(home, f"7.7.7.{number}", Authorization=f"Bearer {token}").status_code)
    assert answers == [200, 200, 200, 200, 429]


@pytest.mark.parametrize(
    "path", ["/robots.txt", "/ai-policy", "/.well-known/tdmrep.json", "/healthz"]
)
def test_what_everybody_has_to_read_is_not_limited(db, path):
    assert statuses(path, 6) == [200] * 6


@pytest.mark.usefixtures("no_redis")
def test_reading_is_limited_without_redis(alice):
    assert statuses("/api/v1/timelines/public", 3) == [200, 200, 429]


AGENTS = {
    "GPTBot/1.2": True,
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; GPTBot/1.2; +https://openai.com/gptbot": True,
    "mozilla/5.0 (compatible; gptbot/1.2)": True,
    "CCBot/2.0 (https://commoncrawl.org/faq/)": True,
    "Mozilla/5.0 (X11; Ubuntu; rv:72.0) Gecko/20100101 Firefox/72.0 (compatible; img2dataset; +https://x)": True,
    "Mozilla/5.0 AppleWebKit/537.36 (compatible; ChatGPT-User/1.0; +https://openai.com/bot)": False,
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)": False,
    "Mozilla/5.0 (Windows NT 10.0; Win64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36": False,
    "NotGPTBotAtAll/1.0": False,
    "datasets/4.0; python/3.11": False,
}


@pytest.mark.parametrize("agent", AGENTS)
def test_crawlers_that_robots_txt_turns_away_get_nothing(alice, agent):
    sync_default_crawlers()
    made = post(alice)
    expected = 403 if AGENTS[agent] else 200
    for number, path in enumerate(
        ["/", made.get_absolute_url(), "/@alice.atom", "/api/v1/timelines/public"]
    ):
        answer = read(path, f"7.7.7.{number}", **{"User-Agent": agent})
        assert answer.status_code == expected, path
        if expected == 403:
            assert "/ai-policy" in answer.content.decode()
            assert (answer["Content-Type"] == "application/json") == path.startswith("/api/")
    for path in ("/robots.txt", "/ai-policy", "/.well-known/tdmrep.json"):
        assert read(path, **{"User-Agent": agent}).status_code == 200


def test_pages_that_their_author_opened_are_open_to_crawlers(
    alice, bob, django_capture_on_commit_callbacks
):
    sync_default_crawlers()
    gptbot = {"User-Agent": "GPTBot/1.2"}
    assert read("/@alice", **gptbot).status_code == 403
    record_age_attestation(user=alice)
    with django_capture_on_commit_callbacks(execute=True):
        set_crawling_permission(user=alice, allows=True)
    assert read("/@alice", **gptbot).status_code == 200
    assert read("/@bob", **gptbot).status_code == 403


def test_an_operator_that_lets_a_crawler_in_does_so_at_once(
    client, db, django_capture_on_commit_callbacks
):
    client.force_login(person("root", is_staff=True, is_superuser=True))
    sync_default_crawlers()
    assert read("/public", **{"User-Agent": "GPTBot/1.2"}).status_code == 403
    row = Crawler.objects.get(user_agent="GPTBot")
    form = {"user_agent": "GPTBot", "operator": "OpenAI", "purpose": "training"}
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(f"/admin/consent/crawler/{row.pk}/change/", form).status_code == 302
    assert read("/public", **{"User-Agent": "GPTBot/1.2"}).status_code == 200


def test_a_browser_costs_no_query_more(alice, django_assert_num_queries):
    browser = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36"
    with django_assert_num_queries(0):
        assert read("/accounts/login/", **{"User-Agent": browser}).status_code == 200
