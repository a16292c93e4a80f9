import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'

export interface Options {
  seed: number
  seeds: number
  /** A scenario as JSON, instead of the one of the seed. */
  replay: string | null
  workers: number
  /** Whether a failing scenario is reduced. */
  shrink: boolean
  /** Whether every line of the trace is printed. */
  trace: boolean
  /** Whether each run is replayed on PostgreSQL and Redis. */
  real: boolean
}

export class UsageError extends Error {}

export const USAGE =
  'npm run simulate -- [--seed 1] [--seeds 1000] [--workers 2] [--replay FILE] [--trace] [--no-shrink] [--real]'

/** Throws UsageError. */
export function parseOptions(args: string[]): Options {
  try {
    const { values } = parseArgs({
      args,
      options: {
        seed: { type: 'string', default: '1' },
        seeds: { type: 'string', default: '1' },
        workers: { type: 'string', default: String(availableParallelism()) },
        replay: { type: 'string' },
        'no-shrink': { type: 'boolean', default: false },
        trace: { type: 'boolean', default: false },
        real: { type: 'boolean', default: false },
      },
    })
    return {
      seed: wholeNumber('--seed', values.seed, 0),
      seeds: wholeNumber('--seeds', values.seeds, 1),
      workers: wholeNumber('--workers', values.workers, 1),
      replay: values.replay ?? null,
      shrink: !values['no-shrink'] && !values.trace,
      trace: values.trace,
      real: values.real,
    }
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError(error instanceof Error ? error.message : String(error))
  }
}

function wholeNumber(name: string, text: string, min: number): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < min || value > 0xffffffff)
    throw new UsageError(`${name} must be a whole number from ${min} on`)
  return value
}
