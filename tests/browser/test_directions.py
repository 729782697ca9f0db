"""What people write runs in the direction of its own words, line by line, wherever it is shown."""

from playwright.sync_api import Locator

from accounts.models import User
from posts.services import PostContent, edit_post, like_post
from tests.browser.conftest import OpenPage
from tests.factories import post
from timeline.event_handlers import dispatch_outbox

# How far a piece of text is from the left and the right edge of a block around it, and whether it runs to the left.
PLACE = """(block, piece) => {
  const around = block.getBoundingClientRect();
  const texts = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
  const at = (node, start) => {
    const range = document.createRange();
    range.setStart(node, start);
    range.setEnd(node, start + 1);
    return range.getBoundingClientRect();
  };
  while (texts.nextNode()) {
    const node = texts.currentNode;
    const start = node.data.indexOf(piece);
    if (start < 0) continue;
    const first = at(node, start), last = at(node, start + piece.length - 1);
    return {
      left: Math.min(first.left, last.left) - around.left,
      right: around.right - Math.max(first.right, last.right),
      to_left: last.left < first.left,
    };
  }
}"""
ARABIC = "من هنا إلى هناك"
QUESTION = "שלום עולם?"
MIXED = f"@alice {ARABIC} #عربي"


def place(block: Locator, piece: str) -> dict:
    return block.evaluate(PLACE, piece)


def begins_right(block: Locator, piece: str) -> bool:
    return place(block, piece)["right"] < 3 < place(block, piece)["left"]


def runs_left(block: Locator) -> bool:
    """Say whether a line that begins with a name runs to the left from there.

    Its place is not asked: Chromium puts a later line that begins with what is isolated at the left all the same.
    """
    return place(block, "@alice")["left"] > place(block, QUESTION)["left"]


def test_lines_run_in_the_direction_of_their_own_words(open_page: OpenPage, alice: User, bob: User):
    named = post(bob, MIXED)
    apart = post(bob, f"Hello\n\n{QUESTION}")
    joined = post(bob, f"{ARABIC}\nHello\n@alice {QUESTION}")
    edit_post(post=joined, words=PostContent(text=f"{joined.text}\nBread"))
    mine = post(alice, f"@bob {QUESTION}")
    like_post(user=bob, post=mine)
    dispatch_outbox()
    page = open_page(alice)

    for address in ("/@bob", f"/@bob/{named.pk}", f"/@bob/{named.pk}/embed"):
        page.goto(address)
        first = page.locator(".post__text p", has_text="#عربي")
        # By its first words behind the name, which stands at the right.
        assert begins_right(first, "@alice"), address
        assert not place(first, "@alice")["to_left"]

    page.goto("/@bob")
    hello, question = page.locator(f"#post-{apart.pk} .post__text p").all()
    assert [one.evaluate("p => getComputedStyle(p).direction") for one in (hello, question)] == [
        "ltr",
        "rtl",
    ]
    lines = page.locator(f"#post-{joined.pk} .post__text p")
    assert begins_right(lines, ARABIC)
    assert place(lines, "Hello")["left"] < 3
    assert runs_left(lines)

    page.goto(f"/posts/{joined.pk}/history")
    words = page.locator(".revision__text").last
    assert begins_right(words, ARABIC)
    assert place(words, "Hello")["left"] < 3
    assert runs_left(words)

    page.goto("/notifications")
    excerpt = page.locator(".notification__post", has_text=QUESTION)
    assert place(excerpt, "@bob")["left"] > place(excerpt, "שלום")["left"]
    assert place(excerpt, "שלום")["to_left"]
