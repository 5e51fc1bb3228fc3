/**
 * Keeps the page for visits without a network, and isolates it (cross-origin opener and embedder policies) where the host sets no such
 * headers: shared memory, and with it threads, needs that.
 */

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
  if (kept && !isPage) return isolated(kept);
  try {
    const response = await fetch(request);
    if (response.ok && response.status === 200) await cache.put(request, response.clone());
    return isolated(response);
  } catch (error) {
    if (kept) return isolated(kept);
    throw error;
  }
}

function isolated(response: Response): Response {
  if (response.type === 'opaque' || response.headers.has('cross-origin-embedder-policy')) return response;
  const headers = new Headers(response.headers);
  headers.set('cross-origin-opener-policy', 'same-origin');
  headers.set('cross-origin-embedder-policy', 'require-corp');
  headers.set('cross-origin-resource-policy', 'same-origin');
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}
