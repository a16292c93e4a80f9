import type { FastifyInstance } from 'fastify'
import type { Knobs } from '../faults/knobs.js'
import { InvalidSettingsError, number, type Rule, type Settings } from '../settings.js'
import type { BackgroundTasks } from '../tasks.js'
import type { Trace } from '../trace.js'

export interface SharedControlPorts<T extends object> {
  knobs: Knobs
  toggles: Settings<T>
  trace: Trace
  /** All tasks that may be running: of the sender, the faults and the simulator itself. */
  tasks: readonly BackgroundTasks[]
}

const DRAIN_MS = number(30_000, { max: 600_000 })
const SINCE = number(0)

/** The control routes that all simulators share, under `/control`. Invalid input: 400 `{error, errors: [{field, message}]}`. */
export function registerSharedControlRoutes<T extends object>(
  app: FastifyInstance,
  ports: SharedControlPorts<T>,
): void {
  const { knobs, toggles, trace, tasks } = ports
  void app.register(
    async (control) => {
      control.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
        if (error instanceof InvalidSettingsError) {
          return reply.code(400).send({ error: error.message, errors: error.errors })
        }
        return reply.code(error.statusCode ?? 500).send({ error: error.message })
      })
      control.get('/knobs', () => knobs.current)
      control.patch('/knobs', (request) => knobs.patch(request.body))
      control.get('/toggles', () => toggles.current)
      control.patch('/toggles', (request) => toggles.patch(request.body))
      control.get<{ Querystring: { eventId?: string; since?: string } }>('/trace', ({ query }) => {
        const { eventId, since } = query
        return trace.query({
          ...(eventId === undefined ? {} : { eventId }),
          since: since === undefined ? 0 : parseNumber('since', since, SINCE),
        })
      })
      control.post<{ Querystring: { timeoutMs?: string } }>('/drain', async ({ query: { timeoutMs } }) => {
        const limit = timeoutMs === undefined ? DRAIN_MS.initial : parseNumber('timeoutMs', timeoutMs, DRAIN_MS)
        const pending = await Promise.all(tasks.map((group) => group.drain(limit)))
        const remaining = pending.reduce((sum, count) => sum + count, 0)
        return { drained: remaining === 0, pending: remaining, failures: tasks.flatMap(({ errors }) => errors) }
      })
    },
    { prefix: '/control' },
  )
}

function parseNumber(field: string, text: string, rule: Rule<number>): number {
  try {
    return rule.parse(text.trim() === '' ? text : Number(text))
  } catch (error) {
    throw new InvalidSettingsError([{ field, message: error instanceof Error ? error.message : String(error) }])
  }
}
