import { DomainError } from '../../src/domain/errors.js'
import type { ServiceProcess } from '../world/service-process.js'
import type { World } from '../world/world.js'

const RETRY_MS = 1_000

/** Repeats a command that fails, on any process; one that is refused is not repeated. */
export async function untilDone(
  world: World,
  name: string,
  command: (process: ServiceProcess) => Promise<unknown>,
): Promise<void> {
  for (;;) {
    try {
      await command(world.processes.any())
      world.trace.add(`${name}: done`)
      return
    } catch (error) {
      world.trace.add(`${name}: ${String(error)}`)
      if (error instanceof DomainError) return
      await world.time.sleep(RETRY_MS)
    }
  }
}
