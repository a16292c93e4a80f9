import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { describe, expect, it } from 'vitest'
import { environment, GROUPS, infoOf } from '../environment.js'
import { loadConfig } from '../load-config.js'
import { allGroups } from './entries.js'
import { envExample } from './env-example.js'
import { referenceFiles } from './files.js'

const ROOT = new URL('../../../../', import.meta.url)
const NAMES = Object.keys(environment.shape)
const VARIABLES = allGroups().flatMap(({ variables }) => variables)
/** .env.example as a shell and Docker Compose read it once every assignment is uncommented. */
const uncommented = () => parseEnv(envExample().replaceAll(/^# (?=[A-Z][A-Z\d_]*=)/gm, ''))

describe('the reference of the configuration', () => {
  it.each(referenceFiles())('%s is what the schema generates', (path, content) => {
    expect(readFileSync(new URL(path, ROOT), 'utf8'), `${path} is out of date: run npm run config:docs`).toBe(content)
  })

  it('lists every variable once, in the order of the schema', () => {
    expect(GROUPS.flatMap(({ variables }) => Object.keys(variables))).toEqual(NAMES)
    expect(new Set(VARIABLES.map(({ name }) => name)).size).toBe(VARIABLES.length)
  })

  it.each(VARIABLES)('describes $name in one sentence', ({ description }) => {
    expect(description).toMatch(/^[A-Z`].*\.$/)
    expect(description).not.toMatch(/\. [A-Z]/)
  })

  it.each(NAMES.filter((name) => !infoOf(name).isSecret))('shows an example of %s that is valid', (name) => {
    const schema = environment.shape[name as keyof typeof environment.shape]
    expect(schema.safeParse(infoOf(name).example).error).toBeUndefined()
  })

  it('rejects a variable that is not declared', () => {
    expect(() => infoOf('SOMETHING_ELSE')).toThrow('SOMETHING_ELSE is not declared')
  })
})

describe('.env.example', () => {
  it('assigns an example to every variable, and nothing to a secret', () => {
    const examples = VARIABLES.map(({ name, example, isSecret }) => [name, isSecret ? '' : example])
    expect(uncommented()).toEqual(Object.fromEntries(examples))
    expect(VARIABLES.filter(({ isSecret }) => isSecret).length).toBeGreaterThan(10)
  })

  it('is a valid configuration once its secrets are added', () => {
    const { MEETUP_CLIENT_KEY: _1, MEETUP_MEMBER_ID: _2, MEETUP_SIGNING_KEY_ID: _3, ...variables } = uncommented()
    const secrets = { AUTH_SECRET: 'sixteen letters!', STRIPE_SECRET_KEY: 'sk_live_1' }
    expect(loadConfig({ ...variables, ...secrets }).reconcile.cron).toBe('0 3 * * *')
  })
})
