import type { FastifyRequest } from 'fastify'

const leaving = new WeakMap<FastifyRequest, () => void>()

/** Remembers how a request that is being processed leaves. Returns that as a function which has an effect once. */
export function onLeave(request: FastifyRequest, leave: () => void): () => void {
  const once = () => {
    if (leaving.delete(request)) leave()
  }
  leaving.set(request, once)
  return once
}

/** The request no longer counts as being processed, although its response continues. */
export function leaveEarly(request: FastifyRequest): void {
  leaving.get(request)?.()
}
