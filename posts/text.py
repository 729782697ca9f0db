"""How long a text is, and what it looks like as HTML."""

import html
from urllib.parse import quote

import regex

MAXIMUM_LENGTH = 500
URL_LENGTH = 23
TAG_LENGTH = 100

# The composer's counter in static/js uses the same rule for a URL.
URL = regex.compile(r"https?://\S+", regex.IGNORECASE)
GRAPHEME = regex.compile(r"\X")
TOKEN = regex.compile(
    r"(?P<url>https?://[^\s<>\"']*[^\s<>\"'.,:;!?)\]}…])"
    r"|(?<![\w@/.])@(?P<mention>[A-Za-z0-9_]{1,30})(?![\w@])"
    r"|(?<![\w&/])[#＃](?P<tag>[\w\p{M}]*[\p{L}\p{M}][\w\p{M}]*)",
    regex.IGNORECASE,
)
# Fillers are letters to Unicode, and still nothing is seen of them.
INVISIBLE = regex.compile(r"[\s\p{C}\p{Default_Ignorable_Code_Point}\u2800]*")
BLANK_LINES = regex.compile(r"\n{2,}")
SHOWN_URL_LENGTH = 40


def length(text: str) -> int:
    """Return the length in graphemes (Unicode Annex 29), where a URL counts as 23 whatever its length."""
    without_urls, urls = URL.subn("", text)
    return len(GRAPHEME.findall(without_urls)) + urls * URL_LENGTH


def tidy(text: str) -> str:
    """Return the text as it is stored: line ends of one kind, no blanks around it, no NUL."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").strip()


def is_blank(text: str) -> bool:
    """Say whether a text shows nothing: only blanks, format characters and fillers."""
    return INVISIBLE.fullmatch(text) is not None


def mentions_in(text: str) -> list[str]:
    """Return the names of people in a text, as written, in order."""
    return [token["mention"] for token in TOKEN.finditer(text) if token["mention"]]


def tags_in(text: str) -> list[str]:
    """Return the hashtags in a text without their sign, as written, in order."""
    return [token["tag"][:TAG_LENGTH] for token in TOKEN.finditer(text) if token["tag"]]


def render(text: str) -> str:
    """Return safe HTML: paragraphs, line breaks, links for URLs, @names and #tags."""
    paragraphs = BLANK_LINES.split(text)
    return "".join(f"<p>{render_lines(paragraph)}</p>" for paragraph in paragraphs)


def render_lines(text: str) -> str:
    parts: list[str] = []
    end = 0
    for token in TOKEN.finditer(text):
        parts += [html.escape(text[end : token.start()]), link(token)]
        end = token.end()
    parts.append(html.escape(text[end:]))
    return "".join(parts).replace("\n", "<br>")


def link(token: regex.Match[str]) -> str:
    if name := token["mention"]:
        return f'<a href="/@{name}" class="mention">@{name}</a>'
    if tag := token["tag"]:
        return f'<a href="/tags/{quote(tag[:TAG_LENGTH].casefold())}" class="tag" rel="tag">#{tag}</a>'
    url = token["url"]
    return f'<a href="{html.escape(url)}" rel="nofollow noopener noreferrer ugc">{shown_url(url)}</a>'


def shown_url(url: str) -> str:
    """Return a URL without its scheme, cut to fit a line."""
    rest = url.partition("://")[2]
    cut = rest if len(rest) <= SHOWN_URL_LENGTH else f"{rest[:SHOWN_URL_LENGTH]}…"
    return html.escape(cut)
