import { Controller, Get, Global, Module } from '@nestjs/common'
import { ApiOkResponse, ApiProperty, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger'
import { HealthCheckService, TerminusModule, type HealthCheckResult } from '@nestjs/terminus'
import { Unavailable } from '../../domain/errors.js'
import { Public } from '../http/access.js'
import { Readiness } from './readiness.js'

class LiveDto {
  @ApiProperty({ enum: ['ok'] }) status!: 'ok'
}

/** By part. */
const PARTS = { type: 'object', additionalProperties: true } as const

/** As Terminus makes it. */
class ReadyDto {
  @ApiProperty({ enum: ['ok'] }) status!: string
  @ApiProperty(PARTS) info!: object
  @ApiProperty(PARTS) error!: object
  @ApiProperty(PARTS) details!: object
}

@ApiTags('health')
@Controller('health')
class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly readiness: Readiness,
  ) {}

  @Public()
  @Get('live')
  @ApiOkResponse({ description: 'The process is running', type: LiveDto })
  live(): LiveDto {
    return { status: 'ok' }
  }

  @Public()
  @Get('ready')
  @ApiOkResponse({ description: 'All parts work', type: ReadyDto })
  @ApiServiceUnavailableResponse({ description: '`errors` names the failing parts' })
  async ready(): Promise<HealthCheckResult> {
    try {
      return await this.health.check(this.readiness.indicatorsOfAllParts())
    } catch (error) {
      throw nameFailingParts(error)
    }
  }
}

/** Terminus throws its result inside an HTTP exception. */
function nameFailingParts(thrown: unknown): unknown {
  if (!(thrown instanceof Error) || !('getResponse' in thrown) || typeof thrown.getResponse !== 'function')
    return thrown
  const { error: parts } = thrown.getResponse() as Pick<HealthCheckResult, 'error'>
  const errors = Object.entries(parts ?? {}).map(([field, part]) => {
    const message: unknown = part?.['message']
    return { field, message: typeof message === 'string' ? message : 'is down' }
  })
  return new Unavailable(`Not ready: ${errors.map(({ field }) => field).join(', ')}`, { errors, retryAfterSeconds: 5 })
}

@Global()
@Module({
  imports: [TerminusModule.forRoot({ logger: false })],
  controllers: [HealthController],
  providers: [Readiness],
  exports: [Readiness],
})
export class HealthModule {}
