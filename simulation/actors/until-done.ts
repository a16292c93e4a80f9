import { DomainError } from '../../src/domain/errors.js'
import type { ServiceProcess } from '../world/service-process.js'
import type { World } from '../world/world.js'

type Command = (process: ServiceProcess) => Promise<unknown>

const RETRY_MS = 1_000

/** Repeats a command on any process until it is carried out. `isFinal`: whether an error ends the repetition. */
export async function untilDone(
  world: World,
  command: Command,
  isFinal: (error: unknown) => boolean = () => false,
): Promise<void> {
  for (;;) {
    try {
      await command(world.processes.any())
      return
    } catch (error) {
      if (isFinal(error)) return
      await world.time.sleep(RETRY_MS)
    }
  }
}

/** The same until the service has carried it out or refused it; traced under this name. */
export function untilDecided(world: World, name: string, command: Command): Promise<void> {
  const isRefused = (error: unknown) => {
    world.trace.add(`${name}: ${String(error)}`)
    return error instanceof DomainError
  }
  const traced = async (process: ServiceProcess) => {
    await command(process)
    world.trace.add(`${name}: done`)
  }
  return untilDone(world, traced, isRefused)
}
