import fc from 'fast-check'

const ODD_VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  2 ** 31,
  2 ** 53,
  '',
  ' ',
  '1',
  'null',
  'a'.repeat(10_000),
  'a\u0000b',
  'a\ud800',
  'a\u202eb',
  'line\r\nbreak',
  "x'); DROP TABLE events; --",
  '<script>alert(1)</script>',
  '$where',
  '2026-02-30T00:00:00Z',
  '9999-12-31T23:59:59Z',
  '-271821-04-20T00:00:00.000Z',
  [],
  {},
  [[]],
  ['', '', ''],
  { length: 3 },
]
const ODD_KEYS = ['__proto__', 'constructor', 'toString', 'id', 'state', 'role', '', 'a.b', 'x'.repeat(300)]

/** A place in a value: keys from its root. */
type Place = string[]

/** The value with up to three places replaced, removed, repeated or added. */
export function mutated(value: unknown): fc.Arbitrary<unknown> {
  return fc
    .array(
      fc.record({
        place: fc.nat(),
        odd: fc.constantFrom(...ODD_VALUES).map((odd) => structuredClone(odd)),
        key: fc.constantFrom(...ODD_KEYS),
        kind: fc.nat(5),
      }),
      {
        minLength: 1,
        maxLength: 3,
      },
    )
    .map((changes) => changes.reduce<unknown>(changed, structuredClone(value)))
}

function changed(
  value: unknown,
  { place, odd, key, kind }: { place: number; odd: unknown; key: string; kind: number },
) {
  const places = placesOf(value)
  const at = places[place % Math.max(1, places.length)]
  if (!at || kind === 0) return odd
  const parent = at.slice(0, -1).reduce<unknown>((inner, step) => (inner as Record<string, unknown>)[step], value)
  const last = at.at(-1) ?? ''
  const owner = parent as Record<string, unknown>
  if (kind === 1) delete owner[last]
  else if (kind === 2)
    Object.defineProperty(owner, key, { value: odd, enumerable: true, configurable: true, writable: true })
  else if (kind === 3) owner[last] = repeated(owner[last])
  else owner[last] = odd
  return value
}

/** More than any list of the service takes; only once, as copies of copies would fill the memory. */
function repeated(item: unknown): unknown {
  const isSmall = (JSON.stringify(item) ?? '').length < 1_000
  return isSmall ? Array.from({ length: 1_200 }, () => item) : item
}

function placesOf(value: unknown, place: Place = []): Place[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => {
    // Lists may have further keys by now, which are no indexes.
    const at = [...place, key]
    return [at, ...placesOf(inner, at)]
  })
}

/** Bodies that are not what their media type promises. */
export interface RawBody {
  bytes: Buffer
  contentType: string | null
}

const JSON_TYPE = 'application/json'

export function rawBodies(value: unknown): fc.Arbitrary<RawBody> {
  const text = JSON.stringify(value) ?? ''
  const json = (bytes: string | Buffer): RawBody => ({ bytes: Buffer.from(bytes), contentType: JSON_TYPE })
  return fc.oneof(
    fc.nat(Math.max(0, text.length - 1)).map((length) => json(text.slice(0, length))),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => json(Buffer.from(bytes))),
    fc.constantFrom(
      json('['.repeat(20_000)),
      json('{"a":'.repeat(5_000) + '1' + '}'.repeat(5_000)),
      json(text.replace('{', '{"quantity":1,"quantity":-1,')),
      json(Buffer.from(text, 'utf16le')),
      json(Buffer.concat([Buffer.from('{"name":"'), Buffer.from([0xff, 0xfe, 0xc0]), Buffer.from('"}')])),
      json(`${text}${' '.repeat(300_000)}`),
      json('"'.padEnd(2_000_000, 'x')),
      { bytes: Buffer.from(text), contentType: null },
      { bytes: Buffer.from(text), contentType: 'text/plain' },
      { bytes: Buffer.from(text), contentType: 'application/json; charset=utf-16' },
      { bytes: Buffer.from('a=1&a[b]=2&__proto__[x]=1'), contentType: 'application/x-www-form-urlencoded' },
      { bytes: Buffer.from('--x\r\n\r\n--x--'), contentType: 'multipart/form-data; boundary=x' },
    ),
  )
}

/** For a path parameter or a query, already encoded. */
export const ODD_TEXT: fc.Arbitrary<string> = fc.constantFrom(
  '%00',
  '%ff',
  '%',
  '..%2f..%2fetc%2fpasswd',
  '%F0%9F%8E%9F',
  '%ED%A0%80',
  '-1',
  '0',
  '1e400',
  'null',
  'true',
  '%20',
  'x'.repeat(3_000),
  "'%20OR%201=1",
  'evt_00000000000000000000000000000000',
  '2026-02-30',
  '__proto__',
)
