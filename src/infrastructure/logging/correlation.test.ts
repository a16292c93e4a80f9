import { describe, expect, it } from 'vitest'
import { acceptCorrelationId, correlationId, dropCorrelation, withCorrelation } from './correlation.js'

describe('correlation ids', () => {
  it('are kept across awaits and separate from concurrent work', async () => {
    const seen = await Promise.all(
      ['a', 'b'].map((id) =>
        withCorrelation(id, async () => {
          await new Promise((resolve) => setTimeout(resolve, 5))
          return correlationId()
        }),
      ),
    )
    expect(seen).toEqual(['a', 'b'])
    expect(correlationId()).toBeUndefined()
  })

  it('are not kept where nothing is logged', () => {
    const restore = dropCorrelation()
    expect(withCorrelation('a', correlationId)).toBeUndefined()
    restore()
    expect(withCorrelation('a', correlationId)).toBe('a')
  })

  it('are accepted from a header only if they are harmless', () => {
    expect(acceptCorrelationId('abc-DEF_123')).toBe('abc-DEF_123')
    for (const bad of [undefined, '', 'a b', 'x'.repeat(65), 'a\nb', ['a', 'b']]) {
      expect(acceptCorrelationId(bad)).toMatch(/^req_[0-9a-f]{32}$/)
    }
  })
})
