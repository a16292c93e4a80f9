import { Injectable } from '@nestjs/common'
import type { Platform } from '../domain/channel.js'
import { ValidationFailed } from '../domain/errors.js'
import { Platforms } from './platforms.js'

/** Which connection drives a new channel. */
@Injectable()
export class ChannelConnections {
  constructor(private readonly platforms: Platforms) {}

  /** The only one of the platform. `field`: of the request. Throws ValidationFailed where it has several. */
  idFor({ platform }: { platform: Platform }, field: string): string {
    const [first, ...others] = this.platforms.usable(platform)
    if (first === undefined || others.length > 0) {
      throw ValidationFailed.of(field, `is required: there are several connections to ${platform}`)
    }
    return first.id
  }
}
