import { fork } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { TaskLost, WorkerProcess } from './worker-process.js'

const SCRIPT = join(tmpdir(), `worker-process-${process.pid}.mjs`)
const SOURCE = `
process.on('message', (task) => {
  if (task === 'die') process.exit(3)
  if (task === 'throw') throw new Error('a fault')
  if (task === 'long') return setInterval(() => process.send('working'), 100).unref() && setTimeout(() => process.send({ task }), 2500)
  if (task !== 'hang') process.send({ task, pid: process.pid })
})`
const LIMIT_MS = 1_000

interface Done {
  task: string
  pid: number
}

let worker: WorkerProcess<string, Done>
const create = (limitMs = 60_000) => {
  const start = () => fork(SCRIPT, { execArgv: [], stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
  return (worker = new WorkerProcess<string, Done>(start, limitMs))
}

beforeAll(() => writeFileSync(SCRIPT, SOURCE))
afterAll(() => rmSync(SCRIPT))
afterEach(() => worker.end())

it('runs one task after another in the same process', async () => {
  const [first, second] = await Promise.all([create().run('a'), worker.run('b')])
  expect([first.task, second.task]).toEqual(['a', 'b'])
  expect(first.pid).toBe(second.pid)
})

it.each(['die', 'throw'])('loses only the task that ends its process: %s', async (task) => {
  const first = await create().run('a')
  await expect(worker.run(task)).rejects.toThrow(TaskLost)
  const second = await worker.run('b')
  expect(second.task).toBe('b')
  expect(second.pid).not.toBe(first.pid)
})

it('ends a process that hangs, and loses only its task', async () => {
  const [hanging, next] = await Promise.allSettled([create(LIMIT_MS).run('hang'), worker.run('b')])
  expect(hanging).toMatchObject({ status: 'rejected', reason: { message: 'no progress within 1 s' } })
  expect(next).toMatchObject({ status: 'fulfilled', value: { task: 'b' } })
})

it('lets a task go on as long as its process reports that it works', async () => {
  expect(await create(LIMIT_MS).run('long')).toMatchObject({ task: 'long' })
})

it('gets a new process when the last one has ended since', async () => {
  const { pid } = await create().run('a')
  process.kill(pid, 'SIGKILL')
  const later = await worker.run('b').catch(() => worker.run('b'))
  expect(later.pid).not.toBe(pid)
})
