import { ApiProperty } from '@nestjs/swagger'

/** `REMOVED`: the simulated platforms stay until the service is started again. */
export const DEMO_STATES = ['RUNNING', 'REMOVED', 'NONE'] as const
export type DemoState = (typeof DEMO_STATES)[number]

export class DemoDto {
  @ApiProperty({
    enum: DEMO_STATES,
    description:
      'RUNNING: the platforms are simulated. REMOVED: until the service is started again. NONE: they are real',
  })
  state!: DemoState
}
