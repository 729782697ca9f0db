"""Reserved usernames: names of the site's staff and of its URLs."""

# Names that speak for a site: mailboxes (RFC 2142), roles, departments.
_ROLES = """
    abuse account accounts admin administration administrator admins advertising ads affiliate alert alerts
    announcement announcements anonymous api app appeal appeals apps auditor auditors auth authentication authorization
    automod automoderator autopost bill billing board bot bots builder builders ceo cfo chief commercial community
    company complaint complaints compliance contact contactus copyright cto customer customercare customerservice
    daemon data dataprotection deleted deleteduser developer developers dmca dpo editor editors email employee
    employees engineering everyone feedback finance founder founders ftp guest guests head help helpdesk helper helpers
    here host hosting hostmaster hr imprint info information inquiry invoice invoices it jobs legal
    list listserv mail mailer mailerdaemon maintenance management manager managers marketing me media member members
    mod moderation moderator moderators mods nobody noc node none noreply notice notices notification
    notifications null office official officials operations operator operators owner owners partner partners payment
    payments personnel police postmaster postoffice press privacy private profile public publisher record records
    recovery recruiting refund registrar representative reviewer reviewers robot root safety sales scam secretary
    security service services ssl staff staffs supervisor support supporter supports sysadmin sysop system systems
    team teams tech technical terms trust trustandsafety undefined unknown update updates user username
    users usenet verification verified verify webmaster webmasters welcome www
"""
# First path segments of this site's URLs, and common ones of similar sites.
_ROUTES = """
    about activity actor admin ai aipolicy api assets atom auth authorize block blocked bookmark bookmarks browse
    callback changepassword chat checkpoint code compose config consent contact cookie cookies css dashboard dataset
    datasets dataterms developers direct discover docs documentation domain domains download downloads draft drafts
    edit embed error explore export faq favicon favorite favorites favourites feed feeds file files filter filters
    follow follower followers following followrequests forgot forum group groups hashtag hashtags healthz history home
    hub icons images img inbox index interactions invite invites javascript js key keys landing language languages
    likes link links lists local log login loginform logs logout lost manifest map me mention mentions message messages
    mobile moderate moment moments more mute muted mutes my network new newer news nodeinfo oauth oembed offline outbox
    page pages password payment people photo photos pictures policies policy poll polls popular post posts premium
    preferences previews privacypolicy pro profiles proxy publictimeline quote quotes readyz recommended redirect
    register registration reply report reports repost reposts reset resetpassword review revoke robots rss rules save
    saved schedule scheduled search serviceworker session sessions settings setup share signin signing signingkey
    signout signup site sitemap sitemaps sites snapshot snapshots static stats status statuses store
    stories streaming subscribe suggest suggestions support suspended tag tags timeline timelines token tokens tools tos
    training transparency trend trending trends undo unfollow unlike unsent unsubscribe upgrade upload uploads url
    userhandle video videos vote web webfinger webhook webhooks wellknown widget
"""
BRAND = ("commonplace",)
RESERVED = frozenset((_ROLES + _ROUTES).split())
# Affixes that add nothing to a role: `support_team`, `the_moderators`, `official_admin`.
FILLERS = (
    *(
        "the",
        "our",
        "real",
        "true",
        "official",
        "team",
        "staff",
        "help",
        "support",
        "account",
        "service",
        "desk",
    ),
    *(
        "page",
        "bot",
        "site",
        "online",
        "here",
        "dept",
        "department",
        "center",
        "centre",
        "group",
        "crew",
    ),
)
MISLEADING = """
    abuse admin admins administrator administrators billing helpdesk legal mod mods moderation moderator moderators
    official operator operators owner owners postmaster press privacy root safety security staff support sysadmin
    system trust verification webmaster
"""
MISLEADING_ROLES = frozenset(MISLEADING.split())
LOOKALIKES = str.maketrans("013457", "oleast")


def is_reserved(username: str) -> bool:
    """Tell whether a name is reserved or could be mistaken for a reserved one."""
    plain = username.lower().replace("_", "")
    # 1 stands for l or i, and l for i: `l0gin`, `adm1n`, `admln`.
    readings = {plain, plain.translate(LOOKALIKES), plain.replace("1", "i").translate(LOOKALIKES)}
    misleading = {*readings, plain.rstrip("0123456789"), plain.replace("l", "i")}
    is_brand = any(brand in reading for brand in BRAND for reading in readings)
    return is_brand or not readings.isdisjoint(RESERVED) or any(map(sounds_official, misleading))


def sounds_official(word: str) -> bool:
    """Tell whether a word is a staff role, alone or with an affix that adds nothing."""
    parts = [word]
    parts += [word.removeprefix(filler) for filler in FILLERS if word.startswith(filler)]
    parts += [word.removesuffix(filler) for filler in FILLERS if word.endswith(filler)]
    return not MISLEADING_ROLES.isdisjoint(parts)
