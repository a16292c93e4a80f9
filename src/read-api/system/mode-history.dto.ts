import { ApiProperty } from '@nestjs/swagger'

export class ModeTransitionDto {
  @ApiProperty() id!: string
  @ApiProperty({ enum: ['NORMAL', 'FAIL_SAFE'] }) mode!: string
  @ApiProperty() forced!: boolean
  @ApiProperty({ example: 'redis' }) cause!: string
  @ApiProperty({ type: String, nullable: true }) reason!: string | null
  @ApiProperty({ type: String, nullable: true }) actor!: string | null
  @ApiProperty() at!: string
}
