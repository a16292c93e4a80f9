import type { FastifyInstance } from 'fastify'
import { choice, InvalidSettingsError, number, Settings, type Rule, type Rules } from '../settings.js'
import type { ListingOptions, ListingRef, Simulator } from '../simulator.js'

interface ListingRoute {
  Params: { eventId: string; orderId: string }
  Querystring: { ticketTypeId?: string }
}

const countOrNull: Rule<number | null> = {
  initial: null,
  parse: (value) => (value === null ? null : number(1, { min: 1, max: 1_000_000 }).parse(value)),
}
const LISTING: Rules<ListingOptions> = {
  capacity: countOrNull,
  part: choice('event', 'ticketType'),
  ticketTypes: number(1, { min: 1, max: 50 }),
}
const SALE: Rules<{ tickets: number }> = { tickets: number(1, { min: 1, max: 1_000 }) }
const ORDER: Rules<{ order: number[] }> = {
  order: {
    initial: [],
    parse: (value) => {
      if (!Array.isArray(value)) throw new Error('must be a list of ids')
      return value.map((id) => number(0).parse(id))
    },
  },
}

const parse = <T extends object>(rules: Rules<T>, body: unknown): Readonly<T> => new Settings(rules).patch(body ?? {})

/**
 * The parts of a simulator that are the same on every platform, under `/control`: `faults`, `outbox` (the webhooks), and
 * `listings`. Invalid input: 400 `{error, errors}`; unknown ids: 404 `{error}`.
 */
export function registerSimulatorRoutes(
  app: FastifyInstance,
  simulator: Pick<Simulator, 'faults' | 'deliveries' | 'listings' | 'toggles'>,
): void {
  void app.register(
    async (routes) => {
      routes.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
        if (error instanceof InvalidSettingsError) {
          return reply.code(400).send({ error: error.message, errors: error.errors })
        }
        return reply.code(error.statusCode ?? 404).send({ error: error.message })
      })
      routes.get('/toggles/options', () => simulator.toggles.options())
      faultRoutes(routes, simulator)
      outboxRoutes(routes, simulator)
      listingRoutes(routes, simulator)
    },
    { prefix: '/control' },
  )
}

function faultRoutes(routes: FastifyInstance, { faults }: Pick<Simulator, 'faults'>): void {
  routes.get('/faults', () => ({ items: faults.list() }))
  routes.post('/faults', (request) => faults.inject(request.body))
  routes.delete('/faults', () => {
    faults.clear()
    return { items: [] }
  })
}

function outboxRoutes(routes: FastifyInstance, { deliveries }: Pick<Simulator, 'deliveries'>): void {
  const known = (found: boolean) => {
    if (!found) throw new Error('no such delivery')
    return { items: deliveries.list() }
  }
  routes.get('/outbox', () => ({ items: deliveries.list() }))
  routes.post('/outbox/hold', () => {
    deliveries.hold()
    return { items: deliveries.list() }
  })
  routes.post('/outbox/release', (request) => {
    deliveries.release(parse(ORDER, request.body).order)
    return { items: deliveries.list() }
  })
  routes.post<{ Params: { id: string } }>('/outbox/:id/duplicate', ({ params }) =>
    known(deliveries.duplicate(Number(params.id))),
  )
  routes.post<{ Params: { id: string } }>('/outbox/:id/drop', ({ params }) => known(deliveries.drop(Number(params.id))))
}

function listingRoutes(routes: FastifyInstance, { listings }: Pick<Simulator, 'listings'>): void {
  const refOf = (eventId: string, ticketTypeId?: string): ListingRef => ({
    eventId,
    ticketTypeId: ticketTypeId ?? null,
  })
  routes.post('/listings', (request) => listings.create(parse(LISTING, request.body)))
  routes.get<ListingRoute>('/listings/:eventId', ({ params, query }) =>
    listings.truth(refOf(params.eventId, query.ticketTypeId)),
  )
  routes.post<ListingRoute>('/listings/:eventId/sales', ({ params, query, body }) => ({
    orderId: listings.sell(refOf(params.eventId, query.ticketTypeId), parse(SALE, body).tickets),
  }))
  routes.post<ListingRoute>('/listings/:eventId/orders/:orderId/cancel', ({ params, query }) => {
    const listing = refOf(params.eventId, query.ticketTypeId)
    listings.cancel(listing, params.orderId)
    return listings.truth(listing)
  })
}
