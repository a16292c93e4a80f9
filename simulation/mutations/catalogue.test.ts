import { expect, it } from 'vitest'
import { MUTATIONS } from './catalogue.js'
import { mutatedSources, MutationOutdated } from './mutation.js'

it.each(MUTATIONS)('applies to the present sources: $name', async (mutation) => {
  const sources = (await mutatedSources(mutation)).map(({ source }) => source).join('\n')
  for (const { replace } of [mutation, ...(mutation.also ?? [])]) expect(sources).toContain(replace)
})

it('has at least 12 faults with different names', () => {
  expect(new Set(MUTATIONS.map(({ name }) => name)).size).toBe(MUTATIONS.length)
  expect(MUTATIONS.length).toBeGreaterThanOrEqual(12)
})

it('refuses a fault whose text is gone or occurs more than once', async () => {
  const file = 'src/platforms/operation.ts'
  const gone = { name: 'gone', file, find: 'no such text', replace: '' }
  const twice = { name: 'twice', file, find: 'CallContext', replace: '' }
  await expect(mutatedSources(gone)).rejects.toThrow(MutationOutdated)
  await expect(mutatedSources(twice)).rejects.toThrow(MutationOutdated)
})
