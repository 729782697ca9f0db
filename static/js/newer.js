/** Ask now and then, while the page is looked at, whether there are newer posts; htmx puts the answer in its place. */

const SECONDS = 45;

export function startNewer() {
  const place = document.querySelector("[data-newer]");
  if (!place) return;
  const look = () => {
    if (document.visibilityState === "visible") htmx.trigger(place, "look");
  };
  setInterval(look, SECONDS * 1000);
  document.addEventListener("visibilitychange", look);
}
