/** Keep a page for when there is no network. */

export function startWorker() {
  // Without https, or in a private window, there is none; the site is the same.
  navigator.serviceWorker?.register("/service-worker.js").catch(() => {});
}
