// Lets the page open without a network (over HTTPS, as browsers ask for that): its own files, nothing else.

const KEPT = "footfall-audit-1";
const FILES = ["./", "audit.css", "audit.js", "counting.js", "sending.js"];

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(KEPT).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  const known = FILES.some((file) => new URL(file, self.registration.scope).pathname === address.pathname);
  if (event.request.method !== "GET" || !known) return;
  event.respondWith(fromNetwork(event.request));
});

async function fromNetwork(request) {
  try {
    const response = await fetch(request);
    if (response.ok && !response.redirected) (await caches.open(KEPT)).put(request, response.clone());
    return response;
  } catch (error) {
    const kept = await caches.match(request);
    if (kept === undefined) throw error;
    return kept;
  }
}
