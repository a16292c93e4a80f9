import { describe, expect, it } from 'vitest'
import { VirtualTime } from '../time/virtual-time.js'
import { SlowDomains } from './slow-domains.js'

const LIMIT_MS = 600_000

function bench() {
  const time = new VirtualTime()
  const domains = new SlowDomains(time, 2)
  const started: string[] = []
  const send = (recipient: string, ms: number, accepted = false) =>
    domains
      .run(recipient, async () => {
        started.push(recipient)
        await time.sleep(ms)
        if (!accepted) throw new Error('refused')
      })
      .catch(() => true)
  return { started, send, passes: <T>(work: Promise<T>) => time.until(work, LIMIT_MS) }
}

describe('Domains whose mails are refused slowly', () => {
  it('have two attempts at a time, all of them together', async () => {
    const { send, passes, started } = bench()
    await passes(Promise.all([send('a@slow.example', 20_000), send('a@late.example', 5_000)]))
    const runs = ['b@slow.example', 'b@late.example', 'c@SLOW.example', 'c@late.example'].map((to) => send(to, 20_000))
    expect(await passes(Promise.all(runs))).toEqual([true, true, false, false])
    expect(started.slice(2)).toEqual(['b@slow.example', 'b@late.example'])
    expect(await passes(send('d@slow.example', 20_000))).toBe(true)
  })

  it('leave those of others alone, and end with an attempt that is accepted or refused at once', async () => {
    const { send, passes } = bench()
    const all = (to: string) => passes(Promise.all([1, 2, 3].map(() => send(to, 20_000))))
    expect(await all('a@slow.example')).toEqual([true, true, true])
    expect(await all('a@slow.example')).toEqual([true, true, false])
    expect(await all('a@other.example')).toEqual([true, true, true])
    await passes(send('a@slow.example', 1))
    expect(await all('a@slow.example')).toEqual([true, true, true])
    await passes(send('a@slow.example', 20_000, true))
    expect(await all('a@slow.example')).toEqual([true, true, true])
  })
})
