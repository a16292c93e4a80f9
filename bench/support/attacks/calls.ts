export interface Call {
  token?: string
  body?: object
  /** Client of the request, as the proxy names it. */
  client?: string
}

/** Calls of many clients to one service, whose proxy this machine is. */
export class Calls {
  constructor(readonly serviceUrl: string) {}

  send(method: string, path: string, { token, body, client = '203.0.113.1' }: Call = {}): Promise<Response> {
    return fetch(`${this.serviceUrl}${path}`, {
      method,
      headers: {
        'x-forwarded-for': client,
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
  }

  /** Whether the response has this status; its body is read and dropped. */
  async hasStatus(status: number, method: string, path: string, call?: Call): Promise<boolean> {
    const response = await this.send(method, path, call)
    await response.arrayBuffer()
    return response.status === status
  }

  /** The body of a successful response. */
  async json<T>(method: string, path: string, call?: Call): Promise<T> {
    const response = await this.send(method, path, call)
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status}: ${await response.text()}`)
    return (await response.json()) as T
  }

  async login(email: string, password: string, client: string): Promise<string> {
    return (
      await this.json<{ accessToken: string }>('POST', '/api/v1/auth/login', { body: { email, password }, client })
    ).accessToken
  }

  /** A new customer, logged in. */
  async customer(name: string, client: string): Promise<string> {
    const body = { email: `${name}@example.com`, password: 'a good password', name }
    await this.json('POST', '/api/v1/auth/register', { body, client })
    return this.login(body.email, body.password, client)
  }

  /** A new event, sold directly, free of charge and to the last seat. */
  async event(token: string, capacity: number): Promise<string> {
    const startsAt = new Date(Date.now() + 7 * 86_400_000).toISOString()
    const body = { name: 'Bench', startsAt, capacity, directWeight: 1, softCapRatio: 1, safetyStockRatio: 0 }
    return (await this.json<{ id: string }>('POST', '/api/v1/events', { token, body })).id
  }
}

/** `3 × 201, 5 × 429` */
export function countsOf(statuses: ReadonlyMap<number, number>): string {
  return [...statuses].map(([status, count]) => `${count} × ${status}`).join(', ')
}
