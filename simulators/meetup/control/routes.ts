import type { FastifyInstance } from 'fastify'
import { InvalidSettingsError } from '../../kit/index.js'
import { activeOf, eventChange, eventOptions, guestsOf, hintTarget, markOf, rsvpRequest } from './input.js'
import type { MeetupControl } from './control.js'
import { NotFoundError } from '../errors.js'

interface ById {
  Params: { id: string }
}

/** The control methods over HTTP, under `/control`. Invalid input: 400 `{error, errors}`; unknown ids: 404 `{error}`. */
export function registerControlRoutes(app: FastifyInstance, control: MeetupControl): void {
  void app.register(
    async (routes) => {
      routes.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
        if (error instanceof InvalidSettingsError)
          return reply.code(400).send({ error: error.message, errors: error.errors })
        if (error instanceof RangeError) return reply.code(409).send({ error: error.message })
        return reply
          .code(error instanceof NotFoundError ? 404 : (error.statusCode ?? 500))
          .send({ error: error.message })
      })
      eventRoutes(routes, control)
      rsvpRoutes(routes, control)
      routes.get('/points', () => control.points())
      routes.put('/hint-target', ({ body }) => {
        control.setHintTarget(hintTarget(body))
        return { ok: true }
      })
      routes.put('/pro', ({ body }) => {
        control.setProActive(activeOf(body))
        return { ok: true }
      })
      routes.post('/tokens/expire', () => {
        control.expireTokens()
        return { ok: true }
      })
    },
    { prefix: '/control' },
  )
}

function eventRoutes(routes: FastifyInstance, control: MeetupControl): void {
  routes.get('/events', () => control.events())
  routes.post('/events', ({ body }, reply) => reply.code(201).send(control.createEvent(eventOptions(body))))
  routes.get<ById>('/events/:id/truth', ({ params }) => control.truth(params.id))
  routes.patch<ById>('/events/:id', ({ params, body }) => control.editEvent(params.id, eventChange(body)))
  routes.post<ById>('/events/:id/roll-id', ({ params }) => control.rollEventId(params.id))
  routes.get<ById>('/events/:id/rsvps', ({ params }) => control.rsvps(params.id))
  routes.post<ById>('/events/:id/rsvps', ({ params, body }, reply) =>
    reply.code(201).send(control.rsvp(params.id, rsvpRequest(body))),
  )
  routes.post<ById>('/events/:id/hints', ({ params }) => {
    control.sendHint(params.id)
    return { ok: true }
  })
}

function rsvpRoutes(routes: FastifyInstance, control: MeetupControl): void {
  routes.post<ById>('/rsvps/:id/cancel', ({ params }) => control.cancel(params.id))
  routes.put<ById>('/rsvps/:id/guests', ({ params, body }) => control.setGuests(params.id, guestsOf(body)))
  routes.put<ById>('/rsvps/:id/status', ({ params, body }) => control.mark(params.id, markOf(body)))
}
