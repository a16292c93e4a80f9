import 'reflect-metadata'
import { runCommandLine } from './cli/program.js'

/** The ops CLI. A reader that has seen enough (`| head`) ends it quietly. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

const exitCode = await runCommandLine(process.argv.slice(2), async (config) => {
  const { AppModule } = await import('./app.module.js')
  return AppModule.of(config, 'stderr')
})
// Connections that cannot say goodbye must not keep it.
process.exit(exitCode)
