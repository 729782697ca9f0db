/** Restore the scroll position of a list, with the pages loaded by "Load more", on Back and reload. */

const STORAGE_KEY = `place ${location.pathname}${location.search}`;
const MAX_PAGES = 10;

let hasLoadedMore = false;

function savePosition() {
  const posts = [...document.querySelectorAll("[data-feed] .post[id]")];
  const first = posts.find((post) => post.getBoundingClientRect().bottom > 0);
  // The browser restores positions on the first page itself.
  if (!hasLoadedMore || !first) {
    sessionStorage.removeItem(STORAGE_KEY);
    return;
  }
  history.scrollRestoration = "manual";
  sessionStorage.setItem(STORAGE_KEY, JSON.stringify({ id: first.id, top: first.getBoundingClientRect().top }));
}

/** Load the next page; false if there is none or it cannot be loaded. */
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

async function restorePosition({ id, top }) {
  for (let pages = 0; pages < MAX_PAGES && !document.getElementById(id); pages += 1) {
    if (!(await loadMore())) break;
  }
  const post = document.getElementById(id);
  if (post) scrollBy({ top: post.getBoundingClientRect().top - top, behavior: "instant" });
  history.scrollRestoration = "auto";
}

function getSavedPosition() {
  // Storage may be disabled.
  try {
    return JSON.parse(sessionStorage.getItem(STORAGE_KEY));
  } catch {
    return null;
  }
}

export function startScrollRestore() {
  if (!document.querySelector("[data-feed]")) return;
  document.addEventListener("htmx:beforeSwap", ({ target }) => {
    hasLoadedMore ||= target.matches("[data-feed] > [data-load-more]");
  });
  addEventListener("pagehide", savePosition);
  const [visit] = performance.getEntriesByType("navigation");
  const position = getSavedPosition();
  if (!position || !["reload", "back_forward"].includes(visit?.type)) return;
  // After htmx has initialised the links.
  document.addEventListener("DOMContentLoaded", () => restorePosition(position), { once: true });
}
