/** Refresh the unread count while the page is visible, and mark the listed notifications as read. */

const MINUTE_MILLISECONDS = 60_000;
const PARTIAL_HEADERS = { "HX-Request": "true" };
let requestedAt = Date.now();

async function replaceUnreadCount(answer) {
  const response = await answer.catch(() => null);
  // Without an answer (after logout, for example) the old count stays.
  if (response?.status !== 200) return;
  document.querySelector("[data-unread]").outerHTML = await response.text();
}

function refreshUnreadCount() {
  if (document.visibilityState !== "visible" || Date.now() - requestedAt < MINUTE_MILLISECONDS) return;
  requestedAt = Date.now();
  replaceUnreadCount(fetch(document.querySelector("[data-unread]").dataset.unread, { headers: PARTIAL_HEADERS }));
}

/** Mark the listed notifications as read once the tab is visible; it may have been opened in the background. */
function markRead(form) {
  if (document.visibilityState !== "visible") {
    document.addEventListener("visibilitychange", () => markRead(form), { once: true });
    return;
  }
  replaceUnreadCount(fetch(form.action, { method: "POST", body: new FormData(form), headers: PARTIAL_HEADERS }));
}

export function startNotifications() {
  if (!document.querySelector("[data-unread]")) return;
  const form = document.querySelector("form[data-mark-read]");
  if (form) markRead(form);
  document.addEventListener("visibilitychange", refreshUnreadCount);
  setInterval(refreshUnreadCount, MINUTE_MILLISECONDS);
}
