import type { FastifyInstance } from 'fastify'
import type { Knobs } from './knobs.js'
import { InvalidSettings, number, type Rule, type Settings } from './settings.js'
import type { BackgroundTasks } from './tasks.js'
import type { Trace } from './trace.js'

export interface ControlParts<T extends object> {
  knobs: Knobs
  toggles: Settings<T>
  trace: Trace
  /** Everything that may still be under way: the sender's, the faults', the simulator's own. */
  tasks: readonly BackgroundTasks[]
}

const DRAIN_MS = number(30_000, { max: 600_000 })
const SINCE = number(0)

/** The control surface that all simulators share, under `/control`. Wrong input: 400 `{error, errors: [{field, message}]}`. */
export function registerControl<T extends object>(app: FastifyInstance, parts: ControlParts<T>): void {
  const { knobs, toggles, trace, tasks } = parts
  void app.register(
    async (control) => {
      control.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
        if (error instanceof InvalidSettings) {
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
          since: since === undefined ? 0 : whole('since', since, SINCE),
        })
      })
      control.post<{ Querystring: { timeoutMs?: string } }>('/drain', async ({ query: { timeoutMs } }) => {
        const limit = timeoutMs === undefined ? DRAIN_MS.initial : whole('timeoutMs', timeoutMs, DRAIN_MS)
        const pending = await Promise.all(tasks.map((each) => each.drain(limit)))
        const left = pending.reduce((sum, each) => sum + each, 0)
        return { drained: left === 0, pending: left, failures: tasks.flatMap(({ errors }) => errors) }
      })
    },
    { prefix: '/control' },
  )
}

function whole(field: string, text: string, rule: Rule<number>): number {
  try {
    return rule.parse(text.trim() === '' ? text : Number(text))
  } catch (error) {
    throw new InvalidSettings([{ field, message: error instanceof Error ? error.message : String(error) }])
  }
}
