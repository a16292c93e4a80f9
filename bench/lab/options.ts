import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { FAMILIES, type Family } from './demand/families.js'
import { POLICIES, SIMULATED, type Policy, type SimulatedPolicy } from './policies.js'

export const USAGE = `npm run lab -- [options]
  --seeds N           traces of each family (2; 100 for reliable figures)
  --first N           the first seed (1)
  --family A,B        of ${FAMILIES.join(', ')} (all)
  --policy A,B        of ${POLICIES.join(', ')} (all)
  --sizes N           traces of each family for the study of size, 0 for none (0)
  --explain F:SEED    the course of one sale: caps, moves, and who was refused although tickets were unsold
  --unsafe            negative control: with a planted fault the lab must oversell
  --json              the figures as JSON
  --html FILE         where the page goes, its chart next to it as .svg (.data/lab/report.html)
  --workers N         processes (one per core)
ends with 1 when the service oversold, could have, or overran a rate limit; with --unsafe, when it did not oversell`

export interface Options {
  seeds: number
  first: number
  families: readonly Family[]
  policies: readonly Policy[]
  sizes: number
  explain: { family: Family; seed: number; policy: SimulatedPolicy } | null
  unsafe: boolean
  json: boolean
  html: string
  workers: number
}

export class UsageError extends Error {}

/** Throws UsageError. */
export function parseOptions(args: string[]): Options {
  try {
    const { values } = parseArgs({
      args,
      options: {
        seeds: { type: 'string', default: '2' },
        first: { type: 'string', default: '1' },
        family: { type: 'string' },
        policy: { type: 'string' },
        sizes: { type: 'string', default: '0' },
        explain: { type: 'string' },
        unsafe: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        html: { type: 'string', default: '.data/lab/report.html' },
        workers: { type: 'string', default: String(availableParallelism()) },
      },
    })
    const { unsafe, json, html } = values
    const policies = chosen('policy', values.policy, POLICIES)
    return {
      seeds: whole('seeds', values.seeds, 1),
      first: whole('first', values.first, 1),
      families: chosen('family', values.family, FAMILIES),
      policies,
      sizes: whole('sizes', values.sizes, 0),
      explain: values.explain === undefined ? null : explained(values.explain, policies),
      workers: whole('workers', values.workers, 1),
      ...{ unsafe, json, html },
    }
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError(error instanceof Error ? error.message : String(error))
  }
}

function chosen<T extends string>(option: string, text: string | undefined, all: readonly T[]): readonly T[] {
  if (text === undefined) return all
  const names = text.split(',')
  const unknown = names.filter((name) => !(all as readonly string[]).includes(name))
  if (unknown.length > 0) throw new UsageError(`--${option}: there is no ${unknown.join(', ')}`)
  return all.filter((name) => names.includes(name))
}

function explained(text: string, policies: readonly Policy[]): Options['explain'] {
  const [name = '', seed = ''] = text.split(':')
  const [family] = chosen('explain', name, FAMILIES)
  const policy = SIMULATED.find((one) => policies.includes(one))
  if (!family || !policy) throw new UsageError('--explain: give a simulated policy')
  return { family, seed: whole('explain', seed, 1), policy }
}

function whole(option: string, text: string, least: number): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= least && value <= 1_000_000) return value
  throw new UsageError(`--${option} ${text}: give a whole number from ${least} on`)
}
