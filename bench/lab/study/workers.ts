import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { WorkerProcess } from '../../../simulation/run/worker-process.js'
import type { Play, Played } from './play.js'

const SCRIPT = fileURLToPath(new URL('worker.ts', import.meta.url))
/** A sale of 10,000 tickets takes some minutes. */
const LIMIT_MS = 1_800_000

export interface Workers {
  count: number
  /** Whether a fault is planted in the service. */
  unsafe: boolean
}

export interface Performed {
  /** In the order of the plays. */
  played: Played[]
  /** What ended without a result, and why. */
  failed: string[]
}

/** Performs the plays in several processes; each takes the next one when it is done. */
export async function performAll(
  plays: readonly Play[],
  { count, unsafe }: Workers,
  onDone: (done: number) => void = () => undefined,
): Promise<Performed> {
  const results: (Played | null)[] = plays.map(() => null)
  const failed: string[] = []
  let [next, done] = [0, 0]
  const work = async () => {
    const worker = new WorkerProcess<Play, Played>(() => fork(SCRIPT, unsafe ? ['--unsafe'] : []), LIMIT_MS)
    for (let play = plays[next]; play; play = plays[next]) {
      const [index, { family, seed, policy }] = [next++, play]
      try {
        results[index] = await worker.run(play)
      } catch (error) {
        failed.push(`${family}:${seed} ${policy}: ${error instanceof Error ? error.message : String(error)}`)
      }
      onDone(++done)
    }
    worker.end()
  }
  await Promise.all(Array.from({ length: Math.min(count, plays.length) }, work))
  return { played: results.filter((one) => one !== null), failed }
}
