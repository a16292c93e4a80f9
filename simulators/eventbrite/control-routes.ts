import type { FastifyInstance } from 'fastify'
import { InvalidSettings, Refusal, send } from '../kit/index.js'
import type { CartRequest } from './box-office.js'
import type { Control } from './control.js'
import * as schema from './control-schemas.js'
import type { EventPlan } from './event-plan.js'
import type { EventStatus } from './model.js'

interface Id {
  Params: { id: string }
}

interface GiveBack extends Id {
  Body: { attendeeIds?: string[]; moneyOnly?: boolean }
}

/** The operations of `Control` over HTTP, under `/control`. Nothing here is faulted, limited or needs a token. */
export function registerControlRoutes(app: FastifyInstance, control: Control): void {
  void app.register(
    async (routes) => {
      routes.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
        if (error instanceof Refusal) return send(reply, error.answer)
        const errors = error instanceof InvalidSettings ? error.errors : undefined
        return reply.code(errors ? 400 : (error.statusCode ?? 500)).send({ error: error.message, errors })
      })
      // A missing body is an empty one: it then lacks what it has to have, or nothing.
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

function eventRoutes(routes: FastifyInstance, control: Control): void {
  routes.get('/events', () => ({ items: control.events() }))
  routes.post<{ Body: EventPlan }>('/events', { schema: schema.EVENT }, ({ body }) => control.createEvent(body))
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
    { schema: schema.WAITER },
    ({ params, body: { name, email, quantity } }) => ({
      position: control.joinWaitlist(params.id, { name, email }, quantity),
    }),
  )
}

function saleRoutes(routes: FastifyInstance, control: Control): void {
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
  const giveBack = { schema: schema.GIVE_BACK }
  routes.post<GiveBack>('/orders/:id/refund', giveBack, ({ params: { id }, body }) => ({
    freed: body.moneyOnly ? control.refundMoney(id, body.attendeeIds) : control.refund(id, body.attendeeIds),
  }))
  routes.post<GiveBack>('/orders/:id/cancel', giveBack, ({ params, body }) => ({
    freed: control.cancel(params.id, body.attendeeIds),
  }))
}

function webhookRoutes(routes: FastifyInstance, control: Control): void {
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
  routes.post<{ Body: { calls: number } }>('/app-key/spend', { schema: schema.SPENDING }, ({ body }) => {
    control.spendAppKey(body.calls)
    return { spent: body.calls }
  })
}
