"""The crawlers that are known, whom they serve, and what robots.txt says to them."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction

from consent.models import Crawler, Subject
from consent.services import NotAnAdult, subject_of

Purpose = Crawler.Purpose
KEPT_OUT = (Purpose.TRAINING, Purpose.COLLECTING)
# A crawler reads 500 KiB of robots.txt (RFC 9309, 2.5). For whoever does not fit, the site's own "no" stands.
MOST_NAMED = 1_000

OPENAI = "https://platform.openai.com/docs/bots"
ANTHROPIC = (
    "https://support.anthropic.com/en/articles/"
    "8896518-does-anthropic-crawl-data-from-the-web-and-how-can-site-owners-block-the-crawler"
)
META = "https://developers.facebook.com/docs/sharing/webmasters/web-crawlers"
PERPLEXITY = "https://docs.perplexity.ai/guides/bots"

# The first list of a new site: name in robots.txt, operator, what for, where its operator describes it.
KNOWN: list[tuple[str, str, Purpose, str]] = [
    ("GPTBot", "OpenAI", Purpose.TRAINING, OPENAI),
    ("OAI-SearchBot", "OpenAI", Purpose.SEARCH, OPENAI),
    ("ChatGPT-User", "OpenAI", Purpose.ON_REQUEST, OPENAI),
    ("ClaudeBot", "Anthropic", Purpose.TRAINING, ANTHROPIC),
    ("Claude-SearchBot", "Anthropic", Purpose.SEARCH, ANTHROPIC),
    ("Claude-User", "Anthropic", Purpose.ON_REQUEST, ANTHROPIC),
    (
        "Google-Extended",
        "Google",
        Purpose.TRAINING,
        "https://developers.google.com/search/docs/crawling-indexing/google-common-crawlers",
    ),
    ("Applebot-Extended", "Apple", Purpose.TRAINING, "https://support.apple.com/en-us/119829"),
    ("Meta-ExternalAgent", "Meta", Purpose.TRAINING, META),
    ("Meta-ExternalFetcher", "Meta", Purpose.ON_REQUEST, META),
    ("FacebookBot", "Meta", Purpose.TRAINING, "https://developers.facebook.com/docs/sharing/bot/"),
    ("Amazonbot", "Amazon", Purpose.TRAINING, "https://developer.amazon.com/amazonbot"),
    ("Bytespider", "ByteDance", Purpose.TRAINING, ""),
    ("PanguBot", "Huawei", Purpose.TRAINING, ""),
    ("DeepSeekBot", "DeepSeek", Purpose.TRAINING, ""),
    ("cohere-ai", "Cohere", Purpose.ON_REQUEST, ""),
    ("cohere-training-data-crawler", "Cohere", Purpose.TRAINING, ""),
    ("AI2Bot", "Allen Institute for AI", Purpose.TRAINING, "https://allenai.org/crawler"),
    ("SBIntuitionsBot", "SB Intuitions", Purpose.TRAINING, "https://www.sbintuitions.co.jp/en/bot/"),
    (
        "Cotoyogi",
        "Research Organization of Information and Systems, Japan",
        Purpose.TRAINING,
        "https://ds.rois.ac.jp/en_center8/en_crawler/",
    ),
    ("CCBot", "Common Crawl", Purpose.COLLECTING, "https://commoncrawl.org/ccbot"),
    ("Diffbot", "Diffbot", Purpose.COLLECTING, "https://www.diffbot.com/"),
    ("omgili", "Webz.io", Purpose.COLLECTING, "https://webz.io/bot.html"),
    ("Webzio-Extended", "Webz.io", Purpose.COLLECTING, "https://webz.io/bot.html"),
    ("LAIONDownloader", "LAION", Purpose.COLLECTING, "https://laion.ai/faq/"),
    ("img2dataset", "whoever runs this program", Purpose.COLLECTING, "https://github.com/rom1504/img2dataset"),
    ("PerplexityBot", "Perplexity", Purpose.SEARCH, PERPLEXITY),
    ("Perplexity-User", "Perplexity", Purpose.ON_REQUEST, PERPLEXITY),
    ("YouBot", "You.com", Purpose.SEARCH, "https://about.you.com/youbot/"),
    (
        "DuckAssistBot",
        "DuckDuckGo",
        Purpose.ON_REQUEST,
        "https://duckduckgo.com/duckduckgo-help-pages/results/duckassistbot/",
    ),
    ("MistralAI-User", "Mistral AI", Purpose.ON_REQUEST, "https://docs.mistral.ai/robots"),
]


@dataclass(frozen=True, slots=True)
class Rules:
    """What robots.txt says: whom it turns away, and whose pages are open for training all the same."""

    kept_out: list[Crawler]
    open_names: list[str]


def ensure_crawlers() -> None:
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
                is_blocked=purpose in KEPT_OUT or not url,
            )
            for name, operator, purpose, url in KNOWN
        ],
        ignore_conflicts=True,
    )


def robots_rules() -> Rules:
    """Return what robots.txt has to say at this moment, in two queries."""
    kept_out = Crawler.objects.filter(is_blocked=True).order_by("operator", "user_agent")
    open_names = (
        Subject.objects.filter(allows_crawling=True, user__is_active=True)
        .order_by("user_id")
        .values_list("user__username", flat=True)
    )
    return Rules(list(kept_out), list(open_names[:MOST_NAMED]))


@transaction.atomic
def set_crawling(*, user: Any, allows: bool) -> None:
    """Open a person's public pages to crawlers that train AI, or close them again.

    Raises:
        NotAnAdult: opening them without the statement to be 18 or older.
    """
    subject = Subject.objects.select_for_update().get(pk=subject_of(user).pk)
    if allows and subject.adult_attested_at is None:
        raise NotAnAdult
    subject.allows_crawling = allows
    subject.save(update_fields=["allows_crawling"])
