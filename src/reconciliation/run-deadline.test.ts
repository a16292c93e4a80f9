import { describe, expect, it } from 'vitest'
import { pause, Stopped, RunDeadlineExceeded, withDeadline } from './run-deadline.js'

const never = new Promise<never>(() => undefined)

describe('withDeadline', () => {
  it('leaves work that does not end, and tells it', async () => {
    let told: AbortSignal | null = null
    const work = withDeadline(20, new AbortController().signal, (signal) => {
      told = signal
      return never
    })
    await expect(work).rejects.toThrow(RunDeadlineExceeded)
    expect(told).toMatchObject({ aborted: true })
  })

  it('says that it took too long, not that the process ends, where the work heeds its signal', async () => {
    const work = withDeadline(20, new AbortController().signal, (signal) => pause(60_000, signal))
    await expect(work).rejects.toThrow(RunDeadlineExceeded)
  })

  it('ends with the process', async () => {
    const process = new AbortController()
    const work = withDeadline(60_000, process.signal, () => never)
    process.abort()
    await expect(work).rejects.toThrow(Stopped)
    await expect(withDeadline(60_000, process.signal, () => Promise.resolve(1))).rejects.toThrow(Stopped)
  })

  it('answers what the work answers', async () => {
    expect(await withDeadline(60_000, new AbortController().signal, () => Promise.resolve(7))).toBe(7)
    const failing = () => Promise.reject(new Error('its own'))
    await expect(withDeadline(60_000, new AbortController().signal, failing)).rejects.toThrow('its own')
  })
})
