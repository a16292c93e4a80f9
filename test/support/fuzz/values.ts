import fc from 'fast-check'
import { resolved, type ApiDocument, type Schema } from './api-document.js'

const DAY_MS = 86_400_000
const WORDS = ['Ada', 'Grace Hopper', 'Stalls', 'A', 'Zoë', '東京', 'late shift', 'x']
const EMAILS = ['ada@example.com', 'grace@example.com', 'zoe+tickets@example.com']
const SEATS = ['Stalls-A-1', 'Stalls-A-2', 'Stalls-A-3', 'Stalls-A-4', 'Balcony-B-1']
const ZONES = ['Europe/Berlin', 'America/New_York', 'UTC']
const MAX_ITEMS = 3
/** More of them often contradict one another. */
const MAX_OPTIONAL = 3
const MAX_DEPTH = 6

/** Values of properties whose schema is wider than what makes sense. */
const BY_NAME: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  email: fc.constantFrom(...EMAILS),
  seats: fc.uniqueArray(fc.constantFrom(...SEATS), { minLength: 1, maxLength: 2 }),
  timezone: fc.constantFrom(...ZONES),
  currency: fc.constantFrom('EUR', 'USD', 'JPY'),
  quantity: fc.integer({ min: 1, max: 4 }),
  capacity: fc.integer({ min: 20, max: 500 }),
  limit: fc.integer({ min: 1, max: 100 }),
  password: fc.constantFrom('a good password', 'another good password'),
  externalEventId: fc.integer({ min: 1, max: 1_000_000 }).map(String),
}

/** Values that fit a schema of the document and have some of what is optional. */
export function valuesOf(
  schema: Schema,
  document: ApiDocument,
  now: number,
  name = '',
  depth = 0,
): fc.Arbitrary<unknown> {
  const of = (inner: Schema, innerName = name) => valuesOf(inner, document, now, innerName, depth + 1)
  if (depth > MAX_DEPTH) return fc.constant(null)
  if (schema.$ref) return of(resolved(schema, document))
  if (schema.nullable)
    return fc.oneof(
      { weight: 1, arbitrary: fc.constant(null) },
      { weight: 6, arbitrary: of({ ...schema, nullable: false }) },
    )
  const [single] = schema.allOf ?? []
  if (single) return of(single)
  const choices = schema.oneOf ?? schema.anyOf
  if (choices) return fc.oneof(...choices.map((choice) => of(choice)))
  if (schema.enum) return fc.constantFrom(...schema.enum)
  return BY_NAME[name] ?? ofType(schema, now, of)
}

function ofType(schema: Schema, now: number, of: (schema: Schema, name?: string) => fc.Arbitrary<unknown>) {
  const { type, minimum = 0, maximum = 1_000_000, properties = {}, required = [] } = schema
  switch (type) {
    case 'string':
      return textOf(schema, now)
    case 'integer':
      return fc.integer({ min: minimum, max: maximum })
    case 'number':
      return maximum <= 1
        ? fc.constantFrom(minimum, 0.1, 0.5, 0.9, maximum)
        : fc.integer({ min: minimum, max: Math.min(maximum, minimum + 1_000) })
    case 'boolean':
      return fc.boolean()
    case 'array':
      return fc.array(of(schema.items ?? {}), { minLength: 1, maxLength: MAX_ITEMS })
    default: {
      const fields = Object.entries(properties).map(([field, inner]) => [field, of(inner, field)] as const)
      const optional = fields.map(([field]) => field).filter((field) => !required.includes(field))
      return fc.subarray(optional, { maxLength: Math.min(optional.length, MAX_OPTIONAL) }).chain((given) => {
        const chosen = fields.filter(([field]) => required.includes(field) || given.includes(field))
        return fc.record(Object.fromEntries(chosen))
      })
    }
  }
}

function textOf({ format, minLength = 0, example }: Schema, now: number): fc.Arbitrary<string> {
  if (format === 'date-time')
    return fc.integer({ min: 1, max: 90 }).map((days) => new Date(now + days * DAY_MS).toISOString())
  const word = fc.constantFrom(...WORDS).map((text) => text.padEnd(minLength, '.'))
  return typeof example === 'string' ? fc.oneof(word, fc.constant(example)) : word
}
