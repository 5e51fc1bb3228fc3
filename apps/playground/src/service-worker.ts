/**
 * Keeps the page for visits without a network, and gives what it answers the headers that the host has not set: isolation, which shared
 * memory and with it threads need, and the policy of workers.
 */
import { headersOf } from '../build/headers.ts';

/** Written in by the build: what the start page needs, and the name of the build. */
declare const playgroundFiles: readonly string[];
declare const playgroundVersion: string;

interface ExtendableEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface FetchEvent extends ExtendableEvent {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}
interface Scope {
  readonly location: Location;
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener<E extends Event>(name: string, listener: (event: E) => void): void;
}
const scope = globalThis as unknown as Scope;
const prefix = 'mace-playground ';
const cacheName = prefix + playgroundVersion;

scope.addEventListener<ExtendableEvent>('install', (event) => {
  event.waitUntil(keepStartPage().then(() => scope.skipWaiting()));
});

scope.addEventListener<ExtendableEvent>('activate', (event) => {
  event.waitUntil(dropOtherBuilds().then(() => scope.clients.claim()));
});

scope.addEventListener<FetchEvent>('fetch', (event) => {
  const { request } = event;
  // Models of other hosts are kept by the page, and go their own way.
  if (request.method === 'GET' && new URL(request.url).origin === scope.location.origin)
    event.respondWith(answer(request));
});

async function keepStartPage(): Promise<void> {
  const cache = await caches.open(cacheName);
  await cache.addAll([...playgroundFiles]);
}

async function dropOtherBuilds(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(
    names.filter((name) => name.startsWith(prefix) && name !== cacheName).map((name) => caches.delete(name)),
  );
}

/** The page itself from the network where there is one, so that a new build is seen; files of a build never change. */
async function answer(request: Request): Promise<Response> {
  const cache = await caches.open(cacheName);
  const isPage = request.mode === 'navigate';
  const kept = await cache.match(request, { ignoreSearch: true, ignoreVary: true });
  if (kept && !isPage) return withHeaders(kept, request);
  try {
    const response = await fetch(request);
    if (response.ok && response.status === 200) await cache.put(request, response.clone());
    return withHeaders(response, request);
  } catch (error) {
    if (kept) return withHeaders(kept, request);
    throw error;
  }
}

/** A response with our headers, where the host has none of its own. */
function withHeaders(response: Response, { url }: Request): Response {
  if (response.type === 'opaque') return response;
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(headersOf(new URL(url).pathname)))
    if (!headers.has(name)) headers.set(name, value);
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}
