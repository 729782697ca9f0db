/** Poll for images that are still being processed: with growing delays, for about two minutes of visible time. */

const DELAYS_SECONDS = [1, 2, 3, 5, 8, 13, 21, 34, 34];
const PARTIAL_HEADERS = { "HX-Request": "true" };

export function startImagePolling(root = document) {
  if (root.matches?.("[data-poll-image]")) scheduleRequest(root);
  root.querySelectorAll("[data-poll-image]").forEach((element) => scheduleRequest(element));
  if (root === document) document.addEventListener("htmx:load", ({ detail }) => startImagePolling(detail.elt));
}

function scheduleRequest(element, attempt = 0) {
  if (attempt < DELAYS_SECONDS.length) setTimeout(() => requestImage(element, attempt), DELAYS_SECONDS[attempt] * 1000);
}

async function requestImage(element, attempt) {
  if (document.visibilityState !== "visible") {
    document.addEventListener("visibilitychange", () => requestImage(element, attempt), { once: true });
    return;
  }
  if (!element.isConnected) return;
  const response = await fetch(element.dataset.pollImage, { headers: PARTIAL_HEADERS }).catch(() => null);
  if (!element.isConnected) return;
  if (response?.status === 200) replaceElement(element, await response.text());
  // Any other status is final: the image is gone or hidden from this user.
  else if (!response || response.status === 204 || response.status >= 500) scheduleRequest(element, attempt + 1);
}

function replaceElement(element, html) {
  const replacement = document.createRange().createContextualFragment(html).firstElementChild;
  const overlay = element.querySelector(".sensitive-overlay");
  const hadFocus = element.contains(document.activeElement);
  if (overlay?.open) replacement.querySelector(".sensitive-overlay")?.setAttribute("open", "");
  element.replaceWith(replacement);
  window.htmx?.process(replacement);
  startImagePolling(replacement);
  if (!hadFocus) return;
  replacement.tabIndex = -1;
  replacement.focus({ preventScroll: true });
}
