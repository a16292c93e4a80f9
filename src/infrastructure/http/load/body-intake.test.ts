import { describe, expect, it } from 'vitest'
import { BodyIntake, type IncomingBody } from './body-intake.js'

const NO_LIMIT = { bodies: 1_000, bodiesPerClient: 1_000, bytes: 1_000_000 }

/** Opens bodies and records the names of those that had to give way. */
function intakeWith(limit: Partial<typeof NO_LIMIT>) {
  const intake = new BodyIntake({ ...NO_LIMIT, ...limit })
  const aborted: string[] = []
  const open = (client: string, name: string): IncomingBody =>
    intake.open(client, (error) => {
      expect(error.code).toBe('UNAVAILABLE')
      aborted.push(name)
    })
  return { intake, aborted, open }
}

describe('BodyIntake', () => {
  it('ends the oldest body of a client with too many', () => {
    const { aborted, open } = intakeWith({ bodiesPerClient: 2 })
    open('a', 'a1')
    open('a', 'a2')
    open('b', 'b1')
    open('a', 'a3')
    open('a', 'a4')
    expect(aborted).toEqual(['a1', 'a2'])
  })

  it('ends the oldest body of the client with the most when there are too many in all', () => {
    const { aborted, open } = intakeWith({ bodies: 4 })
    open('b', 'b1')
    open('a', 'a1')
    open('a', 'a2')
    open('a', 'a3')
    open('c', 'c1')
    open('d', 'd1')
    expect(aborted).toEqual(['a1', 'a2'])
  })

  it('does not count complete and closed bodies', () => {
    const { intake, aborted, open } = intakeWith({ bodies: 2, bodiesPerClient: 1 })
    intake.complete(open('a', 'a1'))
    intake.close(open('a', 'a2'))
    open('a', 'a3')
    open('b', 'b1')
    expect(aborted).toEqual([])
  })

  it('ends bodies of the client with the most memory, until the others have room', () => {
    const { intake, aborted, open } = intakeWith({ bytes: 10_000 })
    const [a1, a2] = [open('a', 'a1'), open('a', 'a2')]
    intake.receive(a1, 3_000)
    intake.receive(a2, 3_000)
    const b1 = open('b', 'b1')
    intake.receive(b1, 3_000)
    expect(aborted).toEqual([])
    intake.receive(b1, 1_000)
    expect(aborted).toEqual(['a1'])
  })

  it('counts complete bodies until they are closed, and refuses the newest when nothing else can give way', () => {
    const { intake, aborted, open } = intakeWith({ bytes: 10_000 })
    const first = open('a', 'a1')
    intake.receive(first, 9_000)
    intake.complete(first)
    intake.receive(open('b', 'b1'), 2_000)
    expect(aborted).toEqual(['b1'])
    intake.close(first)
    intake.close(first)
    intake.receive(open('b', 'b2'), 9_000)
    expect(aborted).toEqual(['b1'])
  })

  it('counts many small chunks as more than their bytes', () => {
    const { intake, aborted, open } = intakeWith({ bytes: 10_000 })
    const slow = open('a', 'a1')
    for (let n = 0; n < 100 && aborted.length === 0; n++) intake.receive(slow, 1)
    expect(aborted).toEqual(['a1'])
  })
})
