import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Timers } from '../infrastructure/time/timers.js'

export interface SimulatorAddresses {
  eventbrite: { apiUrl: string; token: string; controlUrl: string }
  luma: { apiUrl: string; apiKey: string; controlUrl: string }
  meetup: { apiUrl: string; accessToken: string; controlUrl: string }
}

export interface SimulatorListing {
  eventbrite: string
  luma: string
  meetup: string
}

type Message = { kind: 'open'; addresses: SimulatorAddresses } | { kind: 'listed'; listing: SimulatorListing }

const RESPONSE_TIMEOUT_MS = 20_000
const KILL_AFTER_MS = 3_000
/** Next to the compiled service. */
const PROGRAM = fileURLToPath(new URL('../simulators/main.js', import.meta.url))

/** The simulated platforms, in a child process that exits with this one. */
export class DemoSimulatorProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly addresses: SimulatorAddresses,
    private readonly timers: Timers,
  ) {}

  /** Rejects when they do not start in time. */
  static async open(seed: number, timers: Timers): Promise<DemoSimulatorProcess> {
    const child = fork(PROGRAM, [String(seed)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    const { addresses } = await waitForMessage(child, 'open', timers)
    return new DemoSimulatorProcess(child, addresses, timers)
  }

  async list(name: string): Promise<SimulatorListing> {
    const response = waitForMessage(this.child, 'listed', this.timers)
    this.child.send({ kind: 'list', name })
    return (await response).listing
  }

  sell(listing: SimulatorListing): void {
    this.child.send({ kind: 'sell', listing })
  }

  async close(): Promise<void> {
    if (this.child.exitCode !== null || !this.child.connected) return
    const exited = once(this.child, 'exit')
    this.child.disconnect()
    const cancelKill = this.timers.after(KILL_AFTER_MS, () => this.child.kill('SIGKILL'))
    await exited
    cancelKill()
  }
}

function waitForMessage<K extends Message['kind']>(
  child: ChildProcess,
  kind: K,
  timers: Timers,
): Promise<Extract<Message, { kind: K }>> {
  return new Promise((resolve, reject) => {
    const cancelTimeout = timers.after(RESPONSE_TIMEOUT_MS, () => {
      finish(new Error(`the simulated platforms did not send "${kind}" in time`))
    })
    const onExit = () => finish(new Error('the process of the simulated platforms exited'))
    const onMessage = (message: Message) => {
      if (message.kind !== kind) return
      finish()
      resolve(message as Extract<Message, { kind: K }>)
    }
    const finish = (error?: Error) => {
      cancelTimeout()
      child.off('message', onMessage)
      child.off('exit', onExit)
      if (error) reject(error)
    }
    child.on('message', onMessage)
    child.on('exit', onExit)
  })
}
