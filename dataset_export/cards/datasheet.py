"""Datasheet with the seven groups of questions of "Datasheets for Datasets" (Gebru et al., 2021,
arXiv:1803.09010).
"""

from dataset_export.cards.facts import CardContext

Answers = list[tuple[str, str]]


def datasheet(facts: CardContext) -> list[tuple[str, Answers]]:
    """Return sections of question and answer pairs."""
    return [
        ("Motivation", motivation(facts)),
        ("Composition", composition(facts)),
        ("Collection", collection(facts)),
        ("Preprocessing", preprocessing(facts)),
        ("Uses", uses(facts)),
        ("Distribution", _distribution(facts)),
        ("Maintenance", maintenance(facts)),
    ]


def motivation(facts: CardContext) -> Answers:
    return [
        (
            "What was it made for?",
            f"To be used for {facts.purpose_label.lower()}, with posts that their authors gave for that.",
        ),
        ("Who made it?", f"The operators of {facts.site}, where the posts were written."),
    ]


def composition(facts: CardContext) -> Answers:
    manifest = facts.manifest
    return [
        (
            "What is a row?",
            "One public post of one account, or, in the configuration conversations, one thread of such posts.",
        ),
        ("How much is there?", f"{facts.posts_by_authors}."),
        (
            "Is it a sample?",
            f"It holds every post that its author shared for this purpose, up to the moment of the snapshot, "
            f"less what the recipe left out and what was taken back since: {facts.posts:,} of "
            f"{manifest['counts']['candidates']:,}. People who say yes to this are not a sample of all people.",
        ),
        (
            "Is anything missing?",
            "Answers whose parent's author has not said yes stand without it. Images, polls and links' contents are "
            "not in it.",
        ),
        (
            "Are there errors, noise or redundancies?",
            "The language is a guess where the author named none. The recipe decides which repetitions go; others "
            "that resemble each other remain.",
        ),
        (
            "Does it relate to people, and can they be recognised?",
            f"Yes: people post about whatever they like. {facts.written} Names of accounts are pseudonyms, but what "
            "somebody says about themselves or others stays in the text. Trying to find out who wrote something is "
            "against the terms.",
        ),
        (
            "Can it be offensive or sensitive?",
            "Yes. Posts are public speech. Nobody read them one by one, and a recipe leaves out only what it says.",
        ),
    ]


def collection(facts: CardContext) -> Answers:
    return [
        (
            "How was it collected?",
            "On the site itself, as people posted. Nothing was crawled, bought or made by a model.",
        ),
        (
            "Did people agree, and to what?",
            f"Each author said yes to this one purpose ({facts.purpose_label.lower()}) after reading a notice, and was "
            "an adult by their own word. Silence is no. A row refers to the decision that it rests on.",
        ),
        (
            "Can they take it back?",
            "At any time, for one post or all. From then on no file that holds the row is served.",
        ),
        ("Over which time?", f"Posts and decisions up to {facts.manifest['created_at']}."),
    ]


def preprocessing(facts: CardContext) -> Answers:
    steps = ", ".join(facts.steps)
    return [
        (
            "What was done to it?",
            f"These steps, in this order: {steps}. What each left out or changed is counted above.",
        ),
        ("Is the raw text kept?", "On the site, by its authors. It is no part of the dataset."),
        (
            "Is the software available?",
            f"The manifest names the version of the code ({facts.manifest['code_version']}), of the recipe "
            f"({facts.manifest['recipe']['name']} {facts.manifest['recipe']['version']}) and of every library with a "
            "say in the bytes.",
        ),
    ]


def uses(facts: CardContext) -> Answers:
    return [
        (
            "What may it be used for?",
            f"{facts.purpose_label}, as stated in your request for access, and nothing else.",
        ),
        (
            "What should it not be used for?",
            "To find out who somebody is, to judge single people, to contact or to imitate them.",
        ),
        (
            "What should one know before using it?",
            "A few authors may write much of it, and a few languages most of it. Look at both before you train.",
        ),
    ]


def _distribution(facts: CardContext) -> Answers:
    return [
        (
            "Who can have it?",
            f"Whoever asked for access and was granted it, under the terms: {facts.terms}",
        ),
        (
            "How is it delivered?",
            f"From {facts.page}, over HTTP, and with the tools of the Hugging Face Hub.",
        ),
        ("May it be passed on?", "No. Whoever needs it asks for access."),
    ]


def maintenance(facts: CardContext) -> Answers:
    return [
        ("Who looks after it?", f"The operators of {facts.site}."),
        (
            "Will it change?",
            "Only by losing what its authors take back: each time it gets a new revision, and its earlier names stand "
            "for that too. A commit stands for one state for ever, less the files that held what was taken back. What "
            "is added comes with a new build.",
        ),
        (
            "How do I keep up with removals?",
            "Compare your revision with main, and read removals.jsonl; the terms say within how many days a removal "
            "has to reach every copy.",
        ),
    ]
