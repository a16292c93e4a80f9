const INTERVAL_MS = 250

/**
 * Calls back once when this process was started by npm and npm is gone, killed without a chance to pass a signal on.
 * Does nothing when started otherwise.
 */
export function watchLauncher(onGone: () => void): void {
  if (process.env.npm_lifecycle_event === undefined) return
  const launcher = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === launcher) return
    clearInterval(timer)
    onGone()
  }, INTERVAL_MS)
  timer.unref()
}
