import { setTimeout as sleep } from 'node:timers/promises'

/** The process ends: what was begun is left as it is, to be taken up again. */
export class Stopped extends Error {
  override readonly name = 'Stopped'
}

/** @throws Stopped */
export function goOn(signal: AbortSignal): void {
  if (signal.aborted) throw new Stopped('stopped')
}

/** @throws Stopped */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => goOn(signal))
}
