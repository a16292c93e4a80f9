import { Controller, Get, Module, Post, type DynamicModule } from '@nestjs/common'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { AccountsModule } from '../../../src/accounts/accounts.module.js'
import { StoresModule } from '../../../src/adapters/stores.module.js'
import type { AuthenticatedUser } from '../../../src/accounts/authenticated-user.js'
import { CurrentUser } from '../../../src/accounts/current-user.js'
import { Clock } from '../../../src/infrastructure/time/clock.js'
import type { Config } from '../../../src/infrastructure/config/config.js'
import { Roles, type UserRole } from '../../../src/infrastructure/http/access.js'
import { InfrastructureModule } from '../../../src/infrastructure/infrastructure.module.js'
import { PrismaService } from '../../../src/infrastructure/prisma/prisma.service.js'
import { startTestApp, type TestApp } from '../service/app.js'
import { createTestDatabase, type TestDatabase } from '../servers/database.js'
import { sharedRedis } from '../servers/redis.js'

/** One route per access rule. */
@Controller('for')
class RoleProbeController {
  @Get('no-decorator')
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

/** The accounts module and the routes above. */
@Module({})
export class AccountsRoot {
  static of(config: Config): DynamicModule {
    const imports = [InfrastructureModule.of(config), StoresModule, AccountsModule]
    return { module: AccountsRoot, imports, controllers: [RoleProbeController] }
  }
}

/** Offset of the service's clock from real time; tests advance it. */
export const time = { aheadMs: 0 }

export interface Login {
  accessToken: string
  expiresAt: string
  sessionId: string
  user: { id: string; role: UserRole }
}

export let service: TestApp
export let prisma: PrismaService
/** The admin's token. */
export let admin: string
let database: TestDatabase
let counter = 0

/** Registers the hooks of a test file: starts the service before all tests, resets the clock before each, stops the service at the end. */
export function useAccounts(env: Record<string, string> = {}): void {
  beforeAll(async () => {
    database = await createTestDatabase()
    const root = (config: Config) => AccountsRoot.of(config)
    service = await startTestApp({ databaseUrl: database.url, redisUrl: await sharedRedis(), root, env })
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

/** A unique client address, so that rate limits of one test do not affect another. */
export function newIp(): string {
  return `10.2.${Math.floor(++counter / 250)}.${counter % 250}`
}

export async function createOperator(role: UserRole): Promise<{ id: string; email: string; token: string }> {
  const email = newEmail()
  const body = { email, name: 'Olga', role, password: PASSWORD }
  const created = await service.call<{ id: string }>('POST', '/operators', { token: admin, body })
  if (created.status !== 201) throw new Error(`${created.status}: ${JSON.stringify(created.body)}`)
  return { id: created.body.id, email, token: await service.login({ email, password: PASSWORD }) }
}

export async function createCustomer(): Promise<{ id: string; email: string; token: string }> {
  const email = newEmail()
  const body = { email, name: 'Carl', password: PASSWORD }
  const created = await service.call<{ id: string }>('POST', '/auth/register', { body, ip: newIp() })
  if (created.status !== 201) throw new Error(`${created.status}: ${JSON.stringify(created.body)}`)
  return { id: created.body.id, email, token: await service.login({ email, password: PASSWORD }) }
}

export function tryLogin(email: string, password: string, ip: string) {
  return service.call<Login>('POST', '/auth/login', { body: { email, password }, ip })
}
