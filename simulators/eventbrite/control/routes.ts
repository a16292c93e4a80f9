import type { FastifyInstance } from 'fastify'
import { InvalidSettingsError, Rejection, send } from '../../kit/index.js'
import * as schema from './input.js'
import type { EventbriteControl } from './control.js'
import type { EventOptions } from '../state/create-event.js'
import type { EventStatus } from '../state/model.js'
import type { CartRequest } from '../state/sales.js'

interface Id {
  Params: { id: string }
}

interface RefundRoute extends Id {
  Body: { attendeeIds?: string[]; moneyOnly?: boolean }
}

/** The methods of `EventbriteControl` over HTTP, under `/control`, without faults, rate limit or authentication. */
export function registerControlRoutes(app: FastifyInstance, control: EventbriteControl): void {
  void app.register(
    async (routes) => {
      routes.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
        if (error instanceof Rejection) return send(reply, error.response)
        const errors = error instanceof InvalidSettingsError ? error.errors : undefined
        return reply.code(errors ? 400 : (error.statusCode ?? 500)).send({ error: error.message, errors })
      })
      // A missing body counts as an empty one, so that validation names its required fields.
      routes.addHook('preValidation', async (request) => {
        if (request.method !== 'GET') request.body ??= {}
      })
      eventRoutes(routes, control)
      saleRoutes(routes, control)
      webhookRoutes(routes, control)
    },
    { prefix: '/control' },
  )
}

function eventRoutes(routes: FastifyInstance, control: EventbriteControl): void {
  routes.get('/events', () => ({ items: control.events() }))
  routes.post<{ Body: EventOptions }>('/events', { schema: schema.EVENT }, ({ body }) => control.createEvent(body))
  routes.get<Id>('/events/:id/truth', ({ params }) => control.truth(params.id))
  routes.get<Id>('/events/:id/carts', ({ params }) => ({ items: control.carts(params.id) }))
  routes.get<Id>('/events/:id/waitlist', ({ params }) => ({ items: control.waitlist(params.id) }))
  routes.patch<Id & { Body: { ticketClassId?: string; fields: Record<string, unknown> } }>(
    '/events/:id',
    { schema: schema.EDIT },
    ({ params, body }) => control.edit(params.id, body.ticketClassId ?? null, body.fields),
  )
  routes.post<Id & { Body: { status: EventStatus } }>(
    '/events/:id/status',
    { schema: schema.STATUS },
    ({ params, body }) => control.setStatus(params.id, body.status),
  )
  routes.post<Id & { Body: { name: string; email: string; quantity?: number } }>(
    '/events/:id/waitlist',
    { schema: schema.WAITLIST_ENTRY },
    ({ params, body: { name, email, quantity } }) => ({
      position: control.joinWaitlist(params.id, { name, email }, quantity),
    }),
  )
}

function saleRoutes(routes: FastifyInstance, control: EventbriteControl): void {
  type Request = Id & { Body: Omit<CartRequest, 'eventId'> }
  const cart = { schema: schema.CART }
  routes.post<Request>('/events/:id/buy', cart, ({ params, body }) => control.buy({ ...body, eventId: params.id }))
  routes.post<Request>('/events/:id/carts', cart, ({ params, body }) =>
    control.openCart({ ...body, eventId: params.id }),
  )
  routes.post<Id>('/carts/:id/complete', ({ params }) => ({ orderId: control.completeCart(params.id) }))
  routes.post<Id>('/carts/:id/abandon', ({ params }) => {
    control.abandonCart(params.id)
    return { abandoned: true }
  })
  const refund = { schema: schema.REFUND }
  routes.post<RefundRoute>('/orders/:id/refund', refund, ({ params: { id }, body }) => ({
    freed: body.moneyOnly ? control.refundMoney(id, body.attendeeIds) : control.refund(id, body.attendeeIds),
  }))
  for (const [command, checkedIn] of [
    ['check-in', true],
    ['check-out', false],
  ] as const) {
    routes.post<RefundRoute>(`/orders/:id/${command}`, refund, ({ params: { id }, body }) => {
      if (checkedIn) control.checkIn(id, body.attendeeIds)
      else control.checkOut(id, body.attendeeIds)
      return { checkedIn }
    })
  }
  routes.post<RefundRoute>('/orders/:id/cancel', refund, ({ params, body }) => ({
    freed: control.cancel(params.id, body.attendeeIds),
  }))
}

function webhookRoutes(routes: FastifyInstance, control: EventbriteControl): void {
  routes.get('/webhooks', () => ({ items: control.webhooks() }))
  routes.post<{ Body: { url: string; actions?: string[]; eventId?: string } }>(
    '/webhooks',
    { schema: schema.WEBHOOK },
    ({ body }) => control.addWebhook(body.url, body.actions, body.eventId ?? null),
  )
  routes.post<Id>('/webhooks/:id/test', ({ params }) => {
    control.testWebhook(params.id)
    return { sent: true }
  })
  routes.post<{ Body: { calls: number } }>('/app-key/spend', { schema: schema.SPENT_CALLS }, ({ body }) => {
    control.spendAppKey(body.calls)
    return { spent: body.calls }
  })
}
