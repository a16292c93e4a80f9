import { Unavailable, type DomainError } from '../../../domain/errors.js'

export interface IntakeLimit {
  /** Bodies that are being received at once. */
  bodies: number
  bodiesPerClient: number
  /** Memory of all bodies, until their requests end. */
  bytes: number
}

/** A body from its first byte until the response to its request. */
export interface IncomingBody {
  readonly client: string
  bytes: number
  /** Null: it is complete. */
  abort: ((error: DomainError) => void) | null
}

/** What a chunk costs besides its bytes. */
const CHUNK_OVERHEAD_BYTES = 256

/**
 * Bounds the bodies that are being received, by number and by memory. A new body is never refused because of old ones that
 * do not arrive: the oldest incomplete body of the client with the most gives way, so that clients that wait to fill the
 * limits only end their own requests.
 */
export class BodyIntake {
  /** Incomplete and complete bodies of each client, oldest first. */
  private readonly clients = new Map<string, Set<IncomingBody>>()
  private incomplete = 0
  private bytes = 0

  constructor(private readonly limit: IntakeLimit) {}

  /** `abort` is called at most once, when the body has to give way. */
  open(client: string, abort: (error: DomainError) => void): IncomingBody {
    const body: IncomingBody = { client, bytes: 0, abort }
    const own = this.clients.get(client) ?? new Set()
    this.clients.set(client, own.add(body))
    this.incomplete += 1
    if (incompleteOf(own).length > this.limit.bodiesPerClient) this.evict(own)
    if (this.incomplete > this.limit.bodies) this.evict(this.clientWithMost((bodies) => incompleteOf(bodies).length))
    return body
  }

  /** Records a received chunk; the body may have been aborted afterwards. */
  receive(body: IncomingBody, chunkBytes: number): void {
    const bytes = chunkBytes + CHUNK_OVERHEAD_BYTES
    body.bytes += bytes
    this.bytes += bytes
    while (this.bytes > this.limit.bytes) {
      const most = this.clientWithMost((bodies) => sum(incompleteOf(bodies).map((each) => each.bytes)))
      if (!this.evict(most)) {
        // All others are complete and being processed.
        this.abort(body)
        return
      }
    }
  }

  complete(body: IncomingBody): void {
    if (body.abort === null) return
    body.abort = null
    this.incomplete -= 1
  }

  /** Releases the memory. Idempotent. */
  close(body: IncomingBody): void {
    const own = this.clients.get(body.client)
    if (!own?.delete(body)) return
    if (own.size === 0) this.clients.delete(body.client)
    this.complete(body)
    this.bytes -= body.bytes
  }

  private clientWithMost(measure: (bodies: ReadonlySet<IncomingBody>) => number): Set<IncomingBody> {
    let most = new Set<IncomingBody>()
    let value = -1
    for (const bodies of this.clients.values()) {
      const measured = measure(bodies)
      if (measured > value) [most, value] = [bodies, measured]
    }
    return most
  }

  /** False: none of them is incomplete. */
  private evict(bodies: ReadonlySet<IncomingBody>): boolean {
    const [oldest] = incompleteOf(bodies)
    if (!oldest) return false
    this.abort(oldest)
    return true
  }

  private abort(body: IncomingBody): void {
    const { abort } = body
    this.close(body)
    abort?.(new Unavailable('The body did not arrive in time for the present load.', { retryAfterSeconds: 1 }))
  }
}

function incompleteOf(bodies: ReadonlySet<IncomingBody>): IncomingBody[] {
  return [...bodies].filter(({ abort }) => abort !== null)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
