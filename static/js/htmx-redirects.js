/** Navigate to the target of a redirected htmx request (login, for example) instead of swapping a part of it in. */

export function startHtmxRedirects() {
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, pathInfo } = event.detail;
    const asked = new URL(pathInfo.requestPath, location.href);
    const got = new URL(xhr.responseURL || asked, location.href);
    if (got.pathname === asked.pathname) return;
    event.detail.shouldSwap = false;
    // After login, return to the current page, not to the action.
    if (got.searchParams.has("next")) got.searchParams.set("next", location.pathname + location.search);
    location.assign(got);
  });
}
