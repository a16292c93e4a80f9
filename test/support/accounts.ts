import { Controller, Get, Module, Post, type DynamicModule } from '@nestjs/common'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { AccountsModule } from '../../src/accounts/accounts.module.js'
import type { AuthenticatedUser } from '../../src/accounts/authenticated-user.js'
import { CurrentUser } from '../../src/accounts/current-user.js'
import { Clock } from '../../src/infrastructure/clock.js'
import type { Config } from '../../src/infrastructure/config/config.js'
import { Roles, type AccountRole } from '../../src/infrastructure/http/access.js'
import { InfrastructureModule } from '../../src/infrastructure/infrastructure.module.js'
import { PrismaService } from '../../src/infrastructure/prisma/prisma.service.js'
import { startTestApp, type TestApp } from './app.js'
import { createTestDatabase, type TestDatabase } from './database.js'
import { sharedRedis } from './redis.js'

@Controller('for')
class DoorsController {
  @Get('nobody-said')
  undecorated(): object {
    return {}
  }

  @Roles('OPERATOR')
  @Get('operator')
  operator(@CurrentUser() user: AuthenticatedUser): AuthenticatedUser {
    return user
  }

  @Roles('VIEWER')
  @Get('viewer')
  viewer(): object {
    return {}
  }

  @Roles('CUSTOMER')
  @Get('customer')
  customer(): object {
    return {}
  }

  @Roles('CUSTOMER')
  @Post('customer')
  change(): object {
    return {}
  }
}

/** Accounts, and a door for each role. */
@Module({})
export class AccountsRoot {
  static of(config: Config): DynamicModule {
    const imports = [InfrastructureModule.of(config), AccountsModule]
    return { module: AccountsRoot, imports, controllers: [DoorsController] }
  }
}

/** Real time, moved on by tests. */
export const time = { aheadMs: 0 }

export interface Login {
  accessToken: string
  expiresAt: string
  sessionId: string
  user: { id: string; role: AccountRole }
}

export let service: TestApp
export let prisma: PrismaService
/** The admin's token. */
export let admin: string
let database: TestDatabase
let counter = 0

/** For a test file: the service before all of it, real time before each test, and the end after it. */
export function useAccounts(): void {
  beforeAll(async () => {
    database = await createTestDatabase()
    const root = (config: Config) => AccountsRoot.of(config)
    service = await startTestApp({ databaseUrl: database.url, redisUrl: await sharedRedis(), root })
    service.app.get(Clock).now = () => new Date(Date.now() + time.aheadMs)
    prisma = service.app.get(PrismaService)
    admin = await service.login()
  })
  beforeEach(() => {
    time.aheadMs = 0
  })
  afterAll(async () => {
    await service?.close()
    await database?.drop()
  })
}

export const PASSWORD = 'a good password'

export function newEmail(): string {
  return `someone${++counter}@example.com`
}

/** From an address of its own, so that limits of one test do not touch another. */
export function newIp(): string {
  return `10.2.${Math.floor(++counter / 250)}.${counter % 250}`
}

export async function makeOperator(role: AccountRole): Promise<{ id: string; email: string; token: string }> {
  const email = newEmail()
  const body = { email, name: 'Olga', role, password: PASSWORD }
  const made = await service.call<{ id: string }>('POST', '/operators', { token: admin, body })
  if (made.status !== 201) throw new Error(`${made.status}: ${JSON.stringify(made.body)}`)
  return { id: made.body.id, email, token: await service.login({ email, password: PASSWORD }) }
}

export async function makeCustomer(): Promise<{ id: string; email: string; token: string }> {
  const email = newEmail()
  const body = { email, name: 'Carl', password: PASSWORD }
  const made = await service.call<{ id: string }>('POST', '/auth/register', { body, ip: newIp() })
  if (made.status !== 201) throw new Error(`${made.status}: ${JSON.stringify(made.body)}`)
  return { id: made.body.id, email, token: await service.login({ email, password: PASSWORD }) }
}

export function tryLogin(email: string, password: string, ip: string) {
  return service.call<Login>('POST', '/auth/login', { body: { email, password }, ip })
}
