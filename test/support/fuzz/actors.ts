import { ADMIN } from '../service/app.js'
import type { Actor, FuzzRequest } from './requests.js'

const PASSWORD = 'password of an actor'
const STAFF = { viewer: 'VIEWER', door: 'DOOR', operator: 'OPERATOR' } as const

/** Accounts of every role; each request comes from another address, so that no limit per client applies. */
export class Actors {
  readonly ids = new Set<string>()
  private readonly tokens = new Map<Actor, string>()
  private requests = 0

  private constructor(private readonly url: string) {}

  static async create(url: string): Promise<Actors> {
    const actors = new Actors(url)
    await actors.logIn('admin')
    for (const [actor, role] of Object.entries(STAFF))
      await actors.open(actor as Actor, '/api/v1/operators', { ...credentialsOf(actor as Actor), name: actor, role })
    await actors.open('customer', '/api/v1/auth/register', { ...credentialsOf('customer'), name: 'Customer' })
    return actors
  }

  headers(actor: Actor): Record<string, string> {
    const token = this.tokens.get(actor)
    return { ...this.fromNextAddress(), ...(token ? { authorization: `Bearer ${token}` } : {}) }
  }

  /** Logs in again when the actor's session was ended, by this request or an earlier one. */
  async renewAfter({ actor, operation }: FuzzRequest, status: number): Promise<void> {
    const changedAccount = status < 400 && operation.method !== 'GET' && operation.path.startsWith('/api/v1/auth/')
    if (actor === 'anonymous' || (status !== 401 && !changedAccount)) return
    const headers = this.headers(actor)
    const { status: now } = await fetch(`${this.url}/api/v1/auth/sessions`, { headers })
    if (now === 401) await this.logIn(actor)
  }

  async call(actor: Actor, method: string, path: string, body: object): Promise<{ status: number; text: string }> {
    const headers = { ...this.headers(actor), 'content-type': 'application/json' }
    const response = await fetch(`${this.url}${path}`, { method, headers, body: JSON.stringify(body) })
    return { status: response.status, text: await response.text() }
  }

  private async open(actor: Actor, path: string, account: object): Promise<void> {
    const { status, text } = await this.call('admin', 'POST', path, account)
    if (status !== 201) throw new Error(`the account of ${actor} was refused: ${text}`)
    await this.logIn(actor)
  }

  private async logIn(actor: Actor): Promise<void> {
    const { status, text } = await this.call('anonymous', 'POST', '/api/v1/auth/login', credentialsOf(actor))
    if (status !== 200) throw new Error(`${actor} cannot log in: ${text}`)
    const { accessToken, user } = JSON.parse(text) as { accessToken: string; user: { id: string } }
    this.tokens.set(actor, accessToken)
    this.ids.add(user.id)
  }

  private fromNextAddress(): Record<string, string> {
    const count = this.requests++
    return { 'x-forwarded-for': `198.18.${(count >> 8) % 256}.${count % 256}` }
  }
}

function credentialsOf(actor: Actor): { email: string; password: string } {
  return actor === 'admin' ? ADMIN : { email: `${actor}@actors.example`, password: PASSWORD }
}
