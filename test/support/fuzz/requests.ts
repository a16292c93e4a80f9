import fc from 'fast-check'
import { valuesOf } from './values.js'
import { mutated, ODD_TEXT, rawBodies, type RawBody } from './mutations.js'
import type { ApiDocument, ApiOperation, Parameter } from './api-document.js'
import type { KnownValues } from './known-values.js'

export const ACTORS = ['anonymous', 'customer', 'viewer', 'door', 'operator', 'admin'] as const
export type Actor = (typeof ACTORS)[number]

export interface FuzzRequest {
  operation: ApiOperation
  actor: Actor
  /** With its query, encoded. */
  path: string
  headers: Record<string, string>
  body: RawBody | null
}

/** What a generator needs in addition to the operation. */
export interface RequestSources {
  document: ApiDocument
  known: KnownValues
  /** Values of path parameters that are no ids, by name. */
  pathValues: Readonly<Record<string, readonly string[]>>
  /** Bodies of routes whose document has none, by path. */
  deliveries: Readonly<Record<string, readonly unknown[]>>
  now: number
}

const WEIGHTED_ACTORS: fc.Arbitrary<Actor> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Actor>('admin') },
  { weight: 3, arbitrary: fc.constant<Actor>('customer') },
  { weight: 4, arbitrary: fc.constantFrom(...ACTORS) },
)
const CHANGED = fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) })

/** Requests to one operation: half of them as the document describes them, the others changed in places. */
export function requestsOf(operation: ApiOperation, sources: RequestSources): fc.Arbitrary<FuzzRequest> {
  const parameters = operation.parameters.filter(({ in: where }) => where !== 'cookie')
  return fc
    .tuple(
      WEIGHTED_ACTORS,
      fc.tuple(...parameters.map((parameter) => parameterOf(operation, parameter, sources))),
      bodyOf(operation, sources),
      fc.oneof({ weight: 19, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: ODD_TEXT }),
    )
    .map(([actor, values, body, unknownQuery]) => {
      const given = parameters.map((parameter, index) => ({ ...parameter, value: values[index] ?? null }))
      const of = (where: Parameter['in']) => given.filter((one) => one.in === where)
      const path = of('path').reduce(
        (filled, { name, value }) => filled.replace(`{${name}}`, value ?? 'none'),
        operation.path,
      )
      const query = of('query').flatMap(({ name, value }) => (value === null ? [] : [`${name}=${value}`]))
      if (unknownQuery !== null) query.push(`unknown=${unknownQuery}`)
      const headers = of('header').flatMap(({ name, value }) =>
        value === null ? [] : [[name, value.slice(0, 500)] as const],
      )
      return {
        operation,
        actor,
        path: query.length > 0 ? `${path}?${query.join('&')}` : path,
        headers: Object.fromEntries(headers),
        body,
      }
    })
}

/** Encoded; null: not given. */
function parameterOf(
  operation: ApiOperation,
  { name, in: where, required = where === 'path', schema = {} }: Parameter,
  { document, known, pathValues, now }: RequestSources,
): fc.Arbitrary<string | null> {
  const given = where === 'path' ? pathValues[name] : undefined
  const segment = operation.path.split(`/{${name}}`, 1)[0]?.split('/').at(-1) ?? ''
  const ids = fc.nat().map((choice) => known.forSegment(segment, choice) ?? known.any(choice) ?? 'none')
  const isId = where === 'path' && !schema.enum
  const valid = given ? fc.constantFrom(...given) : isId ? ids : valuesOf(schema, document, now, name)
  const text = valid.map((value) => encodeURIComponent(String(value)))
  const other = fc.oneof(
    ODD_TEXT,
    fc.nat().map((choice) => known.any(choice) ?? 'none'),
  )
  return fc
    .tuple(text, other, CHANGED, fc.boolean())
    .map(([fits, odd, isOdd, isGiven]) => (required || isGiven ? (isOdd ? odd : fits) : null))
}

function bodyOf({ method, path, body }: ApiOperation, sources: RequestSources): fc.Arbitrary<RawBody | null> {
  if (method === 'GET') return fc.constant(null)
  const deliveries = sources.deliveries[path]
  const values = deliveries
    ? fc.constantFrom(...deliveries)
    : body
      ? valuesOf(body, sources.document, sources.now)
      : fc.constant(undefined)
  return values.chain((value) => {
    const json = (content: unknown): RawBody | null =>
      content === undefined
        ? null
        : { bytes: Buffer.from(JSON.stringify(content) ?? 'null'), contentType: 'application/json' }
    return fc.oneof(
      { weight: 6, arbitrary: fc.constant(json(value)) },
      { weight: 4, arbitrary: mutated(value ?? {}).map(json) },
      { weight: 1, arbitrary: rawBodies(value ?? {}) },
    )
  })
}
