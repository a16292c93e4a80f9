import { beforeEach, describe, expect, it } from 'vitest'
import { Deliveries } from './deliveries.js'

let deliveries: Deliveries
let sent: string[]

beforeEach(() => {
  deliveries = new Deliveries(() => 1_000)
  sent = []
})

function add(body: string): void {
  const build = (attempt: number, at: number) => ({ headers: { attempt: `${attempt}`, at: `${at}` }, body })
  deliveries.add({ url: 'http://127.0.0.1/hook', build }, () => void sent.push(body))
}

describe('Deliveries', () => {
  it('sends at once and lists what was sent, as the receiver gets it', () => {
    add('a')
    expect(sent).toEqual(['a'])
    const headers = { attempt: '1', at: '1000' }
    expect(deliveries.list()).toEqual([{ id: 1, url: 'http://127.0.0.1/hook', state: 'SENT', headers, body: 'a' }])
  })

  it('holds back, reorders, duplicates and drops, and sends later ones at once again', () => {
    deliveries.hold()
    for (const body of ['a', 'b', 'c', 'd']) add(body)
    expect(sent).toEqual([])
    expect(deliveries.duplicate(1)).toBe(true)
    expect(deliveries.drop(2)).toBe(true)
    deliveries.release([4, 3])
    expect(sent).toEqual(['d', 'c', 'a', 'a'])
    add('e')
    expect(sent.at(-1)).toBe('e')
    expect(deliveries.list().map(({ state }) => state)).toEqual(['SENT', 'DROPPED', 'SENT', 'SENT', 'SENT', 'SENT'])
  })

  it('refuses unknown ids, and to drop what was sent', () => {
    add('a')
    expect([deliveries.duplicate(9), deliveries.drop(9), deliveries.drop(1)]).toEqual([false, false, false])
  })
})
