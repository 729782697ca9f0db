/**
 * Ask now and then, while the page is looked at, whether there are newer posts; htmx puts the answer in its place.
 * And note what was looked at for a moment as read, so that the next visit, on whatever device, shows where it began.
 */

const SECONDS = 45;
const SEEN_AFTER_SECONDS = 2;

export function startNewPosts() {
  startSeen(document.querySelector("[data-mark-seen]"));
  const place = document.querySelector("[data-new-posts]");
  if (!place) return;
  const look = () => {
    if (document.visibilityState === "visible") htmx.trigger(place, "look");
  };
  setInterval(look, SECONDS * 1000);
  document.addEventListener("visibilitychange", look);
}

function startSeen(form) {
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
