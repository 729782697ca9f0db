/** Keep the reader's place when "Load more" puts further posts where its link was. */

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
