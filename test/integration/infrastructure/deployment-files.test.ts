import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const read = (name: string) => readFileSync(new URL(`../../../${name}`, import.meta.url), 'utf8')
const matches = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, found]) => found)

describe('The image', () => {
  const dockerfile = read('Dockerfile')

  it('gets no secrets, data or history of the machine that builds it', () => {
    const ignored = read('.dockerignore').split('\n')
    expect(ignored).toEqual(expect.arrayContaining(['.env', '.git', '.data', 'node_modules', '**/*.log']))
    expect(ignored.filter((line) => line.startsWith('!'))).toEqual([])
  })

  it('is built from official images of a fixed version, and runs no script of a package', () => {
    expect(new Set(matches(dockerfile, /^FROM (\S+)/gm))).toEqual(new Set(['node:22-bookworm-slim']))
    for (const command of matches(dockerfile, /(npm (?:ci|install|prune)[^&\n]*)/g))
      expect(command).toContain('--ignore-scripts')
    expect(dockerfile).not.toMatch(/^ADD |curl|wget/m)
  })

  it('runs without privileges, on files that its user cannot change', () => {
    const [, runtime = ''] = dockerfile.split(/^FROM (?!.* AS build)/m)
    expect(matches(runtime, /^USER (\S+)/gm)).toEqual(['node'])
    for (const line of matches(runtime, /^COPY (.+)/gm))
      expect(line).toMatch(line?.includes('sbom') ? /^--from=build/ : /^--from=build --chown=root:root/)
  })
})

describe('docker compose', () => {
  const compose = read('docker-compose.yml')

  it('publishes one port, to this machine only', () => {
    expect(matches(compose, /ports: (.+)/g)).toEqual(["['127.0.0.1:3000:3000']"])
  })

  it('trusts a proxy on this machine only, which is the gateway of its network', () => {
    const [trusted] = matches(compose, /TRUSTED_PROXIES: \$\{TRUSTED_PROXIES:-(\S+)\}/g)
    expect(matches(compose, /gateway: (\S+) \}/g)).toEqual([trusted])
  })

  it('requires the secrets, and has none itself', () => {
    for (const name of ['AUTH_SECRET', 'POSTGRES_PASSWORD', 'REDIS_PASSWORD'])
      expect(matches(compose, new RegExp(`\\$\\{(${name}[^?}]*)`, 'g')), name).toContain(`${name}:`)
    for (const value of matches(compose, /^ +\w*(?:SECRET|TOKEN|PASSWORD|KEY): (.+)$/gm)) expect(value).toMatch(/^\$\{/)
  })

  it('runs the service read-only and without new privileges, and only images of a fixed version', () => {
    const [service = ''] = compose.split('x-environment')
    expect(service).toMatch(/read_only: true/)
    expect(service).toMatch(/no-new-privileges:true/)
    expect(matches(compose, /image: (\S+)/g)).toEqual(['traffic-police', 'postgres:18', 'redis:8'])
    expect(compose).toMatch(/DEMO: 'off'/)
  })
})
