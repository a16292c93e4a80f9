import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Play, Played } from './play.js'

const SCRIPT = fileURLToPath(new URL('worker.ts', import.meta.url))

export interface Workers {
  count: number
  /** The name of a fault that is planted in the service. */
  mutation: string | null
}

/** Performs the plays in several processes; each takes the next one when it is done. The results are in the plays' order. */
export async function performAll(
  plays: readonly Play[],
  { count, mutation }: Workers,
  onPlayed: (done: number) => void = () => undefined,
): Promise<Played[]> {
  const results: Played[] = []
  let [next, done] = [0, 0]
  const work = () =>
    new Promise<void>((resolve, reject) => {
      const worker = fork(SCRIPT, mutation === null ? [] : [mutation])
      let current = -1
      worker.on('message', (message: Played | 'ready') => {
        if (message !== 'ready') {
          results[current] = message
          onPlayed(++done)
        }
        current = next++
        const play = plays[current]
        if (play) worker.send(play)
        else worker.disconnect()
      })
      worker.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a worker ended with ${code}`))))
    })
  await Promise.all(Array.from({ length: Math.min(count, plays.length) }, work))
  return results
}
