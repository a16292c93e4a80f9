import { Injectable, SetMetadata, type CanActivate, type CustomDecorator, type ExecutionContext } from '@nestjs/common'
import { Reflector } from '@nestjs/core'
import type { FastifyRequest } from 'fastify'
import { RateLimited } from '../../domain/errors.js'
import { Clock } from '../time/clock.js'
import { clientOfRequest } from './clients/client-address.js'

const PER_MINUTE = Symbol('per minute')
const WINDOW_MS = 60_000
const MAX_ADDRESSES = 10_000

/** Responds with 429 to a client (an IPv4 address, or an IPv6 /64) that calls this route more than `calls` times within any minute. */
export function LimitByAddress(calls: number): CustomDecorator<symbol> {
  return SetMetadata(PER_MINUTE, calls)
}

/**
 * Counts calls per route and client, in this process. Rejected calls are not counted. Not @nestjs/throttler: its storage
 * has no bound on the number of addresses.
 */
@Injectable()
export class AddressLimitGuard implements CanActivate {
  private readonly calls = new Map<string, number[]>()

  constructor(
    private readonly reflector: Reflector,
    private readonly clock: Clock,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const limit = this.reflector.get<number | undefined>(PER_MINUTE, context.getHandler())
    if (limit === undefined) return true
    const client = clientOfRequest(context.switchToHttp().getRequest<FastifyRequest>())
    this.consume(`${context.getClass().name}.${context.getHandler().name} ${client}`, limit)
    return true
  }

  private consume(key: string, limit: number): void {
    const now = this.clock.now().getTime()
    const recent = (this.calls.get(key) ?? []).filter((at) => at > now - WINDOW_MS)
    const oldest = recent[0]
    if (recent.length >= limit && oldest !== undefined) {
      const retryAfterSeconds = Math.ceil((oldest + WINDOW_MS - now) / 1000)
      throw new RateLimited('Too many requests from this address. Try again later.', { retryAfterSeconds })
    }
    // Reinserted at the end, so that the first key is always the least recently used.
    this.calls.delete(key)
    this.calls.set(key, [...recent, now])
    this.evictLeastRecentlyUsed()
  }

  private evictLeastRecentlyUsed(): void {
    const [first] = this.calls.keys()
    if (first !== undefined && this.calls.size > MAX_ADDRESSES) this.calls.delete(first)
  }
}
