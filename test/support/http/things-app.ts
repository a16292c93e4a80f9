import { Body, Controller, Get, HttpCode, Module, Param, Post, Query, type DynamicModule } from '@nestjs/common'
import { Type } from 'class-transformer'
import { IsIn, IsInt, IsNumber, IsString, Max, Min, ValidateNested } from 'class-validator'
import { AccountsModule } from '../../../src/accounts/accounts.module.js'
import { StoresModule } from '../../../src/adapters/stores.module.js'
import { HoldExpired, RateLimited, SoldOut } from '../../../src/domain/errors.js'
import type { Config } from '../../../src/infrastructure/config/config.js'
import { Public } from '../../../src/infrastructure/http/access.js'
import { LimitByAddress } from '../../../src/infrastructure/http/address-limit.js'
import { PageQuery } from '../../../src/infrastructure/http/requests/pagination.js'
import { Optional } from '../../../src/infrastructure/http/requests/optional.js'
import { InfrastructureModule } from '../../../src/infrastructure/infrastructure.module.js'
import { correlationId } from '../../../src/infrastructure/logging/correlation.js'
import { startTestApp, type TestApp } from '../service/app.js'
import { createTestDatabase } from '../servers/database.js'
import { sharedRedis } from '../servers/redis.js'

class Channel {
  @IsIn(['LUMA', 'MEETUP'])
  platform!: string

  @Optional()
  @IsNumber()
  @Min(0)
  weight?: number
}

class Thing {
  @IsInt()
  @Max(10)
  quantity!: number

  @Optional()
  @ValidateNested({ each: true })
  @Type(() => Channel)
  channels?: Channel[]

  @Optional()
  @IsString()
  note?: string
}

/** Requests to `things/waiting` wait until this is called. */
export let releaseWaiting: () => void = () => undefined

@Public()
@Controller('things')
class ThingsController {
  @Post()
  create(@Body() body: Thing): object {
    return { got: body, isThing: body instanceof Thing, correlationId: correlationId() }
  }

  @Get()
  list(@Query() query: PageQuery): object {
    return query
  }

  @Post(':id/pause')
  pause(@Param('id') id: string): object {
    return { characters: id.length }
  }

  @Get('sold-out')
  soldOut(): never {
    throw new SoldOut('No tickets are left.')
  }

  @Get('expired')
  expired(): never {
    throw new HoldExpired('The hold has expired.')
  }

  @Get('slow-down')
  slowDown(): never {
    throw new RateLimited('Slow down.', { retryAfterSeconds: 7.2 })
  }

  @Get('waiting')
  async waiting(): Promise<object> {
    await new Promise<void>((resolve) => {
      const before = releaseWaiting
      releaseWaiting = () => {
        before()
        resolve()
      }
    })
    return {}
  }

  @Get('broken')
  broken(): never {
    throw new Error('the password of the database is hunter2')
  }

  @LimitByAddress(3)
  @Get('scarce')
  scarce(): object {
    return {}
  }
}

@Public()
@Controller('webhooks')
class HookController {
  @Post('luma')
  @HttpCode(202)
  receive(@Body() body: unknown): object {
    return { raw: Buffer.isBuffer(body) ? body.toString('utf8') : null, id: correlationId() }
  }
}

@Module({})
class RootModule {
  static of(config: Config): DynamicModule {
    return {
      module: RootModule,
      imports: [InfrastructureModule.of(config), StoresModule, AccountsModule],
      controllers: [ThingsController, HookController],
    }
  }
}

/** The HTTP side of the service with routes of its own: bodies, queries, problems and limits without business rules. */
export interface ThingsApp {
  service: TestApp
  /** Sends the body unchanged. */
  send(
    path: string,
    body: string | Buffer,
    contentType?: string,
  ): Promise<{ status: number; body: string; type: string }>
  stop(): Promise<void>
}

/** `env`: environment variables of the service. */
export async function startThingsApp(env: Record<string, string> = {}): Promise<ThingsApp> {
  const database = await createTestDatabase()
  const service = await startTestApp({
    databaseUrl: database.url,
    redisUrl: await sharedRedis(),
    root: (config) => RootModule.of(config),
    env,
    listen: true,
  })
  return {
    service,
    async send(path, body, contentType) {
      const response = await fetch(`${service.url}${path}`, {
        method: 'POST',
        body,
        headers: contentType ? { 'content-type': contentType } : {},
      })
      return { status: response.status, body: await response.text(), type: response.headers.get('content-type') ?? '' }
    },
    async stop() {
      await service.close()
      await database.drop()
    },
  }
}
