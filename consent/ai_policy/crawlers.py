"""The crawlers that are known, whom they serve, and what robots.txt says to them."""

import re
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.db import transaction

from consent.models import Crawler, Subject
from consent.services import AgeAttestationRequiredError, get_or_create_subject

_Purpose = Crawler.Purpose
BLOCKED_BY_DEFAULT = (_Purpose.TRAINING, _Purpose.COLLECTING)
# A crawler reads 500 KiB of robots.txt (RFC 9309, 2.5). For whoever does not fit, the site's own "no" stands.
MAX_LISTED = 1_000

# The names in a User-Agent (RFC 9110, 10.1.5), also those in its comments.
PRODUCT = re.compile(r"[A-Za-z0-9_.-]+")
NAMES_PROGRAM = re.compile(
    r"bot|crawl|spider|compatible|https?:|www\.|@|fetch|scrap|dataset", re.IGNORECASE
)
RULES_KEY, RULES_SECONDS = "crawler-rules", 60

OPENAI = "https://platform.openai.com/docs/bots"
ANTHROPIC = (
    "https://support.anthropic.com/en/articles/"
    "8896518-does-anthropic-crawl-data-from-the-web-and-how-can-site-owners-block-the-crawler"
)
META = "https://developers.facebook.com/docs/sharing/webmasters/web-crawlers"
PERPLEXITY = "https://docs.perplexity.ai/guides/bots"

# The first list of a new site: name in robots.txt, operator, what for, where its operator describes it.
DEFAULT_CRAWLERS: list[tuple[str, str, _Purpose, str]] = [
    ("GPTBot", "OpenAI", _Purpose.TRAINING, OPENAI),
    ("OAI-SearchBot", "OpenAI", _Purpose.SEARCH, OPENAI),
    ("ChatGPT-User", "OpenAI", _Purpose.ON_REQUEST, OPENAI),
    ("ClaudeBot", "Anthropic", _Purpose.TRAINING, ANTHROPIC),
    ("Claude-SearchBot", "Anthropic", _Purpose.SEARCH, ANTHROPIC),
    ("Claude-User", "Anthropic", _Purpose.ON_REQUEST, ANTHROPIC),
    (
        "Google-Extended",
        "Google",
        _Purpose.TRAINING,
        "https://developers.google.com/search/docs/crawling-indexing/google-common-crawlers",
    ),
    ("Applebot-Extended", "Apple", _Purpose.TRAINING, "https://support.apple.com/en-us/119829"),
    ("Meta-ExternalAgent", "Meta", _Purpose.TRAINING, META),
    ("Meta-ExternalFetcher", "Meta", _Purpose.ON_REQUEST, META),
    ("FacebookBot", "Meta", _Purpose.TRAINING, "https://developers.facebook.com/docs/sharing/bot/"),
    ("Amazonbot", "Amazon", _Purpose.TRAINING, "https://developer.amazon.com/amazonbot"),
    ("Bytespider", "ByteDance", _Purpose.TRAINING, ""),
    ("PanguBot", "Huawei", _Purpose.TRAINING, ""),
    ("DeepSeekBot", "DeepSeek", _Purpose.TRAINING, ""),
    ("cohere-ai", "Cohere", _Purpose.ON_REQUEST, ""),
    ("cohere-training-data-crawler", "Cohere", _Purpose.TRAINING, ""),
    ("AI2Bot", "Allen Institute for AI", _Purpose.TRAINING, "https://allenai.org/crawler"),
    (
        "SBIntuitionsBot",
        "SB Intuitions",
        _Purpose.TRAINING,
        "https://www.sbintuitions.co.jp/en/bot/",
    ),
    (
        "Cotoyogi",
        "Research Organization of Information and Systems, Japan",
        _Purpose.TRAINING,
        "https://ds.rois.ac.jp/en_center8/en_crawler/",
    ),
    ("CCBot", "Common Crawl", _Purpose.COLLECTING, "https://commoncrawl.org/ccbot"),
    ("Diffbot", "Diffbot", _Purpose.COLLECTING, "https://www.diffbot.com/"),
    ("omgili", "Webz.io", _Purpose.COLLECTING, "https://webz.io/bot.html"),
    ("Webzio-Extended", "Webz.io", _Purpose.COLLECTING, "https://webz.io/bot.html"),
    ("LAIONDownloader", "LAION", _Purpose.COLLECTING, "https://laion.ai/faq/"),
    (
        "img2dataset",
        "whoever runs this program",
        _Purpose.COLLECTING,
        "https://github.com/rom1504/img2dataset",
    ),
    ("PerplexityBot", "Perplexity", _Purpose.SEARCH, PERPLEXITY),
    ("Perplexity-User", "Perplexity", _Purpose.ON_REQUEST, PERPLEXITY),
    ("YouBot", "You.com", _Purpose.SEARCH, "https://about.you.com/youbot/"),
    (
        "DuckAssistBot",
        "DuckDuckGo",
        _Purpose.ON_REQUEST,
        "https://duckduckgo.com/duckduckgo-help-pages/results/duckassistbot/",
    ),
    ("MistralAI-User", "Mistral AI", _Purpose.ON_REQUEST, "https://docs.mistral.ai/robots"),
]


@dataclass(frozen=True, slots=True)
class RobotsRules:
    """What robots.txt says: whom it turns away, and whose pages are open for training all the same."""

    blocked_crawlers: list[Crawler]
    open_names: list[str]


def sync_default_crawlers() -> None:
    """Make the first list of crawlers, once; from then on it is the operator's."""
    if Crawler.objects.exists():
        return
    Crawler.objects.bulk_create(
        [
            Crawler(
                user_agent=name,
                operator=operator,
                purpose=purpose,
                documentation_url=url,
                # What nobody describes stays out as well, whatever it is said to be for.
                is_blocked=purpose in BLOCKED_BY_DEFAULT or not url,
            )
            for name, operator, purpose, url in DEFAULT_CRAWLERS
        ],
        ignore_conflicts=True,
    )


def robots_rules() -> RobotsRules:
    """Return what robots.txt has to say at this moment, in two queries."""
    blocked_crawlers = Crawler.objects.filter(is_blocked=True).order_by("operator", "user_agent")
    open_names = (
        Subject.objects.filter(allows_crawling=True, user__is_active=True)
        .order_by("user_id")
        .values_list("user__username", flat=True)
    )
    return RobotsRules(list(blocked_crawlers), list(open_names[:MAX_LISTED]))


def is_turned_away(user_agent: str, path: str) -> bool:
    """Say whether robots.txt turns a crawler away from a page, asked for under this User-Agent.

    Browsers, whose User-Agent names no program, cost nothing; for others the rules are read once a minute.
    """
    if is_browser(user_agent):
        return False
    blocked, open_names = enforced_rules()
    names = {name.lower() for name in PRODUCT.findall(user_agent)}
    if names.isdisjoint(blocked):
        return False
    # As robots.txt says: `Allow: /@name$` and `Allow: /@name?`.
    return not (path.startswith("/@") and path[2:] in open_names)


def is_browser(user_agent: str) -> bool:
    """Say whether a User-Agent looks like a browser's: crawlers say that they are one, or where they come from."""
    return not user_agent or (
        user_agent.startswith("Mozilla/5.0 (") and NAMES_PROGRAM.search(user_agent) is None
    )


def enforced_rules() -> tuple[set[str], set[str]]:
    """Return the blocked names in lower case, and the people whose pages are open all the same."""
    kept: tuple[set[str], set[str]] | None = cache.get(RULES_KEY)
    if kept is None:
        rules = robots_rules()
        kept = (
            {crawler.user_agent.lower() for crawler in rules.blocked_crawlers},
            set(rules.open_names),
        )
        cache.set(RULES_KEY, kept, RULES_SECONDS)
    return kept


def forget_rules() -> None:
    """Have the rules read again for the next request, as they have changed."""
    cache.delete(RULES_KEY)


@transaction.atomic
def set_crawling_permission(*, user: Any, allows: bool) -> None:
    """Open a person's public pages to crawlers that train AI, or close them again.

    Raises:
        NotAnAdult: opening them without the statement to be 18 or older.
    """
    subject = Subject.objects.select_for_update().get(pk=get_or_create_subject(user).pk)
    if allows and subject.adult_attested_at is None:
        raise AgeAttestationRequiredError
    subject.allows_crawling = allows
    subject.save(update_fields=["allows_crawling"])
    transaction.on_commit(forget_rules)
