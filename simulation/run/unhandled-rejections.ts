import { ProcessKilled } from '../world/process-killed.js'

let report: ((error: unknown) => void) | null = null

/**
 * Passes errors without a handler to `listener` until the returned function is called. Those of killed processes are
 * ignored, also later. Without a listener others end this process, as without this function.
 */
export function watchUnhandledRejections(listener: (error: unknown) => void): () => void {
  if (!process.listeners('unhandledRejection').includes(onRejection)) process.on('unhandledRejection', onRejection)
  report = listener
  return () => {
    report = null
  }
}

function onRejection(error: unknown): void {
  if (error instanceof ProcessKilled) return
  if (!report) throw error
  report(error)
}
