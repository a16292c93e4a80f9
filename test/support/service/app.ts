import type { DynamicModule, Type } from '@nestjs/common'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import type { Response as InjectResponse, InjectOptions } from 'light-my-request'
import { FirstAdminService } from '../../../src/accounts/operators/first-admin.service.js'
import type { Config } from '../../../src/infrastructure/config/config.js'
import { loadConfig, withConfig } from '../../../src/infrastructure/config/load-config.js'
import { createHttpApp } from '../../../src/infrastructure/http/create-http-app.js'

export const ADMIN = { email: 'admin@example.com', password: 'admin password' }

export interface TestAppOptions {
  databaseUrl: string
  redisUrl: string
  /** The module under test, e.g. `(config) => AppModule.of(config)`. It imports `InfrastructureModule.of(config)`. */
  root: (config: Config) => Type | DynamicModule
  /** Environment variables. */
  env?: Record<string, string>
  /** Options without an environment variable. */
  config?: Partial<Config>
  /** False: the database has no user. */
  firstAdmin?: boolean
  /** Also listens on this port, or on a free one if true; `url` is the address. */
  listen?: boolean | number
}

export interface TestApp {
  app: NestFastifyApplication
  config: Config
  /** `http://127.0.0.1:<port>`; empty if the app does not listen. */
  url: string
  /** Calls a route under /api/v1 as the user of `token`. A path that starts with `//` is absolute: `//metrics` calls `/metrics`. */
  call<T = Record<string, unknown>>(method: Method, path: string, options?: CallOptions): Promise<ApiResponse<T>>
  /** Logs in and returns the access token. */
  login(credentials?: { email: string; password: string }): Promise<string>
  close(): Promise<void>
}

type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'

export interface CallOptions {
  token?: string
  body?: object
  headers?: Record<string, string>
  /** Client address of the call. */
  ip?: string
}

export interface ApiResponse<T> {
  status: number
  headers: InjectResponse['headers']
  /** The parsed body; undefined if it is empty, text if it is not JSON. */
  body: T
}

/** The service as it runs in production, on the given servers, with a first admin (`ADMIN`) and without log output. */
export async function startTestApp(options: TestAppOptions): Promise<TestApp> {
  const config = withConfig(testConfig(options), options.config ?? {})
  const app = await createHttpApp(options.root(config))
  await app.init()
  await app.getHttpAdapter().getInstance().ready()
  if (options.firstAdmin ?? true) await app.get(FirstAdminService, { strict: false }).ensureFirstAdmin()
  if (options.listen) await app.listen(options.listen === true ? 0 : options.listen, '127.0.0.1')
  const call = async <T>(method: Method, path: string, callOptions?: CallOptions): Promise<ApiResponse<T>> => {
    const response = await app.inject(toRequest(method, path, callOptions))
    return { status: response.statusCode, headers: response.headers, body: parse(response.body) as T }
  }
  return {
    app,
    config,
    url: options.listen ? (await app.getUrl()).replace('[::1]', '127.0.0.1') : '',
    call,
    async login(credentials = ADMIN) {
      const { status, body } = await call<{ accessToken: string }>('POST', '/auth/login', { body: credentials })
      if (status !== 200) throw new Error(`The login returned ${status}: ${JSON.stringify(body)}`)
      return body.accessToken
    },
    close: () => app.close(),
  }
}

function testConfig({ databaseUrl, redisUrl, env }: TestAppOptions): Config {
  return loadConfig({
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    AUTH_SECRET: 'a secret that only tests use',
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
    LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? 'silent',
    LOG_FORMAT: 'json',
    DEMO: 'off',
    // Tests send many requests as one customer.
    CUSTOMER_RATE_LIMIT: '100000/60',
    PAYMENTS: env?.['STRIPE_SECRET_KEY'] ? 'stripe' : 'simulated',
    ...env,
  })
}

function toRequest(method: Method, path: string, { token, body, headers, ip }: CallOptions = {}): InjectOptions {
  return {
    method,
    url: path.startsWith('//') ? path.slice(1) : `/api/v1${path}`,
    headers: { ...(token ? { authorization: `Bearer ${token}` } : {}), ...headers },
    ...(body ? { payload: body } : {}),
    ...(ip ? { remoteAddress: ip } : {}),
  }
}

function parse(body: string): unknown {
  if (body === '') return undefined
  try {
    return JSON.parse(body)
  } catch {
    return body
  }
}
