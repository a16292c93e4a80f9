import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { writePrivateFile } from '#embedded-services'

const fileIn = (dataDir: string) => join(dataDir, 'demo-removed')

/** Whether an admin has removed the demo of this installation: it starts again only with `DEMO=on`. */
export function isDemoRemoved(dataDir: string): boolean {
  return existsSync(fileIn(dataDir))
}

/** From the next start on. */
export function markDemoRemoved(dataDir: string): void {
  mkdirSync(dataDir, { recursive: true })
  writePrivateFile(fileIn(dataDir), '')
}

/** The demo was started again, with `DEMO=on`. */
export function forgetDemoRemoved(dataDir: string): void {
  rmSync(fileIn(dataDir), { force: true })
}
