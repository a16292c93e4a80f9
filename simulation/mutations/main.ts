import { parseArgs } from 'node:util'
import { UsageError } from '../run/options.js'
import { MUTATIONS } from './catalogue.js'
import { hunt, type Found } from './hunt.js'
import { mutatedSources, type Mutation } from './mutation.js'

const USAGE = 'npm run simulate:mutations -- [--only NAME[,NAME]] [--seeds 400] [--workers 1]'

interface Options {
  mutations: readonly Mutation[]
  /** How many seeds may be needed to find a fault. */
  seeds: number
  workers: number
}

/** Exit 0 when every fault is found, 1 when one is not, 2 for wrong arguments. */
async function main(): Promise<number> {
  const { mutations, seeds, workers } = parse(process.argv.slice(2))
  await Promise.all(mutations.map(mutatedSources))
  const waiting = [...mutations]
  let found = 0
  const work = async () => {
    for (let mutation = waiting.shift(); mutation; mutation = waiting.shift()) {
      const result = await hunt(mutation, seeds)
      if (result.kind === 'FOUND') found += 1
      console.log(`${mutation.name}: ${describe(result)}`)
    }
  }
  await Promise.all(Array.from({ length: workers }, work))
  console.log(`${found} of ${mutations.length} faults found`)
  return found === mutations.length ? 0 : 1
}

function describe(result: Found): string {
  switch (result.kind) {
    case 'FOUND': {
      const { seed, violation } = result
      return `found after ${seed} seeds: ${violation.invariant}: ${violation.detail.split('\n', 1)[0]}`
    }
    case 'NOT_FOUND':
      return `NOT FOUND in ${result.seeds} seeds`
    case 'BROKEN':
      return `BROKEN: ${result.reason}`
  }
}

/** Throws UsageError. */
function parse(args: string[]): Options {
  const options = {
    only: { type: 'string' },
    seeds: { type: 'string', default: '400' },
    workers: { type: 'string', default: '1' },
  } as const
  try {
    const { only, seeds, workers } = parseArgs({ args, options }).values
    const names = only?.split(',') ?? MUTATIONS.map(({ name }) => name)
    const unknown = names.filter((name) => !MUTATIONS.some((mutation) => mutation.name === name))
    if (unknown.length > 0) throw new UsageError(`no mutation ${unknown.join(', ')}`)
    const mutations = MUTATIONS.filter(({ name }) => names.includes(name))
    return { mutations, seeds: positive('--seeds', seeds), workers: positive('--workers', workers) }
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError(error instanceof Error ? error.message : String(error))
  }
}

function positive(option: string, text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1) throw new UsageError(`${option} must be a whole number from 1 on`)
  return value
}

try {
  process.exitCode = await main()
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  console.error(`${error.message}\n${USAGE}`)
  process.exitCode = 2
}
