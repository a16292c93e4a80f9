import { Body, Controller, Get, Logger, Module, Param, Post, type DynamicModule } from '@nestjs/common'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { AccountsModule } from '../../../src/accounts/accounts.module.js'
import { StoresModule } from '../../../src/adapters/stores.module.js'
import type { Config } from '../../../src/infrastructure/config/config.js'
import { Public } from '../../../src/infrastructure/http/access.js'
import { InfrastructureModule } from '../../../src/infrastructure/infrastructure.module.js'
import { MailSender } from '../../../src/infrastructure/mail/mail-sender.js'
import { withCorrelation } from '../../../src/infrastructure/logging/correlation.js'
import { ADMIN, startTestApp, type TestApp } from '../../support/service/app.js'
import { createTestDatabase, type TestDatabase } from '../../support/servers/database.js'
import { sharedRedis } from '../../support/servers/redis.js'

type Line = Record<string, unknown>

const lines: string[] = []
const sink = { write: (line: string) => void lines.push(line) }

@Public()
@Controller()
class NoisyController {
  private readonly logger = new Logger('Noisy')

  @Post('orders')
  create(@Body() _order: object): object {
    this.logger.log({ buyer: { name: 'Jane Doe', email: 'jane@example.com' }, quantity: 2 }, 'Order taken')
    this.logger.warn('A plain line')
    return {}
  }

  @Get('broken')
  broken(): never {
    throw Object.assign(new Error('it broke'), { config: { headers: { authorization: 'Bearer hunter2' } } })
  }

  @Post('webhooks/eventbrite/:token')
  receive(@Param('token') _token: string): object {
    return {}
  }
}

@Module({})
class RootModule {
  static of(config: Config): DynamicModule {
    const imports = [InfrastructureModule.of(config, sink), StoresModule, AccountsModule]
    return { module: RootModule, imports, controllers: [NoisyController] }
  }
}

let database: TestDatabase
let service: TestApp

beforeAll(async () => {
  database = await createTestDatabase()
  const root = (config: Config) => RootModule.of(config)
  service = await startTestApp({
    databaseUrl: database.url,
    redisUrl: await sharedRedis(),
    root,
    env: { LOG_LEVEL: 'debug', TRUSTED_PROXIES: '127.0.0.1' },
  })
})

afterAll(async () => {
  await service?.close()
  await database?.drop()
})

beforeEach(() => {
  lines.length = 0
})

function logged(): Line[] {
  return lines.map((line) => JSON.parse(line) as Line)
}

describe('Log lines', () => {
  it('carry the id of their request, and redact personal data', async () => {
    await service.call('POST', '/orders', { headers: { 'x-request-id': 'req-7' }, body: { any: 1 } })
    expect(logged()).toMatchObject([
      {
        level: 'info',
        context: 'Noisy',
        correlationId: 'req-7',
        msg: 'Order taken',
        quantity: 2,
        buyer: { name: '[redacted]', email: '[redacted]' },
      },
      { level: 'warn', context: 'Noisy', correlationId: 'req-7', msg: 'A plain line' },
      { level: 'info', context: 'Http', correlationId: 'req-7', method: 'POST', path: '/api/v1/orders', status: 201 },
    ])
    expect(lines.join('')).not.toContain('Jane')
  })

  it('carry the id of their job', () => {
    withCorrelation('job-9', () => new Logger('Worker').log('working'))
    new Logger('Worker').log('idle')
    expect(logged()[0]).toMatchObject({ correlationId: 'job-9', msg: 'working' })
    expect(logged()[1]).not.toHaveProperty('correlationId')
  })

  it('contain the stack of an unexpected error, but none of its properties', async () => {
    await service.call('GET', '/broken?email=jane@example.com', { headers: { 'x-request-id': 'req-8' } })
    const [error, request] = logged()
    expect(error).toMatchObject({
      level: 'error',
      correlationId: 'req-8',
      msg: 'Unhandled error',
      err: { message: 'it broke' },
    })
    expect(error).toMatchObject({ err: { stack: expect.stringContaining('logs.test') } })
    expect(request).toMatchObject({ level: 'error', path: '/api/v1/broken', status: 500 })
    expect(lines.join('')).not.toMatch(/hunter2|jane/)
  })

  it('never contain the token of a webhook address, whether its route exists or not', async () => {
    for (const path of [
      '//webhooks/eventbrite/very-secret',
      '//webhooks/eventbrite/very-secret/x',
      '//WebHooks/eventbrite/very-secret?a=1',
    ]) {
      await service.call('POST', path)
    }
    expect(logged().filter(({ context }) => context === 'Http')).toHaveLength(3)
    expect(lines.join('')).not.toContain('very-secret')
    expect(lines.join('')).toContain('/webhooks/eventbrite/[token]')
  })

  it('contain mails in full when no mail server is configured', async () => {
    const mail = {
      kind: 'OFFER',
      recipient: 'ana@example.com',
      subject: 'Your tickets',
      text: 'Hello Ana\nhttps://…',
    } as const
    await new MailSender(service.config).send('mail_1', mail)
    const [line] = logged()
    expect(line).toMatchObject({ level: 'info', context: 'Mail' })
    for (const part of Object.values(mail)) expect(line?.['msg']).toContain(part)
  })

  it('never contain a password or a token', async () => {
    const token = await service.login()
    await service.call('POST', '/auth/login', { body: { ...ADMIN, password: 'a wrong password' } })
    await service.call('GET', '/auth/sessions', { token })
    expect(lines.length).toBeGreaterThan(2)
    const text = lines.join('')
    for (const secret of [ADMIN.password, 'a wrong password', token, ADMIN.email]) expect(text).not.toContain(secret)
  })
})
