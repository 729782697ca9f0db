"""Draw the icons of the installed site from the mark in static/img/icons.svg: `python docs/pictures/icons.py`."""

import re
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

IMAGES = Path(__file__).resolve().parent.parent.parent / "static" / "img"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PAPER, INK = "#f6f2e9", "#28497c"
# name: (pixels, the share of the side that the mark takes, rounded corners)
ICONS = {
    "icon-192": (192, 0.68, True),
    "icon-512": (512, 0.68, True),
    # Phones cut these to a shape of their own; what matters is within the inner 80 %.
    "icon-maskable": (512, 0.52, False),
    "apple-touch-icon": (180, 0.6, False),
}


def mark() -> str:
    sprite = (IMAGES / "icons.svg").read_text()
    found = re.search(r'<symbol id="wordmark".*?>(.*?)</symbol>', sprite)
    assert found
    return found[1]


def drawing(size: int, share: float, rounded: bool) -> str:
    scale, offset = size * share / 24, size * (1 - share) / 2
    corner = size * 0.2 if rounded else 0
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="{size}">'
        f'<rect width="{size}" height="{size}" rx="{corner}" fill="{PAPER}"/>'
        f'<g transform="translate({offset} {offset}) scale({scale})" fill="none" stroke="{INK}" color="{INK}" '
        f'stroke-width="1.6" stroke-linejoin="round">{mark()}</g></svg>'
    )


def main() -> None:
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        sys.exit("No Chromium was found; `make test` installs one where it may.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page()
        for name, (size, share, rounded) in ICONS.items():
            page.set_viewport_size({"width": size, "height": size})
            page.set_content(f'<body style="margin:0">{drawing(size, share, rounded)}</body>')
            page.screenshot(path=IMAGES / f"{name}.png", omit_background=True)
        browser.close()


if __name__ == "__main__":
    main()
