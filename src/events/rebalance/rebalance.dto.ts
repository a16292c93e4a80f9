import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger'
import { IsBoolean } from 'class-validator'
import { Optional } from '../../infrastructure/http/requests/optional.js'

export class RebalanceBody {
  @ApiPropertyOptional({ default: false, description: 'Plan the moves without applying them' })
  @Optional()
  @IsBoolean()
  dryRun?: boolean
}

export class MoveDto {
  @ApiProperty({ description: 'A platform, DIRECT or UNALLOCATED' }) from!: string
  @ApiProperty({ description: 'A platform or DIRECT' }) to!: string
  @ApiProperty({ type: String, nullable: true, description: 'Null: free units' }) fromChannelId!: string | null
  @ApiProperty() toChannelId!: string
  @ApiProperty() quantity!: number
  @ApiProperty() reason!: string
}

export class RebalanceDto {
  @ApiProperty({ type: [MoveDto] }) moves!: MoveDto[]
  @ApiProperty() applied!: boolean
}
