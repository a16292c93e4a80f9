/** Tokens expire after this. */
const LIFETIME_MS = 300_000
const MAX_TOKENS = 10_000

/** Tokens that make a read reflect everything up to the response they were issued with, regardless of the read lag. */
export class Waypoints {
  private readonly expiries = new Map<string, number>()
  private issued = 0

  issue(now: number): string {
    const token = Buffer.from(JSON.stringify({ n: ++this.issued, at: now })).toString('base64url')
    this.expiries.set(token, now + LIFETIME_MS)
    const oldest = this.expiries.keys().next()
    if (this.expiries.size > MAX_TOKENS && !oldest.done) this.expiries.delete(oldest.value)
    return token
  }

  isValid(token: unknown, now: number): boolean {
    return typeof token === 'string' && (this.expiries.get(token) ?? 0) > now
  }
}
