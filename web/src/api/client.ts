import type { components, paths } from './schema'
import { noteServerTime } from './server-clock'
import { forgetSession, session } from './session'

export type Schemas = components['schemas']

/** The error of a refused API call. `status` 0: no response at all. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly fields: readonly { field: string; message: string }[] = [],
  ) {
    super(detail)
  }
}

type Method = 'get' | 'post' | 'patch' | 'delete'
type Json<R> = R extends { content: { 'application/json': infer B } } ? B : undefined
type Responses<O> = O extends { responses: infer R } ? R : never
type ResponseOf<O> =
  Responses<O> extends infer R
    ? { [S in keyof R]: S extends 200 | 201 | 202 | 204 ? Json<R[S]> : never }[keyof R]
    : never
type BodyOf<O> = O extends { requestBody: { content: { 'application/json': infer B } } }
  ? B
  : O extends { requestBody?: { content: { 'application/json': infer B } } }
    ? B | undefined
    : undefined
type QueryOf<O> = O extends { parameters: { query?: infer Q } } ? Q : never

/** Paths of the API that take a method. */
type Paths<M extends Method> = { [P in keyof paths]: paths[P] extends Record<M, object> ? P : never }[keyof paths] &
  string
type Operation<P extends keyof paths, M extends Method> = paths[P] extends Record<M, infer O> ? O : never

interface Options<O> {
  /** Values for the placeholders of the path. */
  path?: Record<string, string>
  query?: QueryOf<O>
  body?: BodyOf<O>
  /** A repeated request with the same key has the response of the first. */
  idempotencyKey?: string
  signal?: AbortSignal
}

/** Reads; rejects with Problem. */
export function get<P extends Paths<'get'>>(path: P, options: Options<Operation<P, 'get'>> = {}) {
  return send('get', path, options) as Promise<ResponseOf<Operation<P, 'get'>>>
}

export function post<P extends Paths<'post'>>(path: P, options: Options<Operation<P, 'post'>> = {}) {
  return send('post', path, options) as Promise<ResponseOf<Operation<P, 'post'>>>
}

export function patch<P extends Paths<'patch'>>(path: P, options: Options<Operation<P, 'patch'>> = {}) {
  return send('patch', path, options) as Promise<ResponseOf<Operation<P, 'patch'>>>
}

export function remove<P extends Paths<'delete'>>(path: P, options: Options<Operation<P, 'delete'>> = {}) {
  return send('delete', path, options) as Promise<ResponseOf<Operation<P, 'delete'>>>
}

/** A new idempotency key. `crypto.randomUUID` is missing on pages without https. */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

async function send(method: Method, path: string, options: Options<unknown>): Promise<unknown> {
  const token = session()?.accessToken
  const sentAt = Date.now()
  const response = await fetch(address(path, options), {
    method: method.toUpperCase(),
    headers: {
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(options.idempotencyKey === undefined ? {} : { 'idempotency-key': options.idempotencyKey }),
    },
    body: options.body === undefined ? null : JSON.stringify(options.body),
    signal: options.signal ?? AbortSignal.timeout(20_000),
  }).catch((error: unknown) => {
    if (options.signal?.aborted) throw error
    throw new Problem(0, 'UNREACHABLE', 'The service does not respond. The data shown may be outdated.')
  })
  noteServerTime(response.headers.get('date'), sentAt)
  const text = await response.text()
  if (response.ok) return text === '' ? undefined : JSON.parse(text)
  const problem = problemOf(response.status, text)
  if (problem.status === 401 && token) forgetSession()
  throw problem
}

function address(path: string, { path: parts = {}, query }: Options<unknown>): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(parts[name] ?? ''))
  const entries = Object.entries((query ?? {}) as Record<string, unknown>).filter(
    ([, value]) => value !== undefined && value !== '',
  )
  const search = new URLSearchParams(entries.map(([name, value]) => [name, String(value)])).toString()
  return search ? `${filled}?${search}` : filled
}

function problemOf(status: number, text: string): Problem {
  try {
    const { code, detail, errors } = JSON.parse(text) as Schemas['ProblemDto']
    return new Problem(status, code, detail, errors ?? [])
  } catch {
    return new Problem(status, 'UNKNOWN', `The service returned status ${status}.`)
  }
}
