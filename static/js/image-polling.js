/**
 * Ask whether a picture that is still being prepared is ready, ever more seldom, for some two minutes of looking at it.
 * The answer takes the place of what asked; after that a link that stands there leads to it.
 */

const SECONDS = [1, 2, 3, 5, 8, 13, 21, 34, 34];
const PART = { "HX-Request": "true" };

export function startImagePolling(root = document) {
  if (root.matches?.("[data-poll-image]")) ask(root);
  root.querySelectorAll("[data-poll-image]").forEach((place) => ask(place));
  if (root === document) document.addEventListener("htmx:load", ({ detail }) => startImagePolling(detail.elt));
}

function ask(place, turn = 0) {
  if (turn < SECONDS.length) setTimeout(() => look(place, turn), SECONDS[turn] * 1000);
}

async function look(place, turn) {
  if (document.visibilityState !== "visible") {
    document.addEventListener("visibilitychange", () => look(place, turn), { once: true });
    return;
  }
  if (!place.isConnected) return;
  const response = await fetch(place.dataset.pollImage, { headers: PART }).catch(() => null);
  if (!place.isConnected) return;
  if (response?.status === 200) show(place, await response.text());
  // Not there any more, or not for this reader: nothing will come.
  else if (!response || response.status === 204 || response.status >= 500) ask(place, turn + 1);
}

function show(place, html) {
  const fresh = document.createRange().createContextualFragment(html).firstElementChild;
  const veil = place.querySelector(".sensitive-overlay");
  const hadFocus = place.contains(document.activeElement);
  if (veil?.open) fresh.querySelector(".sensitive-overlay")?.setAttribute("open", "");
  place.replaceWith(fresh);
  window.htmx?.process(fresh);
  startImagePolling(fresh);
  if (!hadFocus) return;
  fresh.tabIndex = -1;
  fresh.focus({ preventScroll: true });
}
