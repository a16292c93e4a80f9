// The service worker of the door page: what it needs to open without a connection. Its scope is /door/, so that it never
// responds for the dashboard; responses of the API are never kept.

/** The events of service workers, which the types of pages lack. */
interface WorkerEvent extends Event {
  readonly request: Request
  waitUntil(work: Promise<unknown>): void
  respondWith(response: Promise<Response>): void
}
const on = (type: 'install' | 'activate' | 'fetch', react: (event: WorkerEvent) => void) =>
  self.addEventListener(type, (event) => react(event as WorkerEvent))

/** Paths of all files of the page; the build writes them here, so that a new page has a new worker. */
const SHELL = '__DOOR_SHELL__'.split(' ')
/** All events have the same page. */
const PAGE = '/door/start'
const CACHE = `door ${fingerprint(SHELL.join(' '))}`
/** A connection that is this slow is none, ms. */
const MAX_WAIT_MS = 3_000

on('install', (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll([PAGE, ...SHELL])))
})

// Once no page of an older worker is open: nothing is taken from under it.
on('activate', (event) => {
  event.waitUntil(removeOlder())
})

on('fetch', (event) => {
  const { request } = event
  const { pathname, origin } = new URL(request.url)
  if (request.method !== 'GET' || origin !== self.location.origin) return
  if (request.mode === 'navigate') event.respondWith(page(request))
  else if (pathname.startsWith('/assets/')) event.respondWith(asset(request))
})

/** The newest page, or the kept one without a connection. */
async function page(request: Request): Promise<Response> {
  try {
    const response = await fetch(request, { signal: AbortSignal.timeout(MAX_WAIT_MS) })
    if (response.status < 500) return response
  } catch {
    // No connection.
  }
  return (await caches.match(PAGE, { cacheName: CACHE })) ?? Response.error()
}

/** Names of assets contain a hash of their content: kept ones are never outdated. */
async function asset(request: Request): Promise<Response> {
  return (await caches.match(request)) ?? fetch(request)
}

async function removeOlder(): Promise<void> {
  const older = (await caches.keys()).filter((name) => name.startsWith('door ') && name !== CACHE)
  await Promise.all(older.map((name) => caches.delete(name)))
}

function fingerprint(text: string): string {
  let hash = 0
  for (const character of text) hash = (Math.imul(hash, 31) + (character.codePointAt(0) ?? 0)) | 0
  return (hash >>> 0).toString(36)
}
