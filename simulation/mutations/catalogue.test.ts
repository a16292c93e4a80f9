import { expect, it } from 'vitest'
import { MUTATIONS } from './catalogue.js'
import { mutatedSource, MutationOutdated } from './mutation.js'

it.each(MUTATIONS)('applies to the present sources: $name', async (mutation) => {
  expect(await mutatedSource(mutation)).toContain(mutation.replace)
})

it('has at least 12 faults with different names', () => {
  expect(new Set(MUTATIONS.map(({ name }) => name)).size).toBe(MUTATIONS.length)
  expect(MUTATIONS.length).toBeGreaterThanOrEqual(12)
})

it('refuses a fault whose text is gone or occurs more than once', async () => {
  const file = 'src/platforms/operation.ts'
  const gone = { name: 'gone', file, find: 'no such text', replace: '' }
  const twice = { name: 'twice', file, find: 'CallContext', replace: '' }
  await expect(mutatedSource(gone)).rejects.toThrow(MutationOutdated)
  await expect(mutatedSource(twice)).rejects.toThrow(MutationOutdated)
})
