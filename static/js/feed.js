/** Move the focus to the first new post after "Load more". */

let before = null;

export function startFeeds() {
  document.addEventListener("htmx:beforeSwap", ({ target }) => {
    before = target.matches("[data-load-more]") ? target.previousElementSibling : null;
  });
  document.addEventListener("htmx:afterSettle", () => {
    const first = before?.nextElementSibling;
    before = null;
    if (!first) return;
    first.tabIndex = -1;
    first.focus({ preventScroll: true });
  });
}
