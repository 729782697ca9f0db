/** Keep the count of what is unread true while the page is looked at, and note what was read on it. */

const MINUTE = 60_000;
const PART = { "HX-Request": "true" };
let asked = Date.now();

async function replace(answer) {
  const response = await answer.catch(() => null);
  // Nobody waits for this: without a count, as after a log-out, the old one stays.
  if (response?.status !== 200) return;
  document.querySelector("[data-unread]").outerHTML = await response.text();
}

function refresh() {
  if (document.visibilityState !== "visible" || Date.now() - asked < MINUTE) return;
  asked = Date.now();
  replace(fetch(document.querySelector("[data-unread]").dataset.unread, { headers: PART }));
}

/** Note what stands on the page as read, once it is looked at: it may have been opened behind another. */
function markRead(form) {
  if (document.visibilityState !== "visible") {
    document.addEventListener("visibilitychange", () => markRead(form), { once: true });
    return;
  }
  replace(fetch(form.action, { method: "POST", body: new FormData(form), headers: PART }));
}

export function startNotifications() {
  if (!document.querySelector("[data-unread]")) return;
  const form = document.querySelector("form[data-mark-read]");
  if (form) markRead(form);
  document.addEventListener("visibilitychange", refresh);
  setInterval(refresh, MINUTE);
}
