import { ApiProperty } from '@nestjs/swagger'

/** The response to what is stored or queued, or needs no work. */
export class AcceptedDto {
  @ApiProperty({ enum: [true] }) accepted!: true
}

export const ACCEPTED: AcceptedDto = { accepted: true }
