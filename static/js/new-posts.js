/**
 * Poll for new posts while the page is visible; htmx swaps the banner in. Mark the timeline as read after two visible
 * seconds, so that the next visit, on any device, shows where the unread posts begin.
 */

const POLL_SECONDS = 45;
const SEEN_AFTER_SECONDS = 2;

export function startNewPosts() {
  startMarkSeen(document.querySelector("[data-mark-seen]"));
  const banner = document.querySelector("[data-new-posts]");
  if (!banner) return;
  const poll = () => {
    if (document.visibilityState === "visible") htmx.trigger(banner, "look");
  };
  setInterval(poll, POLL_SECONDS * 1000);
  document.addEventListener("visibilitychange", poll);
}

function startMarkSeen(form) {
  if (!form) return;
  let timer = null;
  const watch = () => {
    clearTimeout(timer);
    if (document.visibilityState !== "visible") return;
    timer = setTimeout(() => {
      document.removeEventListener("visibilitychange", watch);
      htmx.trigger(form, "seen");
    }, SEEN_AFTER_SECONDS * 1000);
  };
  document.addEventListener("visibilitychange", watch);
  watch();
}
