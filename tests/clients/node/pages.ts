// Reads a list to its end with three generated clients; prints how many photos each of them saw.
import createClient from "openapi-fetch";
import type { paths } from "./schema.js";
import { client as heyClient } from "./hey/client.gen.js";
import { photosList } from "./hey/sdk.gen.js";
import { photosList as orvalPhotosList } from "./orval/facet.js";

const site = process.env.SITE!;
const headers = { Authorization: `Bearer ${process.env.TOKEN!}` };

function cursorOf(next: string | null | undefined): string | undefined {
  return next ? new URL(next).searchParams.get("cursor")! : undefined;
}

async function countPhotos(
  read: (cursor?: string) => Promise<{ next?: string | null; results: unknown[] }>,
): Promise<number> {
  let count = 0;
  let cursor: string | undefined;
  do {
    const page = await read(cursor);
    count += page.results.length;
    cursor = cursorOf(page.next);
  } while (cursor);
  return count;
}

const fetchClient = createClient<paths>({ baseUrl: site, headers });
heyClient.setConfig({ baseUrl: site, headers });

const counts = [
  await countPhotos(async (cursor) => {
    const { data } = await fetchClient.GET("/api/v1/photos", { params: { query: { limit: 1, cursor } } });
    return data!;
  }),
  await countPhotos(async (cursor) => {
    const { data } = await photosList({ query: { limit: 1, cursor }, throwOnError: true });
    return data;
  }),
  await countPhotos(async (cursor) => {
    globalThis.fetch = withSite(globalThis.fetch);
    const response = await orvalPhotosList({ limit: 1, cursor }, { headers });
    if (response.status !== 200) throw new Error(`${response.status}`);
    return response.data;
  }),
];
console.log(JSON.stringify(counts));

// The client of Orval calls paths of the page it runs in.
function withSite(original: typeof fetch): typeof fetch {
  return (input, init) =>
    original(typeof input === "string" && input.startsWith("/") ? site + input : input, init);
}
