// Watches a render with EventSource as browsers have it; prints what happened when it stops by itself.
import { EventSource } from "eventsource";

const { ADDRESS, TOKEN } = process.env;
const seen = [];
const statuses = [];
const source = new EventSource(ADDRESS, {
  fetch: async (address, options) => {
    const headers = { ...options.headers, Authorization: `Bearer ${TOKEN}` };
    const response = await fetch(address, { ...options, headers });
    statuses.push(response.status);
    return response;
  },
});
for (const name of ["progress", "finished"]) {
  source.addEventListener(name, (event) => {
    seen.push({ name, id: event.lastEventId, finished: JSON.parse(event.data).finished });
  });
}
source.addEventListener("error", () => {
  if (source.readyState === EventSource.CLOSED) console.log(JSON.stringify({ seen, statuses }));
});
