import { freePort, fetchRedisPackage, serverPlace } from '#embedded-services'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { temporaryDirectory } from '../../support/servers/directories.js'
import { eventually, redis } from '../../support/servers/embedded.js'

const hasApt = spawnSync('apt-get', ['--version']).status === 0
const OFFLINE = /resolve|Could not connect|Failed to fetch|timed out|Unable to fetch/

describe.runIf(hasApt)('fetchRedisPackage', () => {
  test(
    'fetches the Redis of the distribution once, which runs Lua with cjson',
    { timeout: 300_000 },
    async (context) => {
      const lines: string[] = []
      const signal = new AbortController().signal
      const place = serverPlace({
        name: 'traffic-police',
        dataDir: temporaryDirectory(),
        programsDir: null,
        durable: true,
        signal,
        log: (line) => lines.push(line),
      })
      const fetched = await fetchRedisPackage(place)
      context.skip(!fetched && OFFLINE.test(lines.join()), `no network: ${lines.at(-1)}`)
      expect(fetched, lines.join('\n')).not.toBeNull()
      expect(await fetchRedisPackage(place)).toEqual(fetched)
      expect(lines).toHaveLength(1)

      const port = await freePort()
      const environment = `LD_LIBRARY_PATH=${fetched?.libraries}`
      const args = [environment, fetched?.server ?? '', '--port', String(port), '--save', '']
      const server = spawn('/usr/bin/env', args, { cwd: place.home, stdio: 'ignore' })
      try {
        const script = "return cjson.encode({ time = redis.call('TIME')[1], sum = 1 + 2 })"
        const response = await eventually(() => redis(`redis://127.0.0.1:${port}`, 'EVAL', script, '0'))
        expect(JSON.parse(response as string)).toMatchObject({ sum: 3, time: expect.stringMatching(/^\d{10}$/) })
      } finally {
        const exit = once(server, 'exit')
        server.kill()
        await exit
      }
    },
  )
})
