import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { makePassable, secretFrom, writePrivateFile } from './private-file.js'
import { ownerOf, serverHome, serverUser } from './server-user.js'
import type { ServerUser } from './server-user.js'

export type ServerName = 'postgres' | 'redis'

/** Everything a server of one data directory needs to know of its surroundings. */
export interface ServerPlace {
  /** Holds the servers' own files; their user can reach it. */
  home: string
  /** Holds programs that were fetched; may be shared by several data directories. */
  programs: string
  user: ServerUser | null
  /** False: for tests, nothing survives a crash of the machine. */
  durable: boolean
  /** Aborted when the servers are to stop. */
  signal: AbortSignal
  log(line: string): void
  /** The content of a secret file in the data directory, made at the first call. */
  secret(name: string): string
  /** The port of the last start, 0 if there was none: addresses rarely change. */
  lastPort(name: ServerName): number
  keepPort(name: ServerName, port: number): void
}

export interface PlaceOptions {
  dataDir: string
  programsDir: string | null
  durable: boolean
  signal: AbortSignal
  log: (line: string) => void
}

export function serverPlace({ dataDir, programsDir, durable, signal, log }: PlaceOptions): ServerPlace {
  makePassable(dataDir)
  const ourUser = serverUser()
  const home = serverHome(dataDir, ourUser)
  const user = ourUser && ownerOf(join(home, 'postgres'), ourUser)
  const portFile = (name: ServerName) => join(dataDir, `${name}.port`)
  return {
    home,
    programs: programsDir ? serverHome(resolve(programsDir), user) : home,
    user,
    durable,
    signal,
    log,
    secret: (name) => secretFrom(join(dataDir, name)),
    lastPort: (name) => (existsSync(portFile(name)) ? Number(readFileSync(portFile(name), 'utf8')) || 0 : 0),
    keepPort: (name, port) => writePrivateFile(portFile(name), String(port)),
  }
}
