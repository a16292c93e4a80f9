import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { GuardianReply, GuardianOrder } from './guardian-protocol.js'

type Ready = Extract<GuardianReply, { ready: unknown }>['ready']

const STOP_MS = 60_000
const RESTARTS = 5

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
/** Run from its source (tests), the guardian is TypeScript as well. */
const [PROGRAM, NODE_OPTIONS] = import.meta.url.endsWith('.ts')
  ? [here('./guardian.ts'), ['--import', here('../../../tools/typescript.mjs')]]
  : [here('./guardian.js'), []]

/** The service's end of the channel to its guardian. A guardian that was killed is replaced; its servers keep their addresses. */
export class GuardianLink {
  private child: ChildProcess | null = null
  private stopping = false
  private restarts = 0

  constructor(
    private order: GuardianOrder,
    private readonly log: (line: string) => void,
  ) {}

  async start(): Promise<Ready> {
    const child = fork(PROGRAM, [this.order.dataDir], {
      execArgv: NODE_OPTIONS,
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    this.child = child
    const lines = createInterface({ input: child.stderr as NodeJS.ReadableStream })
    lines.on('line', (line) => this.log(line))
    child.on('error', (error) => this.log(`The guardian of the embedded servers: ${error.message}`))
    const ready = await this.hear(child)
    this.order = { ...this.order, previous: ready }
    child.once('exit', (code, signal) => void this.ended(signal ?? `exit ${code}`))
    return ready
  }

  /** Resolves when the servers have stopped and all their files are closed. */
  async stop(): Promise<void> {
    this.stopping = true
    const { child } = this
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, 'exit') as Promise<[number | null]>
    if (child.connected) child.disconnect()
    const outcome = await Promise.race([exit, sleep(STOP_MS, null, { ref: false })])
    if (outcome === null) throw new Error(`The embedded servers did not stop within ${STOP_MS / 1000} s`)
    if (outcome[0] !== 0) throw new Error('The embedded servers did not stop cleanly')
  }

  private hear(child: ChildProcess): Promise<Ready> {
    return new Promise((resolve, reject) => {
      let failure: string | null = null
      child.once('message', (answer: GuardianReply) => {
        if ('ready' in answer) resolve(answer.ready)
        else failure = answer.failed
      })
      child.once('exit', (code, signal) => {
        const how = `The guardian of the embedded servers ended early (${signal ?? `exit ${code}`})`
        reject(new Error(failure ?? how))
      })
      child.send(this.order, (error) => error && reject(error))
    })
  }

  private async ended(how: string): Promise<void> {
    if (this.stopping) return
    if (++this.restarts > RESTARTS || how === 'exit 0') {
      this.log(`The guardian of the embedded servers ended (${how}) and took them along`)
      return
    }
    this.log(`The guardian of the embedded servers ended (${how}); starting another`)
    try {
      await this.start()
    } catch (error) {
      this.log(`The embedded servers are not guarded any more: ${String(error)}`)
    }
  }
}
