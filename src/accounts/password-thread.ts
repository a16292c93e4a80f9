import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import { Unavailable } from '../domain/errors.js'

export type PasswordTask =
  | { kind: 'hash'; password: string; cost: { memoryCost: number; timeCost: number; parallelism: number } }
  | { kind: 'verify'; password: string; hash: string }

type Reply = { id: number; value: unknown } | { id: number; problem: string }

interface Pending {
  resolve: (value: unknown) => void
  reject: (reason: Error) => void
}

/** Some seconds of work. */
const MAX_PENDING = 200

/** Source of the thread: a file of its own would have another name and format in development, tests and the build. */
const PROGRAM = `
  const { parentPort, workerData } = require('node:worker_threads')
  const { hashSync, verifySync } = require(workerData.library)
  parentPort.on('message', ({ id, task }) => {
    try {
      const value = task.kind === 'hash' ? hashSync(task.password, task.cost) : verifySync(task.hash, task.password)
      parentPort.postMessage({ id, value })
    } catch (error) {
      parentPort.postMessage({ id, problem: String(error) })
    }
  })
`

/**
 * A thread that computes argon2 hashes, one at a time. The library's asynchronous functions would use the threads of libuv, which
 * also resolve the host names of outbound calls: a flood of logins would delay the closing of a platform.
 */
export class PasswordThread {
  private readonly pending = new Map<number, Pending>()
  private worker: Worker | null = null
  private nextId = 0

  /** Rejects with Unavailable when too many tasks wait. */
  run(task: PasswordTask): Promise<unknown> {
    if (this.pending.size >= MAX_PENDING)
      return Promise.reject(new Unavailable('Too many logins at once. Try again.', { retryAfterSeconds: 2 }))
    const worker = (this.worker ??= this.start())
    const id = this.nextId++
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve, reject })
      // A command does not end before its password is hashed.
      worker.ref()
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
      worker.postMessage({ id, task })
    })
  }

  private start(): Worker {
    const library = createRequire(import.meta.url).resolve('@node-rs/argon2')
    // Without this process's options: a loader of sources is not needed there.
    const worker = new Worker(PROGRAM, { eval: true, workerData: { library }, execArgv: [] })
    worker.on('message', (reply: Reply) => this.settle(worker, reply))
    worker.on('error', (error) => this.fail(worker, error))
    worker.on('exit', () => this.fail(worker, new Error('the thread for passwords ended')))
    return worker
  }

  private settle(worker: Worker, reply: Reply): void {
    const pending = this.pending.get(reply.id)
    this.pending.delete(reply.id)
    if (this.pending.size === 0) worker.unref()
    if ('problem' in reply) pending?.reject(new Error(reply.problem))
    else pending?.resolve(reply.value)
  }

  /** The next task starts another thread. */
  private fail(worker: Worker, error: Error): void {
    if (this.worker !== worker) return
    this.worker = null
    for (const { reject } of this.pending.values()) reject(error)
    this.pending.clear()
  }
}
