import { describe, expect, it } from 'vitest'
import { parseRedisUrl } from './redis-url.js'

describe('parseRedisUrl', () => {
  it.each([
    ['redis://localhost', { kind: 'standalone', tls: false, host: 'localhost', port: 6379, db: 0 }],
    ['redis://127.0.0.1:6400/3', { kind: 'standalone', tls: false, host: '127.0.0.1', port: 6400, db: 3 }],
    ['redis://:p%40ss@r:1', { kind: 'standalone', tls: false, password: 'p@ss', host: 'r', port: 1, db: 0 }],
    ['rediss://u:p@r', { kind: 'standalone', tls: true, username: 'u', password: 'p', host: 'r', port: 6379, db: 0 }],
    ['redis://[::1]:6380', { kind: 'standalone', tls: false, host: '::1', port: 6380, db: 0 }],
    [
      'redis+cluster://:pw@a:7000,b,c:7002?tls=true',
      {
        kind: 'cluster',
        tls: true,
        password: 'pw',
        nodes: [
          { host: 'a', port: 7000 },
          { host: 'b', port: 6379 },
          { host: 'c', port: 7002 },
        ],
      },
    ],
    [
      'redis+sentinel://s1,s2:26380/primary/2?sentinelPassword=x',
      {
        kind: 'sentinel',
        tls: false,
        sentinels: [
          { host: 's1', port: 26_379 },
          { host: 's2', port: 26_380 },
        ],
        master: 'primary',
        db: 2,
        sentinelPassword: 'x',
      },
    ],
  ])('parses %s', (url, target) => {
    expect(parseRedisUrl(url)).toEqual(target)
  })

  it.each([
    'http://r',
    'redis://',
    'redis://a,b',
    'redis://a:0',
    'redis://a:99999',
    'redis://a/one',
    'redis://a/1/2',
    'redis+cluster://a,b/1',
    'redis+sentinel://a:26379',
    'redis://:%zz@a',
    'redis://a b',
  ])('rejects %s', (url) => {
    expect(() => parseRedisUrl(url)).toThrow()
  })
})
