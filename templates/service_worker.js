/* Keeps one page, for when there is no network; nothing that anybody reads or writes here is ever kept. */
const OFFLINE = "{% url 'offline' %}";
const FILES = [{% for file in files %}"{{ file|escapejs }}", {% endfor %}];
const CACHE = `offline ${FILES.join(" ")}`;

// Asked for without cookies, so that the page is nobody's.
const kept = (address) => new Request(address, { credentials: "omit", cache: "reload" });

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll([OFFLINE, ...FILES].map(kept))));
  self.skipWaiting();
});

self.addEventListener("activate", (event) => {
  const old = (names) => names.filter((name) => name !== CACHE).map((name) => caches.delete(name));
  event.waitUntil(caches.keys().then((names) => Promise.all(old(names))));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.mode === "navigate" && request.method === "GET") {
    event.respondWith(fetch(request).catch(() => caches.match(OFFLINE)));
  } else if (FILES.includes(new URL(request.url).pathname)) {
    event.respondWith(fetch(request).catch(() => caches.match(request)));
  }
});
