/** Register the service worker, which serves a page when there is no network. */

export function startServiceWorker() {
  // Unavailable without HTTPS and in some private windows; the site works without it.
  navigator.serviceWorker?.register("/service-worker.js").catch(() => {});
}
