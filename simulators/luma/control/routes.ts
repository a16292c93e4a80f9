import type { FastifyInstance } from 'fastify'
import { eventOptions, registration } from './input.js'
import type { LumaControl } from './control.js'
import { LumaError } from '../errors.js'
import { Input } from '../api/input.js'

type Handler = (input: Input) => unknown

/** The control methods over HTTP: `POST /control/<command>` with a JSON body, `GET /control/<query>` with a query string. */
export function registerControlRoutes(app: FastifyInstance, control: LumaControl): void {
  void app.register(
    async (routes) => {
      routes.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
        const status = error instanceof LumaError ? error.status : (error.statusCode ?? 500)
        return reply.code(status).send({ error: error.message })
      })
      for (const [name, query] of Object.entries(queries(control))) {
        routes.get(`/${name}`, (request) => query(new Input(request.query)))
      }
      for (const [name, command] of Object.entries(commands(control))) {
        routes.post(`/${name}`, (request) => command(new Input(request.body)) ?? {})
      }
    },
    { prefix: '/control' },
  )
}

const queries = (control: LumaControl): Record<string, Handler> => ({
  truth: (query) => (query.has('eventId') ? control.truth(query.text('eventId')) : control.events()),
  guests: (query) => control.guests(query.text('eventId')),
  mails: () => control.context.state.mails,
  webhooks: () => [...control.context.state.webhooks.values()],
  deliveries: () => control.context.webhooks.sender.counts,
})

function commands(control: LumaControl): Record<string, Handler> {
  const ids = (input: Input) => [input.text('eventId'), input.text('guestId')] as const
  return {
    events: (input) => control.createEvent(eventOptions(input)),
    register: (input) => control.register(registration(input)),
    'waitlist/join': (input) => control.joinWaitlist(registration(input)),
    'waitlist/promote': (input) => ({
      promoted: control.promote(input.text('eventId'), input.integer('most') ?? Infinity),
    }),
    cancel: (input) => control.cancel(...ids(input)),
    refund: (input) => control.refund(...ids(input)),
    approve: (input) => control.approve(...ids(input)),
    'check-in': (input) => control.checkIn(...ids(input)),
    'carts/open': (input) => ({ guestId: control.openCart(registration(input)) }),
    'carts/complete': (input) => ({ completed: control.completeCart(...ids(input)) }),
    'carts/abandon': (input) => control.abandonCart(...ids(input)),
    'events/cap': (input) =>
      control.setCap(input.text('eventId'), input.integer('cap') ?? null, input.optionalText('ticketTypeId')),
    'events/waitlist': (input) =>
      control.setWaitlist(input.text('eventId'), input.choice('status', ['enabled', 'disabled'])),
    'events/cancel': (input) => control.cancelEvent(input.text('eventId')),
    'webhooks/secret': (input) =>
      control.changeSecret(input.text('webhookId'), input.flag('overlap') ?? true, input.optionalText('secret')),
  }
}
