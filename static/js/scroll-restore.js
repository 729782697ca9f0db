/** Bring readers who come back to a long list, or load it anew, to where they were, with all that they had loaded. */

const KEY = `place ${location.pathname}${location.search}`;
const MOST_PAGES = 10;

let isLonger = false;

function remember() {
  const posts = [...document.querySelectorAll("[data-feed] .post[id]")];
  const first = posts.find((post) => post.getBoundingClientRect().bottom > 0);
  // What came with the page itself is the browser's own to remember.
  if (!isLonger || !first) {
    sessionStorage.removeItem(KEY);
    return;
  }
  history.scrollRestoration = "manual";
  sessionStorage.setItem(KEY, JSON.stringify({ id: first.id, top: first.getBoundingClientRect().top }));
}

/** Load the next posts of the list; false where there are none, or they cannot be had. */
function loadMore() {
  const more = document.querySelector("[data-feed] > [data-load-more] a");
  if (!more) return false;
  return new Promise((resolve) => {
    document.addEventListener("htmx:afterSettle", () => resolve(true), { once: true });
    for (const failed of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
      document.addEventListener(failed, () => resolve(false), { once: true });
    }
    more.click();
  });
}

async function goBack({ id, top }) {
  for (let pages = 0; pages < MOST_PAGES && !document.getElementById(id); pages += 1) {
    if (!(await loadMore())) break;
  }
  const post = document.getElementById(id);
  if (post) scrollBy({ top: post.getBoundingClientRect().top - top, behavior: "instant" });
  history.scrollRestoration = "auto";
}

function kept() {
  // A browser may refuse to keep anything.
  try {
    return JSON.parse(sessionStorage.getItem(KEY));
  } catch {
    return null;
  }
}

export function startScrollRestore() {
  if (!document.querySelector("[data-feed]")) return;
  document.addEventListener("htmx:beforeSwap", ({ target }) => {
    isLonger ||= target.matches("[data-feed] > [data-load-more]");
  });
  addEventListener("pagehide", remember);
  const [visit] = performance.getEntriesByType("navigation");
  const place = kept();
  if (!place || !["reload", "back_forward"].includes(visit?.type)) return;
  // Once htmx has taken the links in hand.
  document.addEventListener("DOMContentLoaded", () => goBack(place), { once: true });
}
