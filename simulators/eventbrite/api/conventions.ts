import type { FastifyInstance, FastifyReply } from 'fastify'

const LEGACY = ['events', 'orders', 'webhooks', 'owned_events', 'owned_event_orders', 'owned_event_attendees']

/** Rules for every route below /v3: the trailing slash, the methods, and the routes that were shut down. */
export function registerConventions(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    const [path = '', query] = request.url.split('?')
    if (!path.startsWith('/v3') || path.endsWith('/')) return
    const location = `${path}/${query === undefined ? '' : `?${query}`}`
    await sendError(
      reply.header('location', location),
      301,
      'PERMANENTLY_MOVED',
      'Resource must be accessed with a slash',
    )
  })
  app.setNotFoundHandler(async (request, reply) => {
    const wrongMethod = request.method !== 'GET' && request.method !== 'DELETE'
    if (wrongMethod) return sendError(reply, 405, 'METHOD_NOT_ALLOWED', 'That method is not supported here')
    return sendError(reply, 404, 'NOT_FOUND', 'The path you requested does not exist.')
  })
  for (const name of LEGACY) {
    app.get(`/v3/users/me/${name}/`, (_request, reply) =>
      sendError(
        reply,
        403,
        'NOT_AUTHORIZED',
        'This user is not able to use legacy user endpoints, switch to organizations',
      ),
    )
  }
}

function sendError(reply: FastifyReply, status: number, error: string, description: string): FastifyReply {
  return reply.code(status).send({ status_code: status, error, error_description: description })
}
