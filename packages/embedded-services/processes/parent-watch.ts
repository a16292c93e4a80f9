const INTERVAL_MS = 250

/**
 * If npm started this process, calls `onExit` once when npm has ended, e.g. killed before it could forward a signal.
 * Otherwise does nothing.
 */
export function watchLauncher(onExit: () => void): void {
  if (process.env.npm_lifecycle_event === undefined) return
  const launcher = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === launcher) return
    clearInterval(timer)
    onExit()
  }, INTERVAL_MS)
  timer.unref()
}
