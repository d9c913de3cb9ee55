// Keeps one page for times without a connection. Nothing of a person is ever stored here.

const CACHE = "offline-1";
const PAGE = "/offline/";

addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.add(PAGE)).then(() => skipWaiting()));
});
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => {
  if (event.request.mode !== "navigate" || event.request.method !== "GET") return;
  event.respondWith(fetch(event.request).catch(() => caches.match(PAGE)));
});
// A tap on "Your headshots are ready" leads back to the page that told it.
addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(clients.matchAll({ type: "window" }).then((windows) => {
    const there = windows.find(({ url }) => url === event.notification.data);
    return there ? there.focus() : clients.openWindow(event.notification.data);
  }));
});
