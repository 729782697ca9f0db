/** Go to the page that a request of htmx was redirected to (log-in, say) instead of taking a piece out of it. */

export function startHtmxRedirects() {
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, pathInfo } = event.detail;
    const asked = new URL(pathInfo.requestPath, location.href);
    const got = new URL(xhr.responseURL || asked, location.href);
    if (got.pathname === asked.pathname) return;
    event.detail.shouldSwap = false;
    // After log-in people return to the page that they were on, not to the action.
    if (got.searchParams.has("next")) got.searchParams.set("next", location.pathname + location.search);
    location.assign(got);
  });
}
