import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

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
/** Next to the compiled service. */
const PROGRAM = fileURLToPath(new URL('../simulators/main.js', import.meta.url))

/** The simulated platforms, in a child process that exits with this one. */
export class DemoSimulatorProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly addresses: SimulatorAddresses,
  ) {}

  /** Rejects when they do not start in time. */
  static async open(seed: number): Promise<DemoSimulatorProcess> {
    const child = fork(PROGRAM, [String(seed)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    const { addresses } = await waitForMessage(child, 'open')
    return new DemoSimulatorProcess(child, addresses)
  }

  async list(name: string): Promise<SimulatorListing> {
    const response = waitForMessage(this.child, 'listed')
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
    const killTimer = setTimeout(() => this.child.kill('SIGKILL'), 3_000)
    await exited
    clearTimeout(killTimer)
  }
}

function waitForMessage<K extends Message['kind']>(
  child: ChildProcess,
  kind: K,
): Promise<Extract<Message, { kind: K }>> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => finish(new Error(`the simulated platforms did not send "${kind}" in time`)),
      RESPONSE_TIMEOUT_MS,
    )
    const onExit = () => finish(new Error('the process of the simulated platforms exited'))
    const onMessage = (message: Message) => {
      if (message.kind !== kind) return
      finish()
      resolve(message as Extract<Message, { kind: K }>)
    }
    const finish = (error?: Error) => {
      clearTimeout(timer)
      child.off('message', onMessage)
      child.off('exit', onExit)
      if (error) reject(error)
    }
    child.on('message', onMessage)
    child.on('exit', onExit)
  })
}
