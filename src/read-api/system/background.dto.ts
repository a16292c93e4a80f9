import { ApiProperty } from '@nestjs/swagger'
import { TASK_KINDS } from '../../infrastructure/background/background-task.js'
import type { TaskStatus } from '../../infrastructure/background/background-tasks.js'

export class BackgroundTaskDto {
  @ApiProperty({ enum: TASK_KINDS }) kind!: string
  @ApiProperty({ description: 'Unique within its kind', example: 'pending sweep' }) name!: string
  @ApiProperty({ description: 'This process runs it; tasks of workers do not run in the `api` role' }) started!: boolean
  @ApiProperty({ type: Number, nullable: true, description: 'Pause between runs; null: runs when something happens' })
  everyMs!: number | null
  @ApiProperty({ description: 'Runs since the process was started' }) runs!: number
  @ApiProperty() failuresInARow!: number
  @ApiProperty({ type: String, nullable: true, description: 'Null: has not run yet' }) lastStartedAt!: string | null
  @ApiProperty({ type: Number, nullable: true, description: 'Of the run that ended last' })
  lastDurationMs!: number | null
  @ApiProperty({ type: String, nullable: true, description: 'Of the last failed run, even if a later one succeeded' })
  lastError!: string | null
}

export function backgroundTaskDto({ runsIn: _, lastStartedAt, ...status }: TaskStatus): BackgroundTaskDto {
  return { ...status, lastStartedAt: lastStartedAt?.toISOString() ?? null }
}
