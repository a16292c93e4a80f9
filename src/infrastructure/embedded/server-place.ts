import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { makeTraversable, readOrCreateSecret, writePrivateFile } from './private-file.js'
import { ownerOf, serverHome, serverUser } from './server-user.js'
import type { ServerUser } from './server-user.js'

export type ServerName = 'postgres' | 'redis'

/** The environment of the servers of one data directory. */
export interface ServerPlace {
  /** Holds the servers' own files; accessible to their user. */
  home: string
  /** Holds downloaded programs; may be shared by several data directories. */
  programs: string
  user: ServerUser | null
  /** False (tests): data need not survive a crash of the machine. */
  durable: boolean
  /** Aborted when the servers must stop. */
  signal: AbortSignal
  log(line: string): void
  /** The content of a secret file in the data directory, generated at the first call. */
  secret(name: string): string
  /** The port of the last start, so that addresses rarely change; 0 if there was none. */
  lastPort(name: ServerName): number
  savePort(name: ServerName, port: number): void
}

export interface PlaceOptions {
  dataDir: string
  programsDir: string | null
  durable: boolean
  signal: AbortSignal
  log: (line: string) => void
}

export function serverPlace({ dataDir, programsDir, durable, signal, log }: PlaceOptions): ServerPlace {
  makeTraversable(dataDir)
  const candidate = serverUser()
  const home = serverHome(dataDir, candidate)
  const user = candidate && ownerOf(join(home, 'postgres'), candidate)
  const portFile = (name: ServerName) => join(dataDir, `${name}.port`)
  return {
    home,
    programs: programsDir ? serverHome(resolve(programsDir), user) : home,
    user,
    durable,
    signal,
    log,
    secret: (name) => readOrCreateSecret(join(dataDir, name)),
    lastPort: (name) => (existsSync(portFile(name)) ? Number(readFileSync(portFile(name), 'utf8')) || 0 : 0),
    savePort: (name, port) => writePrivateFile(portFile(name), String(port)),
  }
}
