import { describe, expect, it } from 'vitest'
import { SystemTimers } from '../../infrastructure/time/system-time.js'
import { pause, RunStopped, RunDeadlineExceeded, withDeadline } from './run-deadline.js'

const timers = new SystemTimers()
const never = new Promise<never>(() => undefined)

describe('withDeadline', () => {
  it('rejects at the deadline of work that does not end, and aborts its signal', async () => {
    let passed: AbortSignal | null = null
    const remember = (signal: AbortSignal) => {
      passed = signal
      return never
    }
    const work = withDeadline(20, new AbortController().signal, remember, timers)
    await expect(work).rejects.toThrow(RunDeadlineExceeded)
    expect(passed).toMatchObject({ aborted: true })
  })

  it('reports an exceeded deadline, not a stopped run, when the work observes its signal', async () => {
    const observing = (signal: AbortSignal) => pause(60_000, signal, timers)
    const work = withDeadline(20, new AbortController().signal, observing, timers)
    await expect(work).rejects.toThrow(RunDeadlineExceeded)
  })

  it('rejects when the process is stopping', async () => {
    const stopping = new AbortController()
    const work = withDeadline(60_000, stopping.signal, () => never, timers)
    stopping.abort()
    await expect(work).rejects.toThrow(RunStopped)
    const stopped = withDeadline(60_000, stopping.signal, () => Promise.resolve(1), timers)
    await expect(stopped).rejects.toThrow(RunStopped)
  })

  it('settles like the work', async () => {
    expect(await withDeadline(60_000, new AbortController().signal, () => Promise.resolve(7), timers)).toBe(7)
    const failing = () => Promise.reject(new Error('own error'))
    await expect(withDeadline(60_000, new AbortController().signal, failing, timers)).rejects.toThrow('own error')
  })
})
