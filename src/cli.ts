import 'reflect-metadata'
import { runCommandLine } from './cli/program.js'

/** The ops CLI. Exits silently when the reader of its output closes the pipe (`| head`). */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

const exitCode = await runCommandLine(process.argv.slice(2), async (config) => {
  const { AppModule } = await import('./bootstrap/app.module.js')
  return AppModule.of(config, 'stderr')
})
// Connections that do not close must not keep the process running.
process.exit(exitCode)
