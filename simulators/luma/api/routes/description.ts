import type { FastifyInstance } from 'fastify'
import type { Api } from '../api.js'
import type { SimulatorContext } from '../../state/context.js'
import { UPDATE_FIELDS } from './events.js'

/** The user of the key, and the public OpenAPI description, reduced to the fields that are accepted. */
export function registerDescriptionRoutes(app: FastifyInstance, api: Api, context: SimulatorContext): void {
  api.get('/v1/users/get-self', 'users/get-self', () => ({
    id: 'usr-HOST1',
    name: 'Hedda Host',
    avatar_url: 'https://images.lumacdn.com/a.png',
    email: 'host@example.com',
    first_name: 'Hedda',
    last_name: 'Host',
  }))
  app.get('/openapi.json', () => ({
    openapi: '3.1.0',
    info: { title: 'Luma (simulated)', version: '1' },
    paths: Object.fromEntries(
      api.routes.map(({ method, path }) => [
        path,
        { [method]: operation(path === '/v1/events/update' ? context : null) },
      ]),
    ),
  }))
}

function operation(updateOf: SimulatorContext | null): unknown {
  const responses = { '200': { description: 'OK' } }
  if (!updateOf) return { responses }
  const { waitlistApi, registrationOpenApi } = updateOf.toggles.current
  const fields = [...UPDATE_FIELDS]
  if (waitlistApi !== 'absent') fields.push('waitlist_status')
  if (registrationOpenApi !== 'absent') fields.push('registration_open')
  const properties = Object.fromEntries(fields.map((field) => [field, {}]))
  const schema = { type: 'object', properties, required: ['event_id'] }
  return { requestBody: { content: { 'application/json': { schema } } }, responses }
}
