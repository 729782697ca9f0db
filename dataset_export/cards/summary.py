"""Summary of training content under Article 53(1)(d) of Regulation (EU) 2024/1689.

The fields follow the European Commission's template of 24 July 2025: general information, list of
data sources, relevant aspects of data processing.
"""

from typing import Any, Final

from dataset_export.cards.facts import CardContext, pluralize

Fields = list[tuple[str, str]]
_BILLION: Final = 10**9


def training_summary(facts: CardContext) -> list[tuple[str, Fields]]:
    """Return sections of field and answer pairs."""
    return [
        ("General information", general(facts)),
        ("List of data sources", sources(facts)),
        ("Data processing", processing(facts)),
    ]


def general(facts: CardContext) -> Fields:
    return [
        ("Dataset", f"{facts.name}, {facts.version}, {facts.page}"),
        ("Modality", "Text"),
        ("Size", f"{pluralize(facts.posts, 'post', 'posts')}; {tokens(facts.manifest)}"),
        (
            "Types of content",
            "Short public posts of a microblog, and the conversations that they make.",
        ),
        ("Latest date of acquisition", str(facts.manifest["created_at"])[:10]),
        ("Continuous collection after that date", "No. Nothing is added to it later."),
        ("Languages", _languages(facts)),
        (
            "Other characteristics of the people behind it",
            f"{pluralize(facts.manifest['authors'], 'author', 'authors')}, adult by their own word. Age, sex and place "
            "are not known.",
        ),
    ]


def tokens(manifest: Any) -> str:
    """Return the size class of the template."""
    estimate = manifest.get("tokens_estimated")
    if estimate is None:
        return (
            "fewer than 1 billion tokens"
            if manifest["counts"]["kept"] < _BILLION // 1000
            else "tokens not counted"
        )
    total = estimate["total"]
    size = "fewer than 1 billion" if total < _BILLION else "1 billion to 10 trillion"
    return f"about {total:,} tokens, that is {size}"


def _languages(facts: CardContext) -> str:
    listed = ", ".join(f"{tag} ({posts:,})" for tag, posts in facts.languages.items())
    return listed or "none that could be told"


def sources(facts: CardContext) -> Fields:
    return [
        ("Publicly available datasets", "None."),
        (
            "Private datasets licensed by rightsholders",
            "All of it: each author gave the operator a permission for "
            f"{facts.purpose_label.lower()}, which covers those whom the operator grants access under its terms.",
        ),
        ("Other private datasets of third parties", "None."),
        ("Data crawled and scraped from online sources", "None. No crawler was used."),
        (
            "User data",
            f"Posts that people published on {facts.site}, by their own decision for this purpose, in settings that "
            "are off by default. No private messages, no posts for followers, no interactions with a model.",
        ),
        (
            "Synthetic data",
            "None. Posts that their authors marked as machine-made, or that a program posted, are left out.",
        ),
        ("Other sources", "None."),
    ]


def processing(facts: CardContext) -> Fields:
    return [
        (
            "Respect of reservations of rights (text and data mining)",
            "It does not rest on the exception for text and data mining: every post is here by its author's own yes. "
            "The site's reservation of rights, machine-readable as TDMRep and AIPREF, holds for everything else on it.",
        ),
        (
            "Withdrawal",
            "An author can take a post back at any time; from then on no file with it is served, and those who "
            "downloaded it have to remove it within the time that the terms name.",
        ),
        (
            "Removal of illegal content",
            "What the site's staff remove from it is removed from every dataset with that. Posts of suspended and "
            "closed accounts are left out.",
        ),
        (
            "Personal data",
            "Account names are pseudonyms; what the recipe finds in a text is replaced and counted.",
        ),
        ("Steps", ", ".join(facts.steps)),
    ]
