import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger'
import { IsBoolean, IsString, Length } from 'class-validator'
import { PLATFORMS } from '../domain/channel.js'
import { Optional } from '../infrastructure/http/requests/optional.js'
import type { DriftItem } from './drift/drift-store.js'
import { DRIFT_KINDS } from './drift/drift.js'
import { RUN_STATES, RUN_TRIGGERS, type ReconciliationRun } from './run/run-store.js'

const VALUE = { nullable: true, description: 'Tickets, a cap or a mode; for the stock gate the accounts that differ' }

export class StartRunBody {
  @ApiPropertyOptional({ description: 'If omitted, every event that is not closed or was closed recently' })
  @Optional()
  @IsString()
  @Length(1, 100)
  eventId?: string

  @ApiPropertyOptional({ description: 'Report drift without correcting it', default: false })
  @Optional()
  @IsBoolean()
  dryRun?: boolean
}

export class StartedRunDto {
  @ApiProperty() id!: string
}

export class RunDto {
  @ApiProperty() id!: string
  @ApiProperty({ enum: RUN_STATES }) state!: string
  @ApiProperty({ enum: RUN_TRIGGERS }) trigger!: string
  @ApiProperty() dryRun!: boolean
  @ApiProperty({ type: String, nullable: true }) eventId!: string | null
  @ApiProperty({ type: String, nullable: true }) requestedBy!: string | null
  @ApiProperty({ type: Number, nullable: true }) eventsTotal!: number | null
  @ApiProperty() eventsDone!: number
  @ApiProperty() itemCount!: number
  @ApiProperty({ type: String, nullable: true, description: 'Why the run failed' }) reason!: string | null
  @ApiProperty() startedAt!: string
  @ApiProperty({ type: String, nullable: true }) finishedAt!: string | null
}

export class DriftItemDto {
  @ApiProperty() id!: string
  @ApiProperty() runId!: string
  @ApiProperty() eventId!: string
  @ApiProperty({ enum: PLATFORMS, nullable: true, description: 'Null for the stock gate' }) channel!: string | null
  @ApiProperty({ enum: DRIFT_KINDS }) kind!: string
  @ApiPropertyOptional() externalOrderId?: string
  @ApiProperty(VALUE) ledger!: unknown
  @ApiProperty(VALUE) platform!: unknown
  @ApiProperty() corrected!: boolean
  @ApiProperty() detail!: string
  @ApiProperty() createdAt!: string
}

export class RunWithItemsDto extends RunDto {
  @ApiProperty({ type: [DriftItemDto], description: 'The first 1,000; `itemCount` is the total' })
  items!: DriftItemDto[]
}

export function runDto(run: ReconciliationRun, itemCount: number): RunDto {
  const { position: _position, attempts: _attempts, startedAt, finishedAt, ...fields } = run
  return {
    ...fields,
    itemCount,
    startedAt: startedAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
  }
}

export function itemDto({ externalOrderId, createdAt, ...item }: DriftItem): DriftItemDto {
  return {
    ...item,
    ...(externalOrderId === null ? {} : { externalOrderId }),
    createdAt: createdAt.toISOString(),
  }
}
