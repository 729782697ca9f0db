"""The first notice of each purpose with its labels, in each language.

Later versions are drafted and published in the admin.
"""

from dataclasses import dataclass

from consent.models import Language
from consent.purposes import Purpose


@dataclass(frozen=True, slots=True)
class NoticeText:
    """A purpose's name, summary and first notice."""

    name: str
    summary: str
    text: str


@dataclass(frozen=True, slots=True)
class FormLabels:
    """Labels of the buttons around a notice."""

    yes: str
    no: str
    which: str
    from_now: str
    everything: str
    adult: str
    adults_only: str
    changed: str


NOTICE_LABELS: dict[str, FormLabels] = {
    Language.ENGLISH: FormLabels(
        yes="Yes",
        no="No",
        which="If yes, for which posts?",
        from_now="From now on",
        everything="Include posts so far",
        adult="I’m 18 or older (required to opt in)",
        adults_only="Confirm you’re 18 or older to opt in.",
        changed="These terms have changed since you opted in, so your consent no longer counts. Please choose again.",
    ),
    Language.GERMAN: FormLabels(
        yes="Ja",
        no="Nein",
        which="Falls ja, für welche Beiträge?",
        from_now="Ab jetzt",
        everything="Auch für alles, was ich bisher geschrieben habe",
        adult="Ich bin 18 oder älter (nötig für ein Ja)",
        adults_only="Kreuze an, dass du 18 oder älter bist; sonst kann nichts geteilt werden.",
        changed="Dieser Text hat sich seit deinem Ja geändert; es gilt deshalb nicht mehr. Bitte antworte neu.",
    ),
}

DEFAULT_NOTICES: dict[tuple[str, str], NoticeText] = {
    (Purpose.PRETRAINING, Language.ENGLISH): NoticeText(
        "Pretraining",
        "Models learn from your posts how people write.",
        "Your public posts may be put into data sets from which AI models learn language in general. "
        "Only people whom this site has approved may download them. Your name is replaced by a code, and so are "
        "the names of people you mention. This holds until you say no, which you can do at any time: from that "
        "moment the posts are not given out any more. A model that has already learned from them cannot be made to "
        "forget.",
    ),
    (Purpose.FINE_TUNING, Language.ENGLISH): NoticeText(
        "Fine-tuning",
        "Models learn from your posts how to do a certain task, such as answering.",
        "Your public posts may be put into data sets that shape how an AI model answers or writes. "
        "A model may pick up your way of putting things. Only people whom this site has approved may download them, "
        "with names replaced by codes. This holds until you say no, which you can do at any time: from that moment "
        "the posts are not given out any more. A model that has already learned from them cannot be made to forget.",
    ),
    (Purpose.EVALUATION, Language.ENGLISH): NoticeText(
        "Evaluation",
        "Your posts test how well models understand people. Models do not learn from them.",
        "Your public posts may be put into data sets with which the makers of AI models test them. The terms forbid "
        "training on these. Only people whom this site has approved may download them, with names replaced by codes. "
        "This holds until you say no, which you can do at any time: from that moment the posts are not given out any "
        "more.",
    ),
    (Purpose.OPEN_RELEASE, Language.ENGLISH): NoticeText(
        "Open release",
        "Your posts may be published in data sets that anyone can download.",
        "Your public posts may be put into data sets that are published for everyone, with names replaced by codes. "
        "This is the widest choice: copies spread, and nobody can call all of them back. This holds until you say "
        "no, which you can do at any time: from that moment this site does not give the posts out any more.",
    ),
    (Purpose.PRETRAINING, Language.GERMAN): NoticeText(
        "Vortraining",
        "Modelle lernen aus deinen Beiträgen, wie Menschen schreiben.",
        "Deine öffentlichen Beiträge dürfen in Datensätze kommen, aus denen KI-Modelle Sprache im Allgemeinen lernen. "
        "Herunterladen dürfen sie nur Leute, die diese Seite zugelassen hat. Dein Name wird durch ein Kürzel ersetzt, "
        "ebenso die Namen der Leute, die du erwähnst. Das gilt, bis du nein sagst, was du jederzeit kannst: Von da an "
        "werden die Beiträge nicht mehr herausgegeben. Ein Modell, das schon aus ihnen gelernt hat, kann das nicht "
        "mehr vergessen.",
    ),
    (Purpose.FINE_TUNING, Language.GERMAN): NoticeText(
        "Feinabstimmung",
        "Modelle lernen aus deinen Beiträgen eine bestimmte Aufgabe, zum Beispiel zu antworten.",
        "Deine öffentlichen Beiträge dürfen in Datensätze kommen, die prägen, wie ein KI-Modell antwortet oder "
        "schreibt. Ein Modell kann deine Art zu formulieren annehmen. Herunterladen dürfen sie nur Leute, die diese "
        "Seite zugelassen hat, mit Kürzeln statt Namen. Das gilt, bis du nein sagst, was du jederzeit kannst: Von da "
        "an werden die Beiträge nicht mehr herausgegeben. Ein Modell, das schon aus ihnen gelernt hat, kann das nicht "
        "mehr vergessen.",
    ),
    (Purpose.EVALUATION, Language.GERMAN): NoticeText(
        "Prüfung",
        "Deine Beiträge prüfen, wie gut Modelle Menschen verstehen. Modelle lernen nicht aus ihnen.",
        "Deine öffentlichen Beiträge dürfen in Datensätze kommen, mit denen Hersteller ihre KI-Modelle prüfen. Die "
        "Bedingungen verbieten, damit zu trainieren. Herunterladen dürfen sie nur Leute, die diese Seite zugelassen "
        "hat, mit Kürzeln statt Namen. Das gilt, bis du nein sagst, was du jederzeit kannst: Von da an werden die "
        "Beiträge nicht mehr herausgegeben.",
    ),
    (Purpose.OPEN_RELEASE, Language.GERMAN): NoticeText(
        "Offene Veröffentlichung",
        "Deine Beiträge dürfen in Datensätzen stehen, die jeder herunterladen kann.",
        "Deine öffentlichen Beiträge dürfen in Datensätze kommen, die für alle veröffentlicht werden, mit Kürzeln "
        "statt Namen. Das ist die weiteste Wahl: Kopien verbreiten sich, und niemand kann sie alle zurückholen. Das "
        "gilt, bis du nein sagst, was du jederzeit kannst: Von da an gibt diese Seite die Beiträge nicht mehr heraus.",
    ),
}
