// A client of a service on this machine, for the tools that drive one, and the settings of `npm run dev`.

/** The service of `npm run dev`: its data, and the login of its admin. */
export const DEV = { dataDir: '.data/dev', email: 'admin@example.com', password: 'traffic-police' }

/** Logs in. Returns a function that calls the API: `call('POST', 'events', {…})`. Both reject when a call is refused. */
export async function connect(url, email, password) {
  const { accessToken } = await send(`${url}/api/v1/auth/login`, 'POST', { email, password })
  const headers = { authorization: `Bearer ${accessToken}` }
  return (method, path, body) => send(`${url}/api/v1/${path}`, method, body, headers)
}

/** Sends and receives JSON. Rejects with the method, the address and the reason. */
export async function send(address, method = 'GET', body = undefined, headers = {}) {
  const json = body === undefined ? {} : { body: JSON.stringify(body) }
  const type = body === undefined ? {} : { 'content-type': 'application/json' }
  const response = await fetch(address, { method, headers: { ...type, ...headers }, ...json }).catch((error) => {
    throw new Error(`${method} ${address}: ${error.cause?.message ?? error.message}`, { cause: error })
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${address}: ${response.status} ${text}`)
  return text === '' ? null : JSON.parse(text)
}

/** An event as the API creates it, in 30 days. `listing`: platform → id of its event there. */
export function eventOn(listing, name, capacity) {
  const channels = Object.entries(listing).map(([platform, externalEventId]) => ({
    platform: platform.toUpperCase(),
    externalEventId,
  }))
  const startsAt = new Date(Date.now() + 30 * 86_400_000).toISOString()
  return { name, startsAt, capacity, venue: 'The Old Mill', timezone: 'Europe/Berlin', channels }
}
