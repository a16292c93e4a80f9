import { describe, expect, it } from 'vitest'
import { FaultScript } from './fault-script.js'

const takeFrom = (script: FaultScript, kind: 'read' | 'write') => script.take(kind)?.fault ?? null

describe('FaultScript', () => {
  it('fails exactly the calls that a fault names, after those that it lets pass', () => {
    const script = new FaultScript()
    script.inject({ fault: 'throttle', on: 'write', skip: 1, calls: 2 })
    const kinds = ['write', 'read', 'write', 'read', 'write', 'write'] as const
    expect(kinds.map((kind) => takeFrom(script, kind))).toEqual([null, null, 'throttle', null, 'throttle', null])
    expect(script.list()).toEqual([])
  })

  it('fails every call until it is cleared when no number is given', () => {
    const script = new FaultScript()
    expect(script.inject({ fault: 'malformed' })).toMatchObject({ on: 'any', skip: 0 })
    expect([takeFrom(script, 'read'), takeFrom(script, 'write')]).toEqual(['malformed', 'malformed'])
    script.clear()
    expect(script.take('read')).toBeNull()
  })

  it('uses up faults in the order in which they were injected', () => {
    const script = new FaultScript()
    script.inject({ fault: 'throttle', calls: 1 })
    script.inject({ fault: 'serverError', calls: 1 })
    const taken = [1, 2, 3].map(() => takeFrom(script, 'read'))
    expect(taken).toEqual(['throttle', 'serverError', null])
  })

  it.each([[{}], [{ fault: 'nosuch' }], [{ fault: 'throttle', on: 'all' }], [{ fault: 'throttle', calls: 0 }], [null]])(
    'rejects %j',
    (input) => {
      const script = new FaultScript()
      expect(() => script.inject(input)).toThrow()
      expect(script.list()).toEqual([])
    },
  )
})
