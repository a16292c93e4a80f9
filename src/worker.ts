import 'reflect-metadata'
import { ConfigError, loadConfig, withConfig } from './infrastructure/config/load-config.js'

/** Queue workers and schedules only, regardless of `ROLE`. */
try {
  const config = withConfig(loadConfig(), { role: 'worker' })
  const { runService } = await import('./bootstrap/service.js')
  await runService(config)
} catch (error) {
  process.stderr.write(`${error instanceof ConfigError ? error.message : String((error as Error).stack ?? error)}\n`)
  process.exit(1)
}
