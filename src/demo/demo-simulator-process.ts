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

type Word = { kind: 'open'; addresses: SimulatorAddresses } | { kind: 'listed'; listing: SimulatorListing }

const ANSWERS_WITHIN_MS = 20_000
/** Beside the compiled service. */
const PROGRAM = fileURLToPath(new URL('../simulators/main.js', import.meta.url))

/** The simulated platforms, in a process that ends with this one. */
export class DemoSimulatorProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly addresses: SimulatorAddresses,
  ) {}

  /** Rejects when they do not open in time. */
  static async open(seed: number): Promise<DemoSimulatorProcess> {
    const child = fork(PROGRAM, [String(seed)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    const word = await hear(child, 'open')
    return new DemoSimulatorProcess(child, word.addresses)
  }

  async list(name: string): Promise<SimulatorListing> {
    const heard = hear(this.child, 'listed')
    this.child.send({ kind: 'list', name })
    return (await heard).listing
  }

  sell(listing: SimulatorListing): void {
    this.child.send({ kind: 'sell', listing })
  }

  async close(): Promise<void> {
    if (this.child.exitCode !== null || !this.child.connected) return
    const gone = once(this.child, 'exit')
    this.child.disconnect()
    const killer = setTimeout(() => this.child.kill('SIGKILL'), 3_000)
    await gone
    clearTimeout(killer)
  }
}

function hear<K extends Word['kind']>(child: ChildProcess, kind: K): Promise<Extract<Word, { kind: K }>> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => end(new Error(`the simulated platforms did not say "${kind}" in time`)),
      ANSWERS_WITHIN_MS,
    )
    const onExit = () => end(new Error('the simulated platforms ended'))
    const onWord = (word: Word) => {
      if (word.kind !== kind) return
      end()
      resolve(word as Extract<Word, { kind: K }>)
    }
    const end = (error?: Error) => {
      clearTimeout(timer)
      child.off('message', onWord)
      child.off('exit', onExit)
      if (error) reject(error)
    }
    child.on('message', onWord)
    child.on('exit', onExit)
  })
}
