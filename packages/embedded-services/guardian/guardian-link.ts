import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { GuardianReply, GuardianRequest } from './guardian-protocol.js'

type Ready = Extract<GuardianReply, { ready: unknown }>['ready']

const STOP_TIMEOUT_MS = 60_000
const MAX_RESTARTS = 5

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const IS_SOURCE = import.meta.url.endsWith('.ts')
/** When this package runs from its source, the guardian does so as well. */
const PROGRAM = here(IS_SOURCE ? './guardian.ts' : './guardian.js')
/** Its loader of TypeScript is among the Node options of this process, unless others are given. */
const NODE_OPTIONS = IS_SOURCE ? process.execArgv : []

/** The service's end of the channel to its guardian. Restarts a killed guardian; the servers keep their addresses. */
export class GuardianLink {
  private child: ChildProcess | null = null
  private stopping = false
  private restarts = 0

  constructor(
    private request: GuardianRequest,
    private readonly log: (line: string) => void,
    private readonly nodeOptions: readonly string[] = NODE_OPTIONS,
  ) {}

  async start(): Promise<Ready> {
    const child = fork(PROGRAM, [this.request.dataDir], {
      execArgv: [...this.nodeOptions],
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    this.child = child
    const lines = createInterface({ input: child.stderr as NodeJS.ReadableStream })
    lines.on('line', (line) => this.log(line))
    child.on('error', (error) => this.log(`The guardian of the embedded servers failed: ${error.message}`))
    const ready = await this.awaitReply(child)
    this.request = { ...this.request, previous: ready }
    child.once('exit', (code, signal) => void this.onExit(signal ?? `exit ${code}`))
    return ready
  }

  /** Resolves once the servers have stopped and all their files are closed. */
  async stop(): Promise<void> {
    this.stopping = true
    const { child } = this
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, 'exit') as Promise<[number | null]>
    if (child.connected) child.disconnect()
    const outcome = await Promise.race([exit, sleep(STOP_TIMEOUT_MS, null, { ref: false })])
    if (outcome === null) throw new Error(`The embedded servers did not stop within ${STOP_TIMEOUT_MS / 1000} s`)
    if (outcome[0] !== 0) throw new Error('The embedded servers did not stop cleanly')
  }

  private awaitReply(child: ChildProcess): Promise<Ready> {
    return new Promise((resolve, reject) => {
      let failure: string | null = null
      child.once('message', (reply: GuardianReply) => {
        if ('ready' in reply) resolve(reply.ready)
        else failure = reply.failed
      })
      child.once('exit', (code, signal) => {
        const reason = `The guardian of the embedded servers ended early (${signal ?? `exit ${code}`})`
        reject(new Error(failure ?? reason))
      })
      child.send(this.request, (error) => error && reject(error))
    })
  }

  private async onExit(reason: string): Promise<void> {
    if (this.stopping) return
    if (++this.restarts > MAX_RESTARTS || reason === 'exit 0') {
      this.log(`The guardian of the embedded servers ended (${reason}) and stopped them`)
      return
    }
    this.log(`The guardian of the embedded servers ended (${reason}); restarting it`)
    try {
      await this.start()
    } catch (error) {
      this.log(`The embedded servers run without a guardian: ${String(error)}`)
    }
  }
}
