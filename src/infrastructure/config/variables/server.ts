import { integer, oneOf, redisUrl, text, trustedProxies, url } from '../env-parsers.js'
import { optional, variable } from '../variable.js'

/** Where the service listens, which part of it a process runs, and where its data is. */
export const server = {
  PORT: variable(integer(0, 65_535), { default: '3000', description: 'Port of the HTTP server; 0: any free one.' }),
  HOST: variable(text(), {
    default: '127.0.0.1',
    description: 'Address the HTTP server listens on; `0.0.0.0`: all of them.',
  }),
  PUBLIC_URL: optional(url('http', 'https'), {
    unset: '`http://HOST:PORT`',
    example: 'https://tickets.example.com',
    description:
      'Address at which customers and platforms reach the service: the base of links in mails and of webhooks.',
  }),
  TRUSTED_PROXIES: optional(trustedProxies, {
    unset: 'none: the address of a client is that of its connection',
    example: '10.0.0.0/8,fd00::/8',
    description:
      'Proxies whose `X-Forwarded-For`, `X-Forwarded-Proto`, `x-request-id` and `traceparent` are trusted: addresses or networks, or how many are in front of the service (1 to 10; only if clients cannot connect past them).',
  }),
  ROLE: variable(oneOf('all', 'api', 'worker'), {
    default: 'all',
    description: 'What the process runs: the HTTP server (`api`), the background jobs (`worker`), or both.',
  }),
  DATABASE_URL: optional(url('postgresql', 'postgres'), {
    unset: 'embedded server',
    example: 'postgresql://user:password@127.0.0.1:5432/traffic_police',
    description: 'The PostgreSQL database.',
  }),
  REDIS_URL: optional(redisUrl, {
    unset: 'embedded server',
    example: 'redis://127.0.0.1:6379',
    description:
      'The Redis server; `rediss://` uses TLS, `redis+sentinel://h1:26379,h2:26379/master` and `redis+cluster://h1:6379,h2:6379` take several hosts.',
  }),
  DATA_DIR: variable(text(), {
    default: '.data',
    description: 'Folder for the data of the embedded servers and generated secrets.',
  }),
  QUEUE_BROWSER_WRITES: variable(oneOf('on', 'off'), {
    default: 'off',
    description: 'Whether admins can change queues and jobs in the queue browser; every change is audited.',
  }),
  DEMO: optional(oneOf('on', 'off'), {
    unset: '`on` with embedded servers and without platform credentials until an admin removes the demo, else `off`',
    example: 'off',
    description: 'Whether simulated platforms and an event on sale are started (with `ROLE=all`).',
  }),
}
