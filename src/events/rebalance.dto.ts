import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger'
import { IsBoolean } from 'class-validator'
import { Optional } from '../infrastructure/http/optional.js'

export class RebalanceBody {
  @ApiPropertyOptional({ default: false, description: 'Plan the moves without applying them' })
  @Optional()
  @IsBoolean()
  dryRun?: boolean
}

export class MoveDto {
  @ApiProperty() from!: string
  @ApiProperty() to!: string
  @ApiProperty() quantity!: number
  @ApiProperty() reason!: string
}

export class RebalanceDto {
  @ApiProperty({ type: [MoveDto] }) moves!: MoveDto[]
  @ApiProperty() applied!: boolean
}
