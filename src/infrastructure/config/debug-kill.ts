import { onDebugPoint, type DebugPoint } from '../debug-point.js'

/** With `NODE_ENV=test` only: the process kills itself at the debug point named by `DEBUG_KILL_AT`, to simulate a crash. */
export function armDebugKill(variables: Record<string, string | undefined> = process.env): void {
  const { NODE_ENV, DEBUG_KILL_AT } = variables
  if (NODE_ENV !== 'test' || !DEBUG_KILL_AT) return
  onDebugPoint(DEBUG_KILL_AT as DebugPoint, () => {
    process.kill(process.pid, 'SIGKILL')
    return new Promise(() => undefined) // the signal may take a moment
  })
}
