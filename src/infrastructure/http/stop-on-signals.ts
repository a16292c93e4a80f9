import { Logger } from '@nestjs/common'

const DEADLINE_MS = 10_000

/**
 * On SIGTERM or SIGINT: runs `stop` and exits with 0; with 1 when that fails or takes longer than 10 s (connections to a
 * Redis that was never reachable can block a shutdown forever).
 */
export function stopOnSignals(stop: () => Promise<void>, deadlineMs = DEADLINE_MS): void {
  const logger = new Logger('Shutdown')
  let stopping = false
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stopping) return
    stopping = true
    logger.log(`Stopping on ${signal}`)
    setTimeout(() => {
      logger.error(`Not stopped within ${deadlineMs} ms; exiting anyway`)
      process.exit(1)
    }, deadlineMs).unref()
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, 'Stopping failed')
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
}
