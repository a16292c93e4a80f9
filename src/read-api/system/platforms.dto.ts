import { ApiProperty } from '@nestjs/swagger'
import { PLATFORMS, type Platform } from '../../domain/channel.js'
import { BREAKER_STATES } from '../../platforms/http/breaker.js'

export class PlatformStateDto {
  @ApiProperty({ enum: PLATFORMS }) platform!: Platform
  @ApiProperty({ description: 'A connection has credentials' }) configured!: boolean
  @ApiProperty({ description: 'Sales are reported by webhooks; else they are polled' }) hasWebhooks!: boolean
  @ApiProperty({ description: 'Oversold tickets can be voided through its API' }) canVoid!: boolean
  @ApiProperty({ enum: BREAKER_STATES, description: 'The worst state across all processes that call the platform' })
  breaker!: string
  @ApiProperty({ type: Number, nullable: true, description: 'How long a call would wait for budget; null: unknown' })
  throttleWaitMs!: number | null
  @ApiProperty({ example: '2000/3600', description: 'Calls (Meetup: points) per seconds' }) rateLimit!: string
  @ApiProperty() asOf!: string
}
