import { describe, expect, it } from 'vitest'
import { pause, RunStopped, RunDeadlineExceeded, withDeadline } from './run-deadline.js'

const never = new Promise<never>(() => undefined)

describe('withDeadline', () => {
  it('rejects at the deadline of work that does not end, and aborts its signal', async () => {
    let passed: AbortSignal | null = null
    const work = withDeadline(20, new AbortController().signal, (signal) => {
      passed = signal
      return never
    })
    await expect(work).rejects.toThrow(RunDeadlineExceeded)
    expect(passed).toMatchObject({ aborted: true })
  })

  it('reports an exceeded deadline, not a stopped run, when the work observes its signal', async () => {
    const work = withDeadline(20, new AbortController().signal, (signal) => pause(60_000, signal))
    await expect(work).rejects.toThrow(RunDeadlineExceeded)
  })

  it('rejects when the process is stopping', async () => {
    const stopping = new AbortController()
    const work = withDeadline(60_000, stopping.signal, () => never)
    stopping.abort()
    await expect(work).rejects.toThrow(RunStopped)
    await expect(withDeadline(60_000, stopping.signal, () => Promise.resolve(1))).rejects.toThrow(RunStopped)
  })

  it('settles like the work', async () => {
    expect(await withDeadline(60_000, new AbortController().signal, () => Promise.resolve(7))).toBe(7)
    const failing = () => Promise.reject(new Error('own error'))
    await expect(withDeadline(60_000, new AbortController().signal, failing)).rejects.toThrow('own error')
  })
})
