import { describe, expect, it } from 'vitest'
import { FairQueue } from './fair-queue.js'

function takeAll(queue: FairQueue<string>): string[] {
  const items = []
  for (let item = queue.take(); item !== null; item = queue.take()) items.push(item)
  return items
}

describe('FairQueue', () => {
  it('serves clients in turns, in the order of their arrival', () => {
    const queue = new FairQueue<string>(10)
    for (const item of ['a1', 'a2', 'a3', 'b1', 'c1', 'b2']) queue.add(item.charAt(0), item)
    expect(takeAll(queue)).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3'])
  })

  it('serves a new client before those that were served', () => {
    const queue = new FairQueue<string>(10)
    for (const item of ['a1', 'a2', 'a3']) queue.add('a', item)
    queue.take()
    queue.add('b', 'b1')
    expect(takeAll(queue)).toEqual(['b1', 'a2', 'a3'])
  })

  it('forgets the clients that it served when it is empty', () => {
    const queue = new FairQueue<string>(10)
    queue.add('a', 'a1')
    takeAll(queue)
    for (const item of ['a2', 'b1']) queue.add(item.charAt(0), item)
    expect(takeAll(queue)).toEqual(['a2', 'b1'])
  })

  it('serves the service itself first', () => {
    const queue = new FairQueue<string>(10)
    queue.add('a', 'a1')
    queue.add(null, 'own')
    expect(takeAll(queue)).toEqual(['own', 'a1'])
  })

  it('refuses the last item of the client that was served most', () => {
    const queue = new FairQueue<string>(2)
    queue.add('a', 'a1')
    queue.add('a', 'a2')
    queue.take()
    expect(queue.add('a', 'a3')).toBeNull()
    expect(queue.add('b', 'b1')).toBe('a3')
    expect(queue.add('a', 'a4')).toBe('a4')
    expect(takeAll(queue)).toEqual(['b1', 'a2'])
  })
})
