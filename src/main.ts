import 'reflect-metadata'
import { ConfigError, loadConfig } from './infrastructure/config/load-config.js'

/** The service: HTTP, workers or both, depending on `ROLE`. */
try {
  const config = loadConfig()
  const { runService } = await import('./bootstrap/service.js')
  await runService(config)
} catch (error) {
  const known = error instanceof ConfigError || (error instanceof Error && error.name !== 'TypeError')
  process.stderr.write(`${known ? (error as Error).message : String(error instanceof Error ? error.stack : error)}\n`)
  process.exit(1)
}
