import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import { Unavailable } from '../domain/errors.js'
import { FairQueue } from './fair-queue.js'

export type PasswordTask =
  | { kind: 'hash'; password: string; cost: { memoryCost: number; timeCost: number; parallelism: number } }
  | { kind: 'verify'; password: string; hash: string }

type Reply = { value: unknown } | { problem: string }

interface Pending {
  task: PasswordTask
  resolve: (value: unknown) => void
  reject: (reason: Error) => void
}

/** Some seconds of work. */
const MAX_WAITING = 200

/** Source of the thread: a file of its own would have another name and format in development, tests and the build. */
const PROGRAM = `
  const { parentPort, workerData } = require('node:worker_threads')
  const { hashSync, verifySync } = require(workerData.library)
  parentPort.on('message', (task) => {
    try {
      const value = task.kind === 'hash' ? hashSync(task.password, task.cost) : verifySync(task.hash, task.password)
      parentPort.postMessage({ value })
    } catch (error) {
      parentPort.postMessage({ problem: String(error) })
    }
  })
`

/**
 * A thread that computes argon2 hashes, one at a time. The library's asynchronous functions would use the threads of libuv, which
 * also resolve the host names of outbound calls: a flood of logins would delay the closing of a platform.
 */
export class PasswordThread {
  private readonly waiting = new FairQueue<Pending>(MAX_WAITING)
  private current: Pending | null = null
  private worker: Worker | null = null

  /**
   * @param client who logs in; those with the fewest tasks in this flood are served first. Null: the service itself
   * Rejects with Unavailable when too many wait.
   */
  run(client: string | null, task: PasswordTask): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const refused = this.waiting.add(client, { task, resolve, reject })
      refused?.reject(new Unavailable('Too many logins at once. Try again.', { retryAfterSeconds: 2 }))
      this.next()
    })
  }

  private next(): void {
    if (this.current) return
    this.current = this.waiting.take()
    if (!this.current) {
      this.worker?.unref()
      return
    }
    const worker = (this.worker ??= this.start())
    // A command does not end before its password is hashed.
    worker.ref()
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
    worker.postMessage(this.current.task)
  }

  private start(): Worker {
    const library = createRequire(import.meta.url).resolve('@node-rs/argon2')
    // Without this process's options: a loader of sources is not needed there.
    const worker = new Worker(PROGRAM, { eval: true, workerData: { library }, execArgv: [] })
    worker.on('message', (reply: Reply) => {
      if ('problem' in reply) this.finish(worker, ({ reject }) => reject(new Error(reply.problem)))
      else this.finish(worker, ({ resolve }) => resolve(reply.value))
    })
    worker.on('error', (error) => this.replace(worker, error))
    worker.on('exit', () => this.replace(worker, new Error('the thread for passwords ended')))
    return worker
  }

  private finish(worker: Worker, settle: (task: Pending) => void): void {
    if (this.worker !== worker || !this.current) return
    settle(this.current)
    this.current = null
    this.next()
  }

  /** The task that ended the thread fails; the next one starts another thread. */
  private replace(worker: Worker, error: Error): void {
    if (this.worker !== worker) return
    this.worker = null
    this.current?.reject(error)
    this.current = null
    this.next()
  }
}
