import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { isRunning, type ProcessRecord, recordOf, writePrivateFile } from '#embedded-services'
import type { Config } from '../infrastructure/config/config.js'
import { withConfig } from '../infrastructure/config/load-config.js'
import type { SimulatorAddresses } from './demo-simulator-process.js'

/** Addresses and webhook token of a running demo's simulated platforms. */
export interface DemoPlatforms {
  addresses: SimulatorAddresses
  webhookToken: string
}

const fileIn = (dataDir: string) => join(dataDir, 'demo-platforms.json')

/** Writes a record of this process's demo for CLI commands on this machine. Returns a function that removes it. */
export function recordDemo(dataDir: string, platforms: DemoPlatforms): () => void {
  mkdirSync(dataDir, { recursive: true })
  writePrivateFile(fileIn(dataDir), JSON.stringify({ ...recordOf(process.pid), ...platforms }))
  return () => rmSync(fileIn(dataDir), { force: true })
}

/** Null: no demo runs on this data directory. */
export function findDemo(dataDir: string): DemoPlatforms | null {
  try {
    const record = JSON.parse(readFileSync(fileIn(dataDir), 'utf8')) as DemoPlatforms & ProcessRecord
    return isRunning(record) ? record : null
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new Error(`${fileIn(dataDir)} cannot be read: ${String(error)}`, { cause: error })
  }
}

/** The configuration with the simulated platforms in place of the real ones. */
export function withDemo(config: Config, { addresses, webhookToken }: DemoPlatforms): Config {
  const { eventbrite, luma, meetup } = addresses
  return withConfig(config, {
    eventbrite: { ...config.eventbrite, apiUrl: eventbrite.apiUrl, token: eventbrite.token, webhookToken },
    luma: { ...config.luma, apiUrl: luma.apiUrl, apiKey: luma.apiKey },
    meetup: { ...config.meetup, apiUrl: meetup.apiUrl, accessToken: meetup.accessToken },
  })
}
