"""Known AI crawlers, their purposes, and the rules in robots.txt."""

import re
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.db import transaction

from consent.models import Crawler, Subject
from consent.services import AgeAttestationRequiredError, get_or_create_subject

_Purpose = Crawler.Purpose
BLOCKED_BY_DEFAULT = (_Purpose.TRAINING, _Purpose.COLLECTING)
# Crawlers read 500 KiB of robots.txt (RFC 9309, section 2.5). The site-wide "no" applies to
# profiles beyond that.
MAX_LISTED = 1_000

# Product names in a User-Agent (RFC 9110, section 10.1.5), also inside comments.
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

# Defaults of a new site: name in robots.txt, operator, purpose, documentation URL.
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
    """Contents of robots.txt: blocked crawlers, and users whose profiles are open for training."""

    blocked_crawlers: list[Crawler]
    open_names: list[str]


def sync_default_crawlers() -> None:
    """Create the default crawlers once; afterwards the list is the operator's."""
    if Crawler.objects.exists():
        return
    Crawler.objects.bulk_create(
        [
            Crawler(
                user_agent=name,
                operator=operator,
                purpose=purpose,
                documentation_url=url,
                # Undocumented crawlers are blocked whatever their purpose.
                is_blocked=purpose in BLOCKED_BY_DEFAULT or not url,
            )
            for name, operator, purpose, url in DEFAULT_CRAWLERS
        ],
        ignore_conflicts=True,
    )


def robots_rules() -> RobotsRules:
    """Return the rules of robots.txt, in two queries."""
    blocked_crawlers = Crawler.objects.filter(is_blocked=True).order_by("operator", "user_agent")
    open_names = (
        Subject.objects.filter(allows_crawling=True, user__is_active=True)
        .order_by("user_id")
        .values_list("user__username", flat=True)
    )
    return RobotsRules(list(blocked_crawlers), list(open_names[:MAX_LISTED]))


def is_turned_away(user_agent: str, path: str) -> bool:
    """Tell whether robots.txt disallows a path for this User-Agent.

    Browsers cost nothing; for others the rules are read once a minute.
    """
    if is_browser(user_agent):
        return False
    blocked, open_names = enforced_rules()
    names = {name.lower() for name in PRODUCT.findall(user_agent)}
    if names.isdisjoint(blocked):
        return False
    # As in robots.txt: `Allow: /@name$` and `Allow: /@name?`.
    return not (path.startswith("/@") and path[2:] in open_names)


def is_browser(user_agent: str) -> bool:
    """Tell whether a User-Agent looks like a browser: crawlers name themselves or their site."""
    return not user_agent or (
        user_agent.startswith("Mozilla/5.0 (") and NAMES_PROGRAM.search(user_agent) is None
    )


def enforced_rules() -> tuple[set[str], set[str]]:
    """Return the blocked names in lower case, and the names of open profiles."""
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
    """Invalidate the cached rules after a change."""
    cache.delete(RULES_KEY)


@transaction.atomic
def set_crawling_permission(*, user: Any, allows: bool) -> None:
    """Open a user's public pages to training crawlers, or close them.

    Raises:
        AgeAttestationRequiredError: opening them without attesting to be 18 or older.
    """
    subject = Subject.objects.select_for_update().get(pk=get_or_create_subject(user).pk)
    if allows and subject.adult_attested_at is None:
        raise AgeAttestationRequiredError
    subject.allows_crawling = allows
    subject.save(update_fields=["allows_crawling"])
    transaction.on_commit(forget_rules)
